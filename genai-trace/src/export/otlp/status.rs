//! What a status of gRPC means for a request, by the specification of OTLP.

use std::error::Error;
use std::time::Duration;

use prost::Message;
use tonic::{Code, Status};

use super::grpc::cause;
use super::retry::{Answer, LONGEST_ASKED, shortened};

/// What servers say of a message that is larger than they take, each in its own words.
const TOO_LARGE: [&str; 3] = ["too large", "larger than", "exceeds"];

/// What a status means.
pub(super) fn answer(status: &Status) -> Answer {
    let after = retry_info(status.details());
    let cause = said(status);
    match status.code() {
        Code::ResourceExhausted | Code::OutOfRange if is_too_large(status.message()) => {
            Answer::TooLarge(cause)
        }
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unavailable
        | Code::DataLoss => Answer::Later { after, cause },
        // Only a backend that says when may be asked again.
        Code::ResourceExhausted if after.is_some() => Answer::Later { after, cause },
        // Nobody has answered.
        _ if status.source().is_some() => Answer::Later { after: None, cause },
        _ => Answer::Refused(cause),
    }
}

fn is_too_large(message: &str) -> bool {
    TOO_LARGE.iter().any(|words| message.contains(words))
}

fn said(status: &Status) -> String {
    if let Some(source) = status.source() {
        return shortened(&cause(source));
    }
    match shortened(status.message()) {
        said if said.is_empty() => format!("grpc status {:?}", status.code()),
        said => format!("grpc status {:?}: {said}", status.code()),
    }
}

/// `google.rpc.Status`, of which the details count here.
#[derive(Clone, PartialEq, Message)]
struct Details {
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// `google.rpc.RetryInfo`.
#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    delay: Option<Delay>,
}

#[derive(Clone, PartialEq, Message)]
struct Delay {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

/// How long a backend asks for.
fn retry_info(details: &[u8]) -> Option<Duration> {
    let details = Details::decode(details).ok()?.details;
    let info = details
        .iter()
        .find(|any| any.type_url.ends_with("google.rpc.RetryInfo"))?;
    let delay = RetryInfo::decode(info.value.as_slice())
        .ok()?
        .delay
        .unwrap_or_default();
    let seconds = u64::try_from(delay.seconds).unwrap_or_default();
    let nanos = u32::try_from(delay.nanos).unwrap_or_default();
    Some(Duration::new(
        seconds.min(LONGEST_ASKED.as_secs()),
        nanos.min(999_999_999),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later(status: &Status) -> Option<Option<Duration>> {
        match answer(status) {
            Answer::Later { after, .. } => Some(after),
            _ => None,
        }
    }

    fn with_delay(code: Code, delay: Option<Delay>) -> Status {
        let details = Details {
            details: vec![Any {
                type_url: "type.googleapis.com/google.rpc.RetryInfo".to_owned(),
                value: RetryInfo { delay }.encode_to_vec(),
            }],
        };
        Status::with_details(code, "busy", details.encode_to_vec().into())
    }

    #[test]
    fn only_the_codes_of_the_specification_are_tried_again() {
        for code in (0..=16).map(Code::from) {
            let is_later = matches!(
                code,
                Code::Cancelled
                    | Code::DeadlineExceeded
                    | Code::Aborted
                    | Code::OutOfRange
                    | Code::Unavailable
                    | Code::DataLoss
            );
            assert_eq!(
                later(&Status::new(code, "no")).is_some(),
                is_later,
                "{code:?}"
            );
        }
    }

    #[test]
    fn a_backend_says_when_it_may_be_asked_again() {
        let delay = |seconds, nanos| Some(Delay { seconds, nanos });
        let exhausted = |delay| later(&with_delay(Code::ResourceExhausted, delay));
        assert_eq!(
            exhausted(delay(3, 500_000_000)),
            Some(Some(Duration::from_millis(3500)))
        );
        assert_eq!(exhausted(None), Some(Some(Duration::ZERO)));
        assert_eq!(exhausted(delay(-3, -1)), Some(Some(Duration::ZERO)));
        assert_eq!(exhausted(delay(i64::MAX, 0)), Some(Some(LONGEST_ASKED)));
        let unavailable = later(&with_delay(Code::Unavailable, delay(1, 0)));
        assert_eq!(unavailable, Some(Some(Duration::from_secs(1))));
        assert_eq!(later(&with_delay(Code::InvalidArgument, delay(1, 0))), None);
    }

    #[test]
    fn what_is_too_large_is_known_by_what_servers_say() {
        for (code, message) in [
            (
                Code::ResourceExhausted,
                "grpc: received message larger than max (5000000 vs. 4194304)",
            ),
            (
                Code::OutOfRange,
                "Error, decoded message length too large: found 5000000 bytes, the limit is: 4194304 bytes",
            ),
        ] {
            let answer = answer(&Status::new(code, message));
            assert!(matches!(answer, Answer::TooLarge(_)), "{message}");
        }
    }

    #[test]
    fn what_a_backend_says_stands_in_the_message() {
        let refused = |said: &str| Answer::Refused(said.to_owned());
        assert_eq!(
            answer(&Status::new(Code::InvalidArgument, " bad\n id ")),
            refused("grpc status InvalidArgument: bad id")
        );
        assert_eq!(
            answer(&Status::new(Code::Unimplemented, "")),
            refused("grpc status Unimplemented")
        );
    }
}
