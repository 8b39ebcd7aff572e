//! What of a line could not be read, and why, where that can be said in a few words.

use serde::de::IgnoredAny;
use serde_json::Value as Json;

use super::foreign::{ENDS, SPAN_IDS, STARTS, TRACE_IDS, first, hexadecimal, record};
use super::halves::has_half_character;

/// So many characters of a value are shown.
const LONGEST: usize = 40;
/// Of so many spans in a line it is kept why they were left out.
const MOST_KEPT: usize = 1_000;

/// What was passed over of a line.
#[derive(Debug)]
pub(crate) enum PassedOver {
    Nothing,
    /// These of its spans.
    Spans(LeftOut),
    /// All of it: there is no span in it.
    Line,
}

/// Spans that stand in a line beside others, and could not be read.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    pub(crate) count: u64,
    /// Of the first of them.
    pub(crate) faults: Vec<Fault>,
}

/// Why a span could not be read, and which it is as far as it says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fault {
    /// 0 where it does not say.
    pub(crate) trace_id: u128,
    /// 0 where it does not say.
    pub(crate) span_id: u64,
    pub(crate) name: String,
    pub(crate) why: String,
}

impl LeftOut {
    /// Leaves a span out.
    pub(crate) fn add(&mut self, span: &Json, why: String) {
        self.count += 1;
        if self.faults.len() < MOST_KEPT {
            self.faults.push(Fault::of(span, why));
        }
    }

    /// Those of another line, or piece.
    pub(crate) fn merge(&mut self, other: LeftOut) {
        self.count += other.count;
        let room = MOST_KEPT.saturating_sub(self.faults.len());
        self.faults.extend(other.faults.into_iter().take(room));
    }

    /// Why the first could not be read.
    pub(crate) fn why(&self) -> Option<&str> {
        self.faults.first().map(|fault| fault.why.as_str())
    }
}

impl From<LeftOut> for PassedOver {
    fn from(left_out: LeftOut) -> Self {
        match left_out.count {
            0 => PassedOver::Nothing,
            _ => PassedOver::Spans(left_out),
        }
    }
}

impl Fault {
    /// What is said of a line in which there is no span.
    pub(crate) fn of_line(why: Option<&str>) -> Self {
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        Self {
            why: format!("the line is no span{why}"),
            ..Self::default()
        }
    }

    fn of(span: &Json, why: String) -> Self {
        let context = span.get("context").unwrap_or(span);
        let id = |keys: &[&str], digits| {
            let id = hexadecimal(first(context, keys)?, digits)?;
            u128::from_str_radix(&id, 16).ok()
        };
        let name = span.get("name").and_then(Json::as_str);
        Self {
            trace_id: id(&TRACE_IDS, 32).unwrap_or(0),
            span_id: id(&SPAN_IDS, 16)
                .and_then(|id| u64::try_from(id).ok())
                .unwrap_or(0),
            name: name.unwrap_or_default().chars().take(LONGEST).collect(),
            why,
        }
    }
}

/// A value as messages show it.
pub(super) fn shown(value: &Json) -> String {
    match value {
        // Each may be as long as a line.
        Json::Object(all) if !all.is_empty() => "an object".to_owned(),
        Json::Array(all) if !all.is_empty() => "a list".to_owned(),
        Json::String(text) => {
            let text: String = text.chars().take(LONGEST).collect();
            let text = Json::String(text).to_string();
            text.chars().take(LONGEST).collect()
        }
        value => value.to_string().chars().take(LONGEST).collect(),
    }
}

/// Why a line that looks like a span is none.
pub(crate) fn fault(line: &[u8]) -> Option<String> {
    if has_half_character(line) {
        return Some("half a character is escaped in it".to_owned());
    }
    if memchr::memchr(0, line).is_some() {
        return Some("zero bytes stand in it, as where a file is torn".to_owned());
    }
    let span: Json = match serde_json::from_slice(line) {
        Ok(span) => span,
        Err(error) => return beyond_limits(line, &error),
    };
    if let Some(other) = span.get("resourceSpans") {
        let is_list = other.is_array();
        return (!is_list).then(|| format!("resourceSpans is {}, expected a list", shown(other)));
    }
    let context = span.get("context").unwrap_or(&span);
    let times = STARTS.iter().chain(&ENDS);
    let ids = TRACE_IDS.iter().chain(&SPAN_IDS);
    let is_like_one = times.clone().any(|key| span.get(key).is_some())
        || ids.clone().any(|key| context.get(key).is_some());
    match is_like_one {
        true => record(&span, None, None).err(),
        false => None,
    }
}

/// What is wrong with JSON that nobody can read all the same: it is nested too deep, or has a number that is too large.
fn beyond_limits(line: &[u8], error: &serde_json::Error) -> Option<String> {
    serde_json::from_slice::<IgnoredAny>(line).ok()?;
    let error = error.to_string();
    Some(match error.split(" at line ").next() {
        Some("recursion limit exceeded") => "it is nested in more than 127 levels".to_owned(),
        Some(other) => other.to_owned(),
        None => error,
    })
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
        let missing = fault(br#"{"start_time":"2554-07-21T00:00:00Z"}"#);
        assert_eq!(missing.as_deref(), Some("it has no time at which it ended"));
        assert_eq!(fault(br#"{"level":"info"}"#), None);
        let half = fault(br#"{"name":"\ud800"}"#);
        assert_eq!(half.as_deref(), Some("half a character is escaped in it"));
        assert_eq!(fault(b"{\"torn"), None);
        let hole = fault(b"{\"torn\0\0\0");
        assert_eq!(
            hole.as_deref(),
            Some("zero bytes stand in it, as where a file is torn")
        );
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(127), "]".repeat(127));
        assert_eq!(
            fault(deep.as_bytes()).as_deref(),
            Some("it is nested in more than 127 levels")
        );
        let large = fault(br#"{"start_unix_nano":1e999}"#);
        assert_eq!(large.as_deref(), Some("number out of range"));
    }
}
