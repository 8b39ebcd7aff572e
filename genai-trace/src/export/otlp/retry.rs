//! When a request is tried again, and what a backend's answer says of it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prost::Message;
use serde_json::Value as Json;

use super::signal::Signal;

/// The pause before the first retry, about. Each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// No pause of our own is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// No pause that a backend asks for is longer.
pub(super) const LONGEST_ASKED: Duration = Duration::from_secs(3600);
/// So much of what a backend says stands in a message.
const MESSAGE_CHARS: usize = 300;

/// What a proxy wants that takes nobody's requests.
pub(super) const NO_CREDENTIALS: &str =
    "the proxy wants a name and a password that it knows (status 407)";

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It was taken, but for so many items.
    Taken {
        rejected: u64,
        message: Option<String>,
    },
    /// Not now: later, and not before so long.
    Later {
        after: Option<Duration>,
        cause: String,
    },
    /// It is too large.
    TooLarge(String),
    /// Never.
    Refused(String),
}

impl Answer {
    /// The same, said of a url.
    pub(super) fn about(self, url: &str) -> Self {
        let about = |cause| format!("{url}: {cause}");
        match self {
            Answer::Taken { rejected, message } => Answer::Taken {
                rejected,
                message: message.map(about),
            },
            Answer::Later { after, cause } => Answer::Later {
                after,
                cause: about(cause),
            },
            Answer::TooLarge(cause) => Answer::TooLarge(about(cause)),
            Answer::Refused(cause) => Answer::Refused(about(cause)),
        }
    }
}

impl Answer {
    /// The same of a request that has not come to the backend, where a proxy is on the way.
    pub(super) fn through(self, proxy: Option<&str>) -> Self {
        match (self, proxy) {
            (Answer::Later { after, cause }, Some(proxy)) => Answer::Later {
                after,
                cause: format!("{cause}, through the proxy {proxy}"),
            },
            (other, _) => other,
        }
    }
}

/// What a backend has answered.
#[derive(Debug)]
pub(super) struct Response<'a> {
    pub(super) signal: Signal,
    pub(super) status: u16,
    pub(super) content_type: &'a str,
    pub(super) retry_after: Option<&'a str>,
    pub(super) body: &'a [u8],
}

impl Response<'_> {
    /// What it means, by the specification of OTLP over HTTP.
    pub(super) fn answer(&self, now: SystemTime) -> Answer {
        match self.status {
            200..=299 => self.partial_success(),
            429 | 502 | 503 | 504 => Answer::Later {
                after: self.retry_after.and_then(|text| retry_after(text, now)),
                cause: self.cause(),
            },
            413 => Answer::TooLarge(self.cause()),
            _ => Answer::Refused(self.cause()),
        }
    }

    fn is_json(&self) -> bool {
        self.content_type
            .trim_start()
            .to_ascii_lowercase()
            .starts_with("application/json")
    }

    fn partial_success(&self) -> Answer {
        match self.is_json() {
            true => {
                let (rejected, message) = rejected_of_json(self.body, self.signal.rejected());
                taken(rejected, &message)
            }
            false => ExportResponse::decode(self.body)
                .unwrap_or_default()
                .answer(),
        }
    }

    /// The status, with what the body says.
    fn cause(&self) -> String {
        let said = match (self.is_json(), self.content_type) {
            (true, _) => {
                let document = serde_json::from_slice::<Json>(self.body).unwrap_or_default();
                let message = ["message", "error", "detail"]
                    .iter()
                    .find_map(|key| document.get(key));
                let text = message.and_then(Json::as_str).map(str::to_owned);
                text.unwrap_or_else(|| String::from_utf8_lossy(self.body).into_owned())
            }
            (false, kind) if kind.contains("protobuf") => {
                let status = RpcStatus::decode(self.body).unwrap_or_default();
                status.message
            }
            _ => String::from_utf8_lossy(self.body).into_owned(),
        };
        match shortened(said.trim()) {
            said if said.is_empty() => format!("status {}", self.status),
            said => format!("status {}: {said}", self.status),
        }
    }
}

