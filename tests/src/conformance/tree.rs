//! Spans beside one another: each once, children within their parents.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::Finding;

pub(super) fn check(spans: &[Map<String, Value>], findings: &mut Vec<Finding>) {
    let text = |span: &Map<String, Value>, key: &str| {
        span.get(key).and_then(Value::as_str).map(str::to_owned)
    };
    let time =
        |span: &Map<String, Value>, key: &str| span.get(key).and_then(Value::as_u64).unwrap_or(0);
    let mut find = |span: &Map<String, Value>, rule, what| {
        findings.push(Finding {
            rule,
            span: text(span, "name").unwrap_or_default(),
            what,
        });
    };
    let mut known = HashMap::new();
    for span in spans {
        let id = (text(span, "trace_id"), text(span, "span_id"));
        if known.insert(id.clone(), span).is_some() {
            find(span, "twice", format!("{:?} is there twice", id.1));
        }
    }
    for span in spans {
        let Some(parent) = text(span, "parent_span_id") else {
            continue;
        };
        let Some(parent) = known.get(&(text(span, "trace_id"), Some(parent))) else {
            // It may stand in another process's file.
            continue;
        };
        let begins = time(parent, "start_unix_nano")..=time(parent, "end_unix_nano");
        if !begins.contains(&time(span, "start_unix_nano")) {
            find(span, "parent_range", "begins outside its parent".to_owned());
        }
        if time(span, "end_unix_nano") > time(parent, "end_unix_nano") {
            find(span, "parent_range", "ends after its parent".to_owned());
        }
    }
}
