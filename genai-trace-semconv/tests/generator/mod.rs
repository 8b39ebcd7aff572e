//! Writes the tables from the facts.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value as Json;

const HEADER: &str =
    "// Written by `tests/generated.rs` from `facts.json` and `spellings.json`: change those.\n";

/// The generated files under `src/`, each with its text.
pub(crate) fn files(facts: &Json, spellings: &Json) -> BTreeMap<String, String> {
    [
        ("generated.rs", face(facts)),
        ("generated/names.rs", names(facts)),
        ("generated/values.rs", values(facts)),
        ("generated/attributes.rs", attributes(facts)),
        ("generated/spans.rs", spans(facts)),
        ("generated/metrics.rs", metrics(facts)),
        ("generated/events.rs", events(facts)),
        ("generated/deprecated.rs", deprecated(facts, spellings)),
    ]
    .map(|(name, text)| (name.to_owned(), format!("{HEADER}{text}")))
    .into()
}

fn face(facts: &Json) -> String {
    format!(
        "\n//! The tables.\n\n\
         pub(crate) mod attributes;\n\
         pub(crate) mod deprecated;\n\
         pub(crate) mod events;\n\
         pub(crate) mod metrics;\n\
         pub mod names;\n\
         pub(crate) mod spans;\n\
         pub mod values;\n\n\
         /// The schema of the conventions that these tables follow.\n\
         pub const SCHEMA_URL: &str = {:?};\n",
        text(&facts["schema_url"])
    )
}

fn names(facts: &Json) -> String {
    let mut out = "\n//! The names of attributes.\n".to_owned();
    for (name, fact) in entries(&facts["attributes"]) {
        let what = match fact["template"].as_bool() {
            Some(true) => "the beginning of a name, with a dot and a word behind it",
            _ => in_words(text(&fact["type"])),
        };
        let listed = if fact["values"].is_array() {
            ", with values of a list"
        } else {
            ""
        };
        let constant = constant(name);
        write!(
            out,
            "\n/// `{name}`: {what}{listed}.\npub const {constant}: &str = {name:?};\n"
        )
        .unwrap();
    }
    out
}

fn values(facts: &Json) -> String {
    let mut out = "\n//! The listed values of attributes.\n".to_owned();
    for (name, fact) in entries(&facts["attributes"]) {
        let listed = list(&fact["values"]);
        if listed.is_empty() {
            continue;
        }
        let module = constant(name).to_lowercase();
        write!(out, "\n/// Values of `{name}`.\npub mod {module} {{\n").unwrap();
        for value in listed {
            let (value, constant) = (text(value), constant(text(value)));
            writeln!(
                out,
                "    /// `{value}`\n    pub const {constant}: &str = {value:?};"
            )
            .unwrap();
        }
        out += "}\n";
    }
    out
}

fn attributes(facts: &Json) -> String {
    let mut out = "\n//! Attributes by name.\n\n\
        use super::{names, values};\n\
        use crate::attribute::{Attribute, Stability, Type};\n\n\
        /// Every attribute, by name.\n\
        pub const ATTRIBUTES: &[Attribute] = &[\n"
        .to_owned();
    for (name, fact) in entries(&facts["attributes"]) {
        let constant = constant(name);
        let module = constant.to_lowercase();
        let values: Vec<_> = list(&fact["values"])
            .iter()
            .map(|value| format!("values::{module}::{}", self::constant(text(value))))
            .collect();
        writeln!(
            out,
            "    Attribute {{ name: names::{constant}, ty: Type::{}, values: &[{}], template: {}, stability: Stability::{} }},",
            variant(text(&fact["type"])),
            values.join(", "),
            fact["template"].as_bool().unwrap_or_default(),
            variant(text(&fact["stability"])),
        )
        .unwrap();
    }
    out + "];\n"
}

fn spans(facts: &Json) -> String {
    let mut out = "\n//! Types of spans.\n\n\
        use super::{names, values};\n\
        use crate::signal::{Kind, Level, Requirement, SpanType};\n\n\
        /// Every type of span, those that refine another at the end.\n\
        pub const SPANS: &[SpanType] = &[\n"
        .to_owned();
    for fact in list(&facts["spans"]) {
        let operations: Vec<_> = list(&fact["operations"])
            .iter()
            .map(|value| format!("values::gen_ai_operation_name::{}", constant(text(value))))
            .collect();
        writeln!(
            out,
            "    SpanType {{\n        name: {:?},\n        kind: Kind::{},\n        may_be_internal: {},\n        \
             operations: &[{}],\n        refines: {:?},\n        attributes: &[\n{}        ],\n    }},",
            text(&fact["type"]),
            variant(text(&fact["kind"])),
            fact["may_be_internal"].as_bool().unwrap_or_default(),
            operations.join(", "),
            fact["refines"].as_str(),
            requirements(&fact["attributes"]),
        )
        .unwrap();
    }
    out + "];\n"
}

