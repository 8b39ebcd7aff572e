//! Findings as SARIF 2.1.0, which code hosts and editors show beside the code.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Map, Value as Json, json};

use super::{Finding, Findings, Rule};
use crate::reading::Judged;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// A log of one run.
pub(super) fn document(findings: &Findings, judged: &Judged, rules: &[&Rule]) -> Json {
    let results: Vec<_> = findings
        .iter()
        .map(|finding| result(finding, judged, rules))
        .collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "genai-trace",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.iter().copied().map(described).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn described(rule: &Rule) -> Json {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": rule.summary },
        "help": { "text": rule.help },
        "defaultConfiguration": { "level": rule.level.as_str() },
    })
}

fn result(finding: &Finding, judged: &Judged, rules: &[&Rule]) -> Json {
    let index = rules.iter().position(|rule| rule.id == finding.rule.id);
    let trace = format!("{:032x}", finding.trace_id);
    let mut properties = Map::new();
    if !finding.is_of_line() {
        properties.insert("trace_id".to_owned(), json!(trace));
    }
    for (key, value) in [("value", &finding.value), ("limit", &finding.limit)] {
        if !value.is_null() {
            properties.insert(key.to_owned(), value.clone());
        }
    }
    if let Some(section) = &finding.section {
        properties.insert("section".to_owned(), json!(section));
    }
    let mut result = Map::from_iter([
        ("ruleId".to_owned(), json!(finding.rule.id)),
        ("level".to_owned(), json!(finding.rule.level.as_str())),
        ("message".to_owned(), json!({ "text": finding.message })),
        (
            "locations".to_owned(),
            json!([location(finding, judged, &trace)]),
        ),
        ("properties".to_owned(), Json::Object(properties)),
    ]);
    if let Some(index) = index {
        result.insert("ruleIndex".to_owned(), json!(index));
    }
    Json::Object(result)
}

/// The line of the span, where it stands in a file, and its ids.
fn location(finding: &Finding, judged: &Judged, trace: &str) -> Json {
    let Some(span) = &finding.span else {
        let whole = json!({ "name": trace, "fullyQualifiedName": trace, "kind": "trace" });
        return json!({ "logicalLocations": [whole] });
    };
    let mut location = Map::new();
    let source = judged.sources.get(span.place.source);
    if let Some(path) = source.and_then(|source| source.path()) {
        let physical = json!({
            "artifactLocation": { "uri": uri(path) },
            "region": { "startLine": span.place.line },
        });
        location.insert("physicalLocation".to_owned(), physical);
    }
    if !finding.is_of_line() {
        let logical = json!({
            "name": span.name,
            "fullyQualifiedName": format!("{trace}/{:016x}", span.id),
            "kind": "span",
        });
        location.insert("logicalLocations".to_owned(), json!([logical]));
    }
    location.into()
}

/// A path as a reference to it: relative where it is, with what a URI cannot have in per cent.
fn uri(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    let mut out = match path.is_absolute() {
        true => "file://".to_owned(),
        false => String::new(),
    };
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{At, Level};
    use super::*;
    use crate::input::{Place, Source};
    use crate::span::Fault;

    static RULES: [&Rule; 2] = [
        &Rule {
            id: "one",
            level: Level::Note,
            summary: "s",
            help: "h",
        },
        &Rule {
            id: "two",
            level: Level::Error,
            summary: "s",
            help: "h",
        },
    ];

    #[test]
    fn a_log_has_what_the_schema_requires() {
        let mut findings = Findings::default();
        let at = At {
            id: 7,
            name: "chat".to_owned(),
            place: Place { source: 0, line: 3 },
        };
        for span in [Some(at), None] {
            findings.add(Finding {
                rule: RULES[1],
                trace_id: 1,
                span,
                message: "m".to_owned(),
                value: json!(2),
                limit: Json::Null,
                section: None,
            });
        }
        let judged = Judged {
            sources: vec![Source::File("a.jsonl".into())],
            ..Judged::default()
        };
        let log = document(&findings, &judged, &RULES);
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["name"], "genai-trace");
        assert_eq!(run["tool"]["driver"]["rules"][1]["id"], "two");
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), 2);
        for result in results {
            assert_eq!(result["ruleId"], "two");
            assert_eq!(result["ruleIndex"], 1);
            assert_eq!(result["level"], "error");
            assert_eq!(result["message"]["text"], "m");
        }
        let place = &results[0]["locations"][0];
        assert_eq!(
            place["physicalLocation"]["artifactLocation"]["uri"],
            "a.jsonl"
        );
        assert_eq!(place["physicalLocation"]["region"]["startLine"], 3);
        let ids = format!("{:032x}/{:016x}", 1, 7);
        assert_eq!(place["logicalLocations"][0]["fullyQualifiedName"], ids);
        assert!(results[1]["locations"][0].get("physicalLocation").is_none());
    }

    #[test]
    fn a_line_that_nobody_can_read_is_a_result_that_knows_its_place_and_no_span() {
        let place = Place { source: 0, line: 3 };
        let mut findings = Findings::default();
        let judged = Judged {
            sources: vec![Source::File("a.jsonl".into())],
            bad_lines: 7,
            unreadable: vec![(place, Fault::of_line(Some("it has no name")))],
            ..Judged::default()
        };
        findings.add_unreadable(RULES[1], &judged);
        assert_eq!(findings.count(Level::Error), 7);
        let log = document(&findings, &judged, &RULES);
        let [result] = &log["runs"][0]["results"].as_array().unwrap()[..] else {
            panic!("one result");
        };
        assert_eq!(
            result["message"]["text"],
            "the line is no span: it has no name"
        );
        let physical = json!({
            "artifactLocation": { "uri": "a.jsonl" },
            "region": { "startLine": 3 },
        });
        let location = json!({ "physicalLocation": physical });
        assert_eq!(result["locations"], json!([location]));
        assert_eq!(result["properties"], json!({}));
    }

    #[test]
    fn a_path_becomes_a_reference() {
        assert_eq!(uri(Path::new("a b/tr:1.jsonl")), "a%20b/tr%3A1.jsonl");
        assert_eq!(uri(Path::new("/var/x.jsonl")), "file:///var/x.jsonl");
    }
}
