//! What is looked for in lines.

use std::collections::HashSet;

use genai_trace::{Attributes, SpanRecord, Value};
use memchr::memmem::Finder;
use memchr::{memchr, memchr2, memrchr};
use regex::bytes::Regex;

use super::said;
use crate::span::{id_of, records};

/// As much of a line in our shape as says its trace.
const FRONT: usize = "{\"trace_id\":\"".len() + 32;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::serve) enum Wanted {
    /// A span, or its process, has this attribute with this value.
    Attribute { key: String, value: String },
    /// Something in a span says this, whatever the case of its letters.
    Text(String),
}

/// What is looked for, made ready.
pub(super) enum Search<'a> {
    Attribute {
        key: &'a str,
        value: &'a str,
        finders: Box<[Finder<'static>; 2]>,
    },
    Text {
        /// In a line, however it is written there.
        finder: Regex,
        /// In a value of it.
        sayings: Regex,
    },
}

impl Wanted {
    /// Made ready; none where it can be in no line.
    pub(super) fn search(&self) -> Option<Search<'_>> {
        match self {
            Wanted::Attribute { key, value } => {
                let finder = |text: &str| Finder::new(plain(text)).into_owned();
                Some(Search::Attribute {
                    key,
                    value,
                    finders: Box::new([finder(key), finder(value)]),
                })
            }
            Wanted::Text(text) => Some(Search::Text {
                finder: said::finder(text)?,
                sayings: said::sayings(text)?,
            }),
        }
    }
}

impl Search<'_> {
    /// Adds the traces of which lines in `bytes` have what is looked for. What is there many times is looked for as a
    /// whole rather than in each line, and lines of a trace that was found a line before are passed over.
    pub(super) fn look_in(&self, bytes: &[u8], found: &mut HashSet<u128>) {
        let mut at = 0;
        let mut last: &[u8] = &[];
        while let Some(hit) = self.next_from(bytes, at) {
            let start = memrchr(b'\n', bytes.get(..hit).unwrap_or_default());
            let start = start.map_or(0, |end| end + 1);
            let end = memchr(b'\n', bytes.get(hit..).unwrap_or_default());
            let end = end.map_or(bytes.len(), |length| hit + length);
            let line = bytes.get(start..end).unwrap_or_default();
            let front = line.get(..FRONT).unwrap_or_default();
            let is_found = !front.is_empty() && front == last && trace_at_front(line).is_some();
            if !is_found {
                let traces = self.traces(line);
                if !traces.is_empty() {
                    last = front;
                }
                found.extend(traces);
            }
            at = end + 1;
        }
    }

    /// Where what has to be in a line is next.
    fn next_from(&self, bytes: &[u8], at: usize) -> Option<usize> {
        match self {
            Search::Attribute { finders, .. } => {
                let [key, _] = &**finders;
                key.find(bytes.get(at..)?).map(|hit| at + hit)
            }
            Search::Text { finder, .. } => {
                let found = (at <= bytes.len()).then(|| finder.find_at(bytes, at))??;
                Some(found.start())
            }
        }
    }

    /// The traces that a line tells of and that have what is looked for.
    fn traces(&self, line: &[u8]) -> Vec<u128> {
        match self {
            Search::Attribute {
                key,
                value,
                finders,
            } => {
                if finders.iter().any(|finder| finder.find(line).is_none()) {
                    return Vec::new();
                }
                let spans = records(line).into_iter().flatten();
                let found = spans.filter(|span| has(span, key, value));
                found.map(|span| id_of(&span)).collect()
            }
            Search::Text { finder, sayings } => {
                let mut hits = finder.find_iter(line);
                if !hits.any(|found| is_said(line, found.end())) {
                    return Vec::new();
                }
                said::traces(line, sayings)
            }
        }
    }
}