fn metrics(facts: &Json) -> String {
    let mut out = "\n//! Metrics by name.\n\n\
        use super::names;\n\
        use crate::Type;\n\
        use crate::signal::{Instrument, Level, Metric, Requirement};\n\n\
        /// Every metric, by name.\n\
        pub const METRICS: &[Metric] = &[\n"
        .to_owned();
    for fact in list(&facts["metrics"]) {
        let buckets: Vec<_> = list(&fact["buckets"])
            .iter()
            .map(|bound| format!("{:?}", bound.as_f64().unwrap()))
            .collect();
        writeln!(
            out,
            "    Metric {{\n        name: {:?},\n        instrument: Instrument::{},\n        unit: {:?},\n        \
             ty: Type::{},\n        buckets: &[{}],\n        attributes: &[\n{}        ],\n    }},",
            text(&fact["name"]),
            variant(text(&fact["instrument"])),
            text(&fact["unit"]),
            variant(text(&fact["type"])),
            buckets.join(", "),
            requirements(&fact["attributes"]),
        )
        .unwrap();
    }
    out + "];\n"
}

fn events(facts: &Json) -> String {
    let mut out = "\n//! Events by name.\n\n\
        use super::names;\n\
        use crate::signal::{Event, Level, Requirement};\n\n\
        /// Every event, by name.\n\
        pub const EVENTS: &[Event] = &[\n"
        .to_owned();
    for fact in list(&facts["events"]) {
        writeln!(
            out,
            "    Event {{\n        name: {:?},\n        severity: {:?},\n        attributes: &[\n{}        ],\n    }},",
            text(&fact["name"]),
            fact["severity"].as_str(),
            requirements(&fact["attributes"]),
        )
        .unwrap();
    }
    out + "];\n"
}

fn deprecated(facts: &Json, spellings: &Json) -> String {
    let mut out = "\n//! Names and values that are not to be used.\n\n\
        use super::{names, values};\n\
        use crate::spelling::{Deprecated, DeprecatedMetric, DeprecatedValue, Origin};\n\n\
        /// Names of attributes that earlier versions or others use, by name.\n\
        pub const DEPRECATED: &[Deprecated] = &[\n"
        .to_owned();
    let derived = entries(&facts["old_attributes"])
        .map(|(name, new)| (name, ("Conventions", new.as_str(), "")));
    let kept = entries(&spellings["attributes"]).map(|(name, fact)| {
        let origin = match fact["old"].as_bool() {
            Some(true) => "Conventions",
            _ => "Elsewhere",
        };
        let note = fact["note"].as_str().unwrap_or_default();
        (name, (origin, fact["to"].as_str(), note))
    });
    // What is kept by hand says more than what is derived.
    let all: BTreeMap<_, _> = derived.chain(kept).collect();
    for (name, (origin, new, note)) in all {
        let new = match new {
            Some(new) => format!("Some(names::{})", constant(new)),
            None => "None".to_owned(),
        };
        writeln!(
            out,
            "    Deprecated {{ name: {name:?}, origin: Origin::{origin}, replacement: {new}, note: {note:?} }},"
        )
        .unwrap();
    }
    out += "];\n\n/// Names of metrics that earlier versions use, by name.\n\
        pub const DEPRECATED_METRICS: &[DeprecatedMetric] = &[\n";
    for (name, new) in entries(&facts["old_metrics"]) {
        let new: Vec<_> = list(new).iter().map(text).collect();
        writeln!(
            out,
            "    DeprecatedMetric {{ name: {name:?}, replacements: &{new:?} }},"
        )
        .unwrap();
    }
    out += "];\n\n/// Values that earlier versions or others use, by attribute and value.\n\
        pub const DEPRECATED_VALUES: &[DeprecatedValue] = &[\n";
    for (name, pairs) in entries(&spellings["values"]) {
        let attribute = constant(name);
        let module = attribute.to_lowercase();
        for (value, new) in entries(pairs) {
            writeln!(
                out,
                "    DeprecatedValue {{ attribute: names::{attribute}, value: {value:?}, replacement: values::{module}::{} }},",
                constant(text(new))
            )
            .unwrap();
        }
    }
    out + "];\n"
}

fn requirements(attributes: &Json) -> String {
    let mut out = String::new();
    for (name, level) in entries(attributes) {
        let level = text(level);
        let (level, at_start) = match level.strip_suffix(" at_start") {
            Some(level) => (level, true),
            None => (level, false),
        };
        writeln!(
            out,
            "            Requirement {{ attribute: names::{}, level: Level::{}, at_start: {at_start} }},",
            constant(name),
            variant(level)
        )
        .unwrap();
    }
    out
}

fn in_words(ty: &str) -> &'static str {
    match ty {
        "string" => "a string",
        "int" => "an integer",
        "double" => "a float",
        "boolean" => "a boolean",
        "string[]" => "a list of strings",
        "any" => "a structure",
        other => panic!("unknown type {other}"),
    }
}

/// `gen_ai.tool.name` as `GEN_AI_TOOL_NAME`, `logging/setLevel` as `LOGGING_SET_LEVEL`.
fn constant(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            out.push('_');
        }
        match letter.is_ascii_alphanumeric() {
            true => out.push(letter.to_ascii_uppercase()),
            false => out.push('_'),
        }
    }
    out
}

/// `opt_in` as `OptIn`, `string[]` as `Strings`.
fn variant(word: &str) -> String {
    let word = word.replace("[]", "s");
    let parts = word.split('_').map(|part| {
        let (first, rest) = part.split_at(1);
        first.to_uppercase() + rest
    });
    parts.collect()
}

fn entries(object: &Json) -> impl Iterator<Item = (&str, &Json)> {
    object
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| (key.as_str(), value))
}

fn list(array: &Json) -> &[Json] {
    array.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Json) -> &str {
    value.as_str().unwrap()
}
