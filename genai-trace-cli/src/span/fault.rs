//! Why a line is no span, where that can be said in a few words.

use serde_json::Value as Json;

use super::foreign::{ENDS, STARTS, time};
use super::halves::has_half_character;

/// So many characters of a value are shown.
const LONGEST: usize = 40;

/// Why a line that looks like a span is none.
pub(crate) fn fault(line: &[u8]) -> Option<String> {
    if has_half_character(line) {
        return Some("half a character is escaped in it".to_owned());
    }
    let span: Json = serde_json::from_slice(line).ok()?;
    let times = STARTS.iter().chain(&ENDS);
    let mut said = times.filter_map(|key| Some((key, span.get(key)?)));
    let (key, value) = said.find(|(_, value)| time(value).is_none())?;
    let value: String = value.to_string().chars().take(LONGEST).collect();
    Some(format!(
        "{key} is {value}, expected nanoseconds since 1970 or a time, until 2554-07-21"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_out_of_range_is_named_with_what_is_allowed() {
        for (value, shown) in [
            ("-5", "-5"),
            ("18446744073709551616", "1.8446744073709552e+19"),
            ("1.5", "1.5"),
            ("\"1600-01-01T00:00:00Z\"", "\"1600-01-01T00:00:00Z\""),
            ("\"2600-01-01T00:00:00Z\"", "\"2600-01-01T00:00:00Z\""),
            ("null", "null"),
        ] {
            let line = format!(r#"{{"start_unix_nano":7,"end_time":{value}}}"#);
            let allowed = "expected nanoseconds since 1970 or a time, until 2554-07-21";
            let expected = format!("end_time is {shown}, {allowed}");
            assert_eq!(fault(line.as_bytes()), Some(expected));
        }
        assert_eq!(fault(br#"{"start_time":"2554-07-21T00:00:00Z"}"#), None);
        let half = fault(br#"{"name":"\ud800"}"#);
        assert_eq!(half.as_deref(), Some("half a character is escaped in it"));
        assert_eq!(fault(b"{\"torn"), None);
    }
}