/// A request was taken, but for so many items.
fn taken(rejected: u64, message: &str) -> Answer {
    let message = match message.trim() {
        "" => (rejected > 0).then(|| "the backend does not say why".to_owned()),
        said => Some(shortened(said)),
    };
    Answer::Taken { rejected, message }
}

/// What a backend says that has taken a request: for each signal it has the same shape.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ExportResponse {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<PartialSuccess>,
}

#[derive(Clone, PartialEq, Message)]
struct PartialSuccess {
    #[prost(int64, tag = "1")]
    rejected: i64,
    #[prost(string, tag = "2")]
    error_message: String,
}

impl ExportResponse {
    pub(super) fn answer(self) -> Answer {
        let partial = self.partial_success.unwrap_or_default();
        let rejected = u64::try_from(partial.rejected).unwrap_or_default();
        taken(rejected, &partial.error_message)
    }
}

/// `google.rpc.Status`: how a backend says why in protobuf.
#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

/// How many items a backend has rejected under `key`, and why.
fn rejected_of_json(body: &[u8], key: &str) -> (u64, String) {
    let document = serde_json::from_slice::<Json>(body).unwrap_or_default();
    let said = |key: &str| {
        document
            .get("partialSuccess")
            .and_then(|partial| partial.get(key))
    };
    let rejected = said(key).and_then(|count| match count {
        Json::String(digits) => digits.parse().ok(),
        other => other.as_u64(),
    });
    let message = said("errorMessage").and_then(Json::as_str);
    (
        rejected.unwrap_or_default(),
        message.unwrap_or_default().to_owned(),
    )
}

/// The first line's worth of what a backend says.
pub(super) fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MESSAGE_CHARS) {
        Some((end, _)) => format!("{}...", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// How long `Retry-After` asks for: seconds, or a date.
fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    let asked = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => http_date(text)?.duration_since(now).unwrap_or_default(),
    };
    Some(asked.min(LONGEST_ASKED))
}

/// A date as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(text: &str) -> Option<SystemTime> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (_, date) = text.split_once(", ")?;
    let mut words = date.split(' ');
    let day: u64 = words
        .next()?
        .parse()
        .ok()
        .filter(|day| (1..=31).contains(day))?;
    let month = words.next()?;
    let month = u64::try_from(MONTHS.iter().position(|name| *name == month)?).ok()? + 1;
    let year: u64 = words
        .next()?
        .parse()
        .ok()
        .filter(|year| (1970..=9999).contains(year))?;
    let mut time = words
        .next()?
        .split(':')
        .map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    if words.next() != Some("GMT") || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Days since 1970-01-01 of years that begin in March, so that the leap day comes last.
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year;
    let seconds = (days.checked_sub(719_468)?) * 86_400 + hour * 3600 + minute * 60 + second;
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// Pauses that grow from failure to failure.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The pause after one more failure: from half of its length to all of it, so that many processes do not come
    /// back at once.
    pub(super) fn next(&mut self) -> Duration {
        let factor = 1_u32.checked_shl(self.failures.min(16)).unwrap_or(u32::MAX);
        self.failures = self.failures.saturating_add(1);
        let pause = FIRST_PAUSE.saturating_mul(factor).min(LONGEST_PAUSE);
        pause / 2 + (pause / 2).mul_f64(chance())
    }

    /// All is well again.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// A number from 0 to 1, by chance.
