//! A text in what spans say: in their names, messages and values, however these were escaped, and not in what JSON, ids
//! and times are written with.

use std::fmt::Write;
use std::ops::RangeInclusive;

use genai_trace::SpanRecord;
use regex::bytes::{Regex, RegexBuilder};
use serde_json::Value as Json;

use crate::content::ids;
use crate::span::{id_of, records};

/// Members of a line that are said as they stand.
const SAID: [&str; 6] = [
    "name",
    "status_message",
    "body",
    "attributes",
    "resource",
    "scope",
];

/// As many digits as a page or a terminal shows of an id, and as many as one has.
const DIGITS: RangeInclusive<usize> = 8..=32;

/// Finds a text, whatever the case of its letters, in a line.
pub(super) fn finder(text: &str) -> Option<Regex> {
    built("", text)
}

/// Finds a text in a value. One that reads like an id is found where it begins: the same digits further on in another
/// id, or in a number, are no mention of it.
pub(super) fn sayings(text: &str) -> Option<Regex> {
    built(
        if reads_like_an_id(text) {
            "(?:^|[^0-9A-Za-z])"
        } else {
            ""
        },
        text,
    )
}

fn reads_like_an_id(text: &str) -> bool {
    DIGITS.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn built(front: &str, text: &str) -> Option<Regex> {
    let mut pattern = front.to_owned();
    pattern.extend(text.chars().map(one));
    let finder = RegexBuilder::new(&pattern).case_insensitive(true).build();
    finder.ok()
}

/// A character as it may be written; a text that is JSON itself stands in a line with its escapes escaped.
fn one(character: char) -> String {
    match character {
        '"' => r#"\\*""#.to_owned(),
        '/' => r"\\*/".to_owned(),
        '\\' => r"\\+".to_owned(),
        '\n' => r"(?:\n|\\+n)".to_owned(),
        '\t' => r"(?:\t|\\+t)".to_owned(),
        '\r' => r"(?:\r|\\+r)".to_owned(),
        '<' | '>' | '&' | '\'' => escaped(character),
        _ if character.is_ascii() && !character.is_ascii_control() => {
            regex::escape(character.encode_utf8(&mut [0; 4]))
        }
        _ => escaped(character),
    }
}

/// A character that some write as `\u00fc`.
fn escaped(character: char) -> String {
    let mut pattern = format!("(?:{}", regex::escape(character.encode_utf8(&mut [0; 4])));
    let (mut lower, mut upper) = (character.to_lowercase(), character.to_uppercase());
    let cases = [Some(character), lower.next(), upper.next()];
    for case in cases.into_iter().flatten() {
        pattern.push('|');
        for unit in case.encode_utf16(&mut [0; 2]) {
            // Writing into a text does not fail.
            let _ = write!(pattern, r"\\+u{unit:04x}");
        }
    }
    pattern.push(')');
    pattern
}

/// The traces that a line tells of and that say the text.
pub(super) fn traces(line: &[u8], text: &Regex) -> Vec<u128> {
    let Ok(document) = serde_json::from_slice::<Json>(line) else {
        return Vec::new();
    };
    if let Some(trace) = trace(&document).or_else(|| Some(ids(line)?.0)) {
        return match is_said(&document, text) {
            true => vec![trace],
            false => Vec::new(),
        };
    }
    let says = |record: &SpanRecord| {
        serde_json::to_value(record).is_ok_and(|document| is_said(&document, text))
    };
    let spans = records(line).into_iter().flatten();
    spans.filter(says).map(|span| id_of(&span)).collect()
}

/// The trace of a span in our shape; events lie in lines of their own.
fn trace(document: &Json) -> Option<u128> {
    if document.get("event_name").is_some() {
        return None;
    }
    let id = document.get("trace_id")?.as_str()?;
    u128::from_str_radix(id, 16).ok().filter(|_| id.len() == 32)
}

fn is_said(span: &Json, text: &Regex) -> bool {
    let list = |key: &str| span.get(key).and_then(Json::as_array).into_iter().flatten();
    let of = |object: &Json, key: &str| object.get(key).is_some_and(|value| says(value, text));
    SAID.iter().any(|key| of(span, key))
        || list("events").any(|event| of(event, "name") || of(event, "attributes"))
        || list("links").any(|link| of(link, "attributes"))
}

/// Whether a value says the text, or one in it; names of members say nothing.
fn says(value: &Json, text: &Regex) -> bool {
    match value {
        Json::Null | Json::Bool(_) => false,
        Json::Number(number) => text.is_match(number.to_string().as_bytes()),
        Json::Array(values) => values.iter().any(|value| says(value, text)),
        Json::Object(members) => members.values().any(|value| says(value, text)),
        Json::String(said) if !text.is_match(said.as_bytes()) => false,
        Json::String(said) if said.trim_start().starts_with(['{', '[']) => {
            serde_json::from_str(said).map_or(true, |inner| says(&inner, text))
        }
        Json::String(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_in(line: &str, wanted: &str) -> bool {
        let wanted = wanted.to_lowercase();
        let is_near = finder(&wanted).unwrap().is_match(line.as_bytes());
        is_near && !traces(line.as_bytes(), &sayings(&wanted).unwrap()).is_empty()
    }

    #[test]
    fn a_text_is_found_however_its_letters_were_escaped() {
        let id = format!("{:032x}", 7);
        let inner =
            r#"[{\"role\":\"user\",\"content\":\"Gr\\u00fc\\u00DFe an <b>\\ud83d\\ude00\"}]"#;
        let line = format!(
            r#"{{"trace_id": "{id}", "name": "J\u00fcrgen", "attributes": {{"q": "a \u003cb\u003e\/c \"Say\" it", "m": "{inner}"}}}}"#
        );
        for text in [
            "jürgen",
            "JÜRGEN",
            "grüße an",
            "<b>😀",
            "<b>/c",
            "\"say\" IT",
        ] {
            assert!(is_in(&line, text), "{text}");
        }
        assert!(!is_in(&line, "content"));
        assert!(!is_in(&line, "jurgen"));
    }

    #[test]
    fn what_a_line_is_written_with_says_nothing() {
        let line = json!({
            "trace_id": format!("{:032x}", 7), "span_id": "0000000000004290", "parent_span_id": null, "name": "chat",
            "kind": "INTERNAL", "start_unix_nano": 1_790_042_900_u64, "end_unix_nano": 2, "status": "UNSET",
            "status_message": "too slow", "attributes": {"code": 503, "is": true, "retries": null},
            "events": [{"name": "retry", "time_unix_nano": 429, "attributes": {"why": "busy"}}],
            "links": [], "resource": {"host.name": "box"},
        })
        .to_string();
        for text in [
            "429",
            "null",
            "unset",
            "internal",
            "true",
            "retries",
            "host.name",
        ] {
            assert!(!is_in(&line, text), "{text}");
        }
        for text in ["503", "slow", "retry", "BUSY", "box", "chat"] {
            assert!(is_in(&line, text), "{text}");
        }
    }

    #[test]
    fn what_reads_like_an_id_is_found_where_it_begins_and_not_in_the_middle_of_another() {
        let line = |said: &str| {
            json!({"trace_id": format!("{:032x}", 7), "name": "chat", "attributes": {"said": said}})
                .to_string()
        };
        for said in [
            "4bf92f35",
            "see 4BF92F3577b34da6",
            "run_4bf92f35",
            "a\n4bf92f35",
            r#"{"of":"4bf92f35"}"#,
        ] {
            assert!(is_in(&line(said), "4bf92f35"), "{said}");
        }
        for said in [
            "04bf92f35",
            "5f4f4bf92f35",
            "x4bf92f35",
            r#"{"of":["04bf92f35"]}"#,
        ] {
            assert!(!is_in(&line(said), "4bf92f35"), "{said}");
        }
        // Fewer digits are a text as any other.
        assert!(is_in(&line("04bf92f35"), "4bf92f3"));
    }
}