/// The longest piece of a text that everybody writes as it stands.
fn plain(text: &str) -> &str {
    let is_escaped = |character: char| !matches!(character, 'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '.' | ',' | ':' | '_' | '-');
    let pieces = text.split(is_escaped);
    pieces.max_by_key(|piece| piece.len()).unwrap_or_default()
}

/// Whether what ends at `end` is said rather than the name of a member.
fn is_said(line: &[u8], end: usize) -> bool {
    let mut rest = line.get(end..).unwrap_or_default();
    while let Some(at) = memchr2(b'"', b'\\', rest) {
        match rest.get(at) {
            Some(b'\\') => rest = rest.get(at + 2..).unwrap_or_default(),
            _ => return rest.get(at + 1) != Some(&b':'),
        }
    }
    true
}

/// The trace of a line in our shape, which begins with it.
fn trace_at_front(line: &[u8]) -> Option<u128> {
    let id = line.strip_prefix(b"{\"trace_id\":\"")?.get(..32)?;
    u128::from_str_radix(std::str::from_utf8(id).ok()?, 16).ok()
}

fn has(span: &SpanRecord, key: &str, value: &str) -> bool {
    let is = |attributes: &Attributes| attributes.get(key).is_some_and(|said| says(said, value));
    is(&span.attributes) || is(&span.resource)
}

/// Whether a value is written so; of a list one element.
fn says(said: &Value, value: &str) -> bool {
    match said {
        Value::String(text) => text == value,
        Value::Bool(truth) => value == if *truth { "true" } else { "false" },
        Value::Int(number) => value.parse() == Ok(*number),
        Value::Float(number) => value.parse() == Ok(*number),
        Value::StringArray(texts) => texts.iter().any(|text| text == value),
        Value::BoolArray(truths) => truths.iter().any(|truth| says(&Value::Bool(*truth), value)),
        Value::IntArray(numbers) => numbers.iter().any(|number| value.parse() == Ok(*number)),
        Value::FloatArray(numbers) => numbers.iter().any(|number| value.parse() == Ok(*number)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_where_it_is_said_and_not_in_names() {
        let line = format!(
            r#"{{"trace_id":"{:032x}","name":"chat","attributes":{{"prompt":"Say \"Grüße\" to Ann","b":1}}}}"#,
            7
        )
        .into_bytes();
        let is_in = |text: &str| {
            let wanted = Wanted::Text(text.to_owned());
            let mut found = HashSet::new();
            wanted.search().unwrap().look_in(&line, &mut found);
            !found.is_empty()
        };
        for text in ["grüße", "SAY \"", "to ann", "chat"] {
            assert!(is_in(text), "{text}");
        }
        for text in ["prompt", "attributes", "trace_id", "bob", ".*"] {
            assert!(!is_in(text), "{text}");
        }
    }

    #[test]
    fn an_attribute_is_found_however_its_letters_were_escaped() {
        let line = format!(
            r#"{{"trace_id":"{:032x}","span_id":"00f067aa0ba902b7","parent_span_id":null,"name":"x","kind":"INTERNAL","start_unix_nano":1,"end_unix_nano":2,"status":"UNSET","status_message":"","attributes":{{"user":"J\u00fcrgen"}},"events":[],"links":[],"resource":{{}}}}"#,
            7
        );
        let wanted = Wanted::Attribute {
            key: "user".to_owned(),
            value: "Jürgen".to_owned(),
        };
        let mut found = HashSet::new();
        wanted
            .search()
            .unwrap()
            .look_in(line.as_bytes(), &mut found);
        assert_eq!(found, HashSet::from([7]));
    }

    #[test]
    fn every_trace_is_found_once_wherever_in_a_block_it_stands() {
        let line = |trace: u32, said: &str| {
            format!(r#"{{"trace_id":"{trace:032x}","span_id":"00f067aa0ba902b7","name":"{said}"}}"#)
        };
        let block = [
            line(1, "no"),
            line(2, "no"),
            line(2, "yes yes"),
            line(2, "yes"),
            String::new(),
            line(3, "yes"),
            line(1, "Yes"),
            line(4, "no"),
        ]
        .join("\n");
        let wanted = Wanted::Text("yes".to_owned());
        let mut found = HashSet::new();
        let search = wanted.search().unwrap();
        search.look_in(block.as_bytes(), &mut found);
        assert_eq!(found, HashSet::from([1, 2, 3]));
    }
}
