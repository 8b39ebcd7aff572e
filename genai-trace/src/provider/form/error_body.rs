//! Error bodies, which say the same in most forms.

use serde_json::Value as Json;

use super::{Form, Merge};
use crate::provider::facts::ChatFacts;
use crate::provider::fault::{fault, fault_within};
use crate::provider::json::{object, said};
use crate::provider::origin::Origin;
use crate::provider::request_facts::RequestFacts;

/// Error bodies.
#[derive(Debug)]
pub(super) struct ErrorBody;

impl Form for ErrorBody {
    fn is_request(&self, _: &Json, _: &Origin<'_>) -> bool {
        false
    }

    fn is_response(&self, body: &Json, _: &Origin<'_>) -> bool {
        is_error(body)
    }

    fn is_chunk(&self, event: Option<&str>, body: &Json, _: &Origin<'_>) -> bool {
        is_error(body) || (event == Some("error") && body.is_object())
    }

    fn request(&self, _: &Json, _: &Origin<'_>) -> RequestFacts {
        RequestFacts::default()
    }

    fn response(&self, body: &Json, origin: &Origin<'_>) -> ChatFacts {
        ChatFacts {
            error: Some(fault(body, origin)),
            ..ChatFacts::default()
        }
    }

    fn merge(&self, _: bool) -> Box<dyn Merge> {
        Box::new(ErrorStream::default())
    }
}

/// Whether `body` is an error in the words of some provider: an `error` that has a message, or that is
/// one beside a code, or a body that calls itself an error.
fn is_error(body: &Json) -> bool {
    let body = body.get(0).unwrap_or(body);
    if let Some(error) = object(body, "error") {
        return said(error, "message").is_some()
            && ["code", "type", "status", "param"]
                .into_iter()
                .any(|key| error.get(key).is_some());
    }
    let calls_itself_one = said(body, "object") == Some("error");
    // What an SDK keeps of OpenAI's.
    let is_bare = || {
        let members = ["type", "param", "code"];
        members.into_iter().all(|key| body.get(key).is_some())
    };
    (calls_itself_one || is_bare()) && said(body, "message").is_some()
        || said(body, "error").is_some() && said(body, "code").is_some()
}

/// A stream that is an error from its first part on.
#[derive(Debug, Default)]
struct ErrorStream {
    facts: ChatFacts,
}

impl Merge for ErrorStream {
    fn take(&mut self, event: Option<&str>, body: &Json) {
        if self.facts.error.is_none() {
            let origin = Origin::default();
            self.facts.error = match event {
                Some("error") => Some(fault(body, &origin)),
                _ => fault_within(body.get(0).unwrap_or(body), &origin)
                    .or_else(|| is_error(body).then(|| fault(body, &origin))),
            };
        }
    }

    fn facts(&self) -> ChatFacts {
        self.facts.clone()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::provider::{Origin, StreamReader, response};

    #[test]
    fn an_error_is_known_without_a_status() {
        for body in [
            json!({"error": {"message": "no", "type": "bad_request"}}),
            json!({"message": "no", "type": "bad_request", "param": null, "code": null}),
            json!({"object": "error", "message": "no", "type": "bad_request"}),
        ] {
            let error = response(&body, &Origin::default()).unwrap().error.unwrap();
            assert_eq!(error.error_type.as_deref(), Some("bad_request"), "{body}");
        }
    }

    #[test]
    fn a_foreign_error_is_nobodys() {
        for body in [
            json!({"error": "not found"}),
            json!({"error": null}),
            json!({"error": {"line": 3}}),
            json!({"message": "no"}),
            json!({"id": 1}),
        ] {
            assert_eq!(response(&body, &Origin::default()), None, "{body}");
        }
    }

    #[test]
    fn whatever_a_failure_says_it_is_one() {
        let facts = response(&json!("no"), &Origin::default().status(503)).unwrap();
        assert_eq!(facts.error.unwrap().error_type.as_deref(), Some("503"));
    }

    #[test]
    fn a_stream_may_be_an_error_from_the_start() {
        let mut stream = StreamReader::new(&Origin::default());
        stream.part(
            Some("error"),
            &json!({"message": "no", "code": "overloaded"}),
        );
        let error = stream.facts().unwrap().error.unwrap();
        assert_eq!(error.error_type.as_deref(), Some("overloaded"));
        assert_eq!(error.message.as_deref(), Some("no"));
    }
}