fn chance() -> f64 {
    // Where the system has no chance to give the pause is as long as it gets.
    getrandom::u32().map_or(1.0, |word| f64::from(word) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::trace::v1::{
        ExportTracePartialSuccess, ExportTraceServiceResponse,
    };

    use super::*;

    fn answer(status: u16, content_type: &str, body: &[u8]) -> Answer {
        let response = Response {
            signal: Signal::Traces,
            status,
            content_type,
            retry_after: None,
            body,
        };
        response.answer(UNIX_EPOCH)
    }

    #[test]
    fn only_the_statuses_of_the_specification_are_tried_again() {
        for status in [429, 502, 503, 504] {
            assert!(
                matches!(answer(status, "", b""), Answer::Later { .. }),
                "{status}"
            );
        }
        for status in [301, 307, 400, 401, 403, 404, 408, 415, 500, 501, 505] {
            assert!(
                matches!(answer(status, "", b""), Answer::Refused(_)),
                "{status}"
            );
        }
        assert!(matches!(answer(413, "", b""), Answer::TooLarge(_)));
    }

    #[test]
    fn what_a_backend_says_of_a_failure_stands_in_the_message() {
        let refused = |said: &str| Answer::Refused(format!("status 400{said}"));
        assert_eq!(
            answer(400, "text/plain", b" bad\n id "),
            refused(": bad id")
        );
        assert_eq!(
            answer(400, "application/json", br#"{"code":3,"message":"bad id"}"#),
            refused(": bad id")
        );
        let status = RpcStatus {
            code: 3,
            message: "bad id".to_owned(),
        };
        assert_eq!(
            answer(400, "application/x-protobuf", &status.encode_to_vec()),
            refused(": bad id")
        );
        assert_eq!(answer(400, "application/x-protobuf", b"\xff"), refused(""));
        let Answer::Refused(long) = answer(400, "text/html", "\u{e9}".repeat(999).as_bytes())
        else {
            panic!("400 is refused");
        };
        assert_eq!(
            long.chars().count(),
            "status 400: ".len() + MESSAGE_CHARS + 3
        );
    }

    #[test]
    fn spans_that_were_rejected_are_counted() {
        let response = ExportTraceServiceResponse {
            partial_success: Some(ExportTracePartialSuccess {
                rejected_spans: 3,
                error_message: "too old".to_owned(),
            }),
        };
        let partial = |rejected, message: Option<&str>| Answer::Taken {
            rejected,
            message: message.map(str::to_owned),
        };
        let protobuf = "application/x-protobuf";
        assert_eq!(
            answer(200, protobuf, &response.encode_to_vec()),
            partial(3, Some("too old"))
        );
        let json = br#"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}"#;
        assert_eq!(
            answer(200, "application/json; charset=utf-8", json),
            partial(3, Some("too old"))
        );
        let number = br#"{"partialSuccess":{"rejectedSpans":3}}"#;
        assert_eq!(
            answer(200, "application/json", number),
            partial(3, Some("the backend does not say why"))
        );
        assert_eq!(answer(202, protobuf, b""), partial(0, None));
        assert_eq!(answer(200, "text/html", b"<p>hello"), partial(0, None));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        // `date -u -d '1994-11-06 08:49:37' +%s`
        let then = UNIX_EPOCH + Duration::from_secs(784_111_777);
        let asked = |text| retry_after(text, then - Duration::from_secs(90));
        assert_eq!(asked(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(
            asked("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(Duration::from_secs(90))
        );
        assert_eq!(asked("Sun, 06 Nov 1988 08:49:37 GMT"), Some(Duration::ZERO));
        assert_eq!(asked("99999999999"), Some(LONGEST_ASKED));
        for bad in [
            "",
            "soon",
            "-3",
            "Sun, 06 Nox 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994",
        ] {
            assert_eq!(asked(bad), None, "{bad}");
        }
        let leap = http_date("Thu, 29 Feb 2024 23:59:59 GMT");
        assert_eq!(leap, Some(UNIX_EPOCH + Duration::from_secs(1_709_251_199)));
    }

    #[test]
    fn pauses_grow_with_chance_up_to_a_limit() {
        let mut backoff = Backoff::default();
        let mut longest = FIRST_PAUSE;
        for _ in 0..40 {
            let pause = backoff.next();
            assert!(
                pause >= longest / 2 && pause <= longest,
                "{pause:?} of {longest:?}"
            );
            longest = (longest * 2).min(LONGEST_PAUSE);
        }
        backoff.reset();
        assert!(backoff.next() <= FIRST_PAUSE);
    }
}
