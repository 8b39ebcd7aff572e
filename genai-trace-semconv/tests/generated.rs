//! The tables are what the facts say.
//!
//! `SEMCONV=overwrite cargo test -p genai-trace-semconv` writes them anew from `facts.json` and
//! `spellings.json`.

// A test that panics is a test that fails: the lints against panics are for library code.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod generator;

use std::fs;
use std::path::Path;

use genai_trace_semconv::{
    ATTRIBUTES, DEPRECATED, DEPRECATED_METRICS, DEPRECATED_VALUES, EVENTS, METRICS, SPANS,
    attribute, deprecated,
};

#[test]
fn the_generated_files_are_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| fs::read_to_string(root.join(name)).unwrap();
    let json = |name: &str| serde_json::from_str(&read(name)).unwrap();
    let files = generator::files(&json("facts.json"), &json("spellings.json"));
    let folder = root.join("src");
    if std::env::var("SEMCONV").is_ok_and(|word| word == "overwrite") {
        for (name, text) in &files {
            fs::write(folder.join(name), text).unwrap();
        }
    }
    for (name, text) in &files {
        let there = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(
            there == *text,
            "src/{name} is not what the facts say: \
             SEMCONV=overwrite cargo test -p genai-trace-semconv"
        );
    }
    for entry in fs::read_dir(folder.join("generated")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known = files.contains_key(&format!("generated/{name}"));
        assert!(known, "src/generated/{name} is written by nobody");
    }
}

#[test]
fn tables_are_sorted_so_that_a_search_finds_every_entry() {
    assert!(ATTRIBUTES.is_sorted_by(|a, b| a.name < b.name));
    assert!(DEPRECATED.is_sorted_by(|a, b| a.name < b.name));
    assert!(DEPRECATED_METRICS.is_sorted_by(|a, b| a.name < b.name));
    let value = |old: &genai_trace_semconv::DeprecatedValue| (old.attribute, old.value);
    assert!(DEPRECATED_VALUES.is_sorted_by(|a, b| value(a) < value(b)));
}

#[test]
fn what_an_entry_refers_to_exists() {
    let known = |name: &str| ATTRIBUTES.iter().any(|attribute| attribute.name == name);
    let signals = SPANS.iter().map(|span| span.attributes);
    let signals = signals.chain(METRICS.iter().map(|metric| metric.attributes));
    let signals = signals.chain(EVENTS.iter().map(|event| event.attributes));
    for requirement in signals.flatten() {
        assert!(known(requirement.attribute), "{requirement:?}");
    }
    for span in SPANS {
        let refined = span
            .refines
            .is_none_or(|name| SPANS.iter().any(|span| span.name == name));
        assert!(refined, "{span:?}");
    }
    for old in DEPRECATED {
        assert!(attribute(old.name).is_none(), "{old:?} is in use");
        assert!(
            old.replacement.is_none_or(|name| attribute(name).is_some()),
            "{old:?}"
        );
        assert!(old.replacement.is_some() || !old.note.is_empty(), "{old:?}");
    }
    for old in DEPRECATED_METRICS {
        for name in old.replacements {
            assert!(METRICS.iter().any(|metric| metric.name == *name), "{old:?}");
        }
    }
    for old in DEPRECATED_VALUES {
        let values = attribute(old.attribute).map_or(&[][..], |attribute| attribute.values);
        assert!(values.contains(&old.replacement), "{old:?}");
        assert!(!values.contains(&old.value), "{old:?} is in use");
    }
}

#[test]
fn names_of_earlier_versions_and_of_tutorials_lead_to_those_of_today() {
    let today = |name| deprecated(name).and_then(|old| old.replacement);
    for (old, new) in [
        ("gen_ai.system", "gen_ai.provider.name"),
        ("gen_ai.usage.prompt_tokens", "gen_ai.usage.input_tokens"),
        (
            "gen_ai.usage.cache_creation.input_tokens",
            "gen_ai.usage.cache_write.input_tokens",
        ),
        ("gen_ai.user.message", "gen_ai.input.messages"),
        ("gen_ai.completion", "gen_ai.output.messages"),
        ("gen_ai.temperature", "gen_ai.request.temperature"),
        ("gen_ai.max_tokens", "gen_ai.request.max_tokens"),
        ("gen_ai.request.prompt_id", "gen_ai.prompt.name"),
    ] {
        assert_eq!(today(old), Some(new), "{old}");
    }
    assert_eq!(today("gen_ai.request.messages.count"), None);
}
