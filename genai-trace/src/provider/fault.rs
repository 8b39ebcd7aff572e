//! Error bodies: what providers say went wrong.

use serde_json::Value as Json;

use super::facts::Fault;
use super::json::{object, said};
use super::origin::Origin;

/// The header in which AWS names an error.
const AWS_ERROR: &str = "x-amzn-errortype";

/// What `body`, which is that of an error, says went wrong.
pub(super) fn fault(body: &Json, origin: &Origin<'_>) -> Fault {
    // Gemini's endpoint for OpenAI's form puts its error into a list.
    let body = body.get(0).unwrap_or(body);
    let inner = object(body, "error").unwrap_or(body);
    let message = said(inner, "message").or_else(|| {
        ["error", "detail", "message", "Message"]
            .into_iter()
            .find_map(|key| said(body, key))
    });
    Fault {
        error_type: error_type(inner, origin),
        message: message.map(str::to_owned),
    }
}

/// What stands in `error` of a body or of a part of a stream; none where there is none.
pub(super) fn fault_within(body: &Json, origin: &Origin<'_>) -> Option<Fault> {
    match body.get("error")? {
        Json::Object(_) => Some(fault(body, origin)),
        Json::String(message) if !message.is_empty() => Some(fault(body, origin)),
        _ => None,
    }
}

/// Its code, else its type, else its status: a number is neither, since it only repeats a status.
fn error_type(inner: &Json, origin: &Origin<'_>) -> Option<String> {
    let word = |key| said(inner, key).filter(|text| !is_number(text));
    // `error` is the type of an error body in some forms, and says nothing more than that.
    let found = word("code")
        .or_else(|| word("type").filter(|text| *text != "error"))
        .or_else(|| word("status"))
        .or_else(|| said(inner, "__type").map(plain_aws))
        .or_else(|| origin.header(AWS_ERROR).map(plain_aws))
        .or_else(|| said(inner, "code"));
    if let Some(found) = found {
        return Some(found.to_owned());
    }
    let status = origin.failure().map(u64::from);
    let code = || {
        ["code", "status_code", "status"]
            .into_iter()
            .find_map(|key| inner.get(key).and_then(Json::as_u64))
    };
    status.or_else(code).map(|status| status.to_string())
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `name` of `namespace#name:link`.
fn plain_aws(name: &str) -> &str {
    let name = name.split(':').next().unwrap_or(name);
    name.rsplit('#').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::fault;
    use crate::provider::Origin;

    fn error_type(body: &serde_json::Value, origin: &Origin<'_>) -> Option<String> {
        fault(body, origin).error_type
    }

    #[test]
    fn the_code_goes_before_the_type_and_the_type_before_the_status() {
        let origin = Origin::default().status(404);
        for (body, expected) in [
            (
                json!({"error": {"code": "no_such_model", "type": "invalid"}}),
                "no_such_model",
            ),
            (
                json!({"error": {"code": null, "type": "invalid"}}),
                "invalid",
            ),
            (
                json!({"error": {"code": 404, "status": "NOT_FOUND"}}),
                "NOT_FOUND",
            ),
            (
                json!({"object": "error", "code": "1500", "type": "no_such_model"}),
                "no_such_model",
            ),
            (
                json!({"code": "bad-argument", "error": "The key is wrong."}),
                "bad-argument",
            ),
            (
                json!({"type": "error", "error": {"type": "overloaded"}}),
                "overloaded",
            ),
            (
                json!([{"error": {"code": 404, "status": "NOT_FOUND"}}]),
                "NOT_FOUND",
            ),
            (json!({"error": "no such model"}), "404"),
            (json!({"detail": "Unauthorized"}), "404"),
            (json!({"error": {"code": 400}}), "404"),
            (json!({}), "404"),
        ] {
            assert_eq!(
                error_type(&body, &origin).as_deref(),
                Some(expected),
                "{body}"
            );
        }
    }

    #[test]
    fn a_number_is_taken_where_the_response_had_no_status_of_a_failure() {
        let body = json!({"error": {"code": 502, "message": "upstream"}});
        let said = fault(&body, &Origin::default().status(200));
        assert_eq!(said.error_type.as_deref(), Some("502"));
        assert_eq!(said.message.as_deref(), Some("upstream"));
    }

    #[test]
    fn what_aws_names_in_a_header_or_a_type_is_taken_without_its_namespace() {
        let headers = [("X-Amzn-ErrorType", "ThrottlingException:http://internal/")];
        let origin = Origin::default().status(429).headers(&headers);
        assert_eq!(
            error_type(&json!({"message": "slow down"}), &origin).as_deref(),
            Some("ThrottlingException")
        );
        let body = json!({"__type": "com.amazon#AccessDeniedException"});
        assert_eq!(
            error_type(&body, &Origin::default().status(403)).as_deref(),
            Some("AccessDeniedException")
        );
    }
}
