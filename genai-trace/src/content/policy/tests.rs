//! What a policy keeps.

use serde_json::json;

use super::*;

fn trace(randomness: u64) -> TraceId {
    TraceId::from_bytes((0xFF << 120 | u128::from(randomness)).to_be_bytes()).unwrap()
}

fn bare() -> ContentPolicy {
    ContentPolicy::new(ContentMode::SpanOnly).redaction(Redaction::None)
}

#[test]
fn nothing_is_kept_before_it_is_said_how_to_redact() {
    let policy = ContentPolicy::new(ContentMode::SpanAndEvent);
    assert_eq!(policy.mode_of(None, trace(1)), ContentMode::NoContent);
    assert_eq!(
        policy.mode_of(Some(ContentMode::SpanOnly), trace(1)),
        ContentMode::NoContent
    );
    let prepared = policy.prepare(ContentKind::InputMessages, json!(["secret"]));
    assert_eq!((prepared.text, prepared.original_bytes), (None, 10));
    let prepared = policy.prepare_text(ContentKind::UserText, "secret");
    assert_eq!((prepared.text, prepared.original_bytes), (None, 6));
}

#[test]
fn a_call_may_say_something_else_than_the_policy() {
    let policy = bare().mode(ContentMode::EventOnly);
    assert_eq!(policy.mode_of(None, trace(1)), ContentMode::EventOnly);
    assert_eq!(
        policy.mode_of(Some(ContentMode::NoContent), trace(1)),
        ContentMode::NoContent
    );
    assert!(policy.emits_event(None) && !policy.emits_event(Some(ContentMode::SpanOnly)));
    let always = policy.clone().emit_event(true);
    assert!(always.emits_event(Some(ContentMode::NoContent)));
    assert!(!policy.emit_event(false).emits_event(None));
}

#[test]
fn content_is_sampled_by_trace() {
    let policy = bare().sampling(0.25);
    let kept = |randomness| policy.mode_of(None, trace(randomness)).keeps_content();
    assert!(kept(3 << 54) && !kept((3 << 54) - 1));
    assert!(
        !bare()
            .sampling(0.0)
            .mode_of(None, trace(u64::MAX >> 8))
            .keeps_content()
    );
}

#[test]
fn texts_are_cut_by_kind_and_values_stay_json() {
    let policy = bare();
    let long = "x ".repeat(1000);
    let user = policy.prepare_text(ContentKind::UserText, &long);
    assert_eq!(user.original_bytes, 2000);
    assert_eq!(user.text.unwrap().chars().count(), 500);
    let arguments = policy.prepare(ContentKind::ToolArguments, json!({"a": long, "b": 1}));
    let value: Value = serde_json::from_str(&arguments.text.unwrap()).unwrap();
    assert_eq!(value["a"].as_str().unwrap().chars().count(), 1000);
    assert_eq!(value["b"], 1);
}

#[test]
fn a_text_is_never_longer_than_an_attribute() {
    let limits = ContentLimits::default()
        .text_chars(10_000)
        .attribute_bytes(256);
    let prepared = bare()
        .limits(limits)
        .prepare_text(ContentKind::Query, &"ä".repeat(5000));
    assert!(prepared.text.unwrap().len() <= 256);
    let messages = bare()
        .limits(limits)
        .prepare(ContentKind::InputMessages, (0..1000).collect());
    assert!(messages.text.unwrap().len() <= 256);
}

#[test]
fn credentials_go_even_where_nothing_is_redacted() {
    let prepared = bare().prepare(
        ContentKind::ToolResult,
        json!({"url": "https://ada:pw@host/?q=1&key=abc", "mail": "ada@example.com"}),
    );
    assert_eq!(
        prepared.text.unwrap(),
        "{\"mail\":\"ada@example.com\",\"url\":\"https://REDACTED:REDACTED@host/?q=1&key=REDACTED\"}"
    );
    let text = bare().prepare_text(ContentKind::UserText, "Authorization: Bearer abc");
    assert_eq!(text.text.as_deref(), Some("Authorization: [REDACTED]"));
}

#[test]
fn arguments_in_a_text_are_a_value() {
    let prepared = bare().prepare_text(ContentKind::ToolArguments, " { \"b\": 1, \"a\": [] } ");
    assert_eq!(prepared.text.as_deref(), Some("{\"a\":[],\"b\":1}"));
    assert_eq!(prepared.original_bytes, 21);
    let words = bare().prepare_text(ContentKind::ToolResult, "42 files");
    assert_eq!(words.text.as_deref(), Some("42 files"));
}

#[cfg(feature = "redact")]
mod redacted {
    use std::time::Duration;

    use super::*;
    use crate::content::{ContentSink, ContentStore, Redactor};

    fn standard() -> ContentPolicy {
        ContentPolicy::new(ContentMode::SpanOnly).redaction(Redactor::standard().unwrap())
    }

    #[test]
    fn a_value_is_redacted_before_it_is_cut() {
        let text = format!("{} ada@example.com", "x".repeat(455));
        let prepared = standard().prepare_text(ContentKind::UserText, &text);
        assert_eq!(
            prepared.text.unwrap().len(),
            455 + 1 + "[REDACTED:email]".len()
        );
        let arguments = standard().prepare(ContentKind::ToolArguments, json!({"password": 1}));
        assert_eq!(
            arguments.text.as_deref(),
            Some("{\"password\":\"[REDACTED:key]\"}")
        );
    }

    #[test]
    fn of_what_is_large_a_hash_may_be_kept() {
        let policy = standard().limits(ContentLimits::default().hash_above(10));
        let kept = policy.prepare(ContentKind::InputMessages, json!(["a long text"]));
        let text: String = serde_json::from_str(&kept.text.unwrap()).unwrap();
        assert!(
            text.starts_with("sha256:") && text.ends_with(" (15 bytes)"),
            "{text}"
        );
        assert_eq!(text.len(), "sha256:".len() + 64 + " (15 bytes)".len());
        let short = policy.prepare(ContentKind::InputMessages, json!(["short"]));
        assert_eq!(short.text.as_deref(), Some("[\"short\"]"));
        let text = policy
            .prepare_text(ContentKind::UserText, "a long text")
            .text
            .unwrap();
        assert!(
            text.starts_with("sha256:") && text.ends_with(" (11 bytes)"),
            "{text}"
        );
    }

    #[test]
    fn instructions_may_be_a_hash_however_short_and_are_stored_nowhere() {
        let policy = standard()
            .limits(ContentLimits::default().hash_instructions(true))
            .store(ContentStore::sink(Nowhere).everything());
        let kept = policy.prepare(
            ContentKind::SystemInstructions,
            json!([{"type": "text", "content": "x"}]),
        );
        assert!(kept.text.unwrap().starts_with("\"sha256:"));
        assert_eq!(kept.reference, None);
        assert_eq!(policy.content_store().unwrap().report().stored, 0);
    }

    struct Nowhere;

    impl ContentSink for Nowhere {
        fn put(&self, _reference: &str, bytes: &[u8]) -> std::io::Result<()> {
            match std::str::from_utf8(bytes) {
                Ok(text) if text.contains("ada@") => Err(std::io::Error::other("not redacted")),
                _ => Ok(()),
            }
        }
    }

    #[test]
    fn what_is_stored_is_redacted_and_leaves_only_its_reference() {
        let policy = standard().store(ContentStore::sink(Nowhere).above(100));
        let large = json!([{"content": format!("ada@example.com {}", "x".repeat(100))}]);
        let stored = policy.prepare(ContentKind::InputMessages, large.clone());
        assert_eq!(stored.text, None);
        assert_eq!(stored.original_bytes, large.to_string().len() as u64);
        assert!(stored.reference.unwrap().starts_with("sha256:"));
        let small = policy.prepare(ContentKind::InputMessages, json!(["small"]));
        assert_eq!(
            (small.text.as_deref(), small.reference),
            (Some("[\"small\"]"), None)
        );
        assert!(policy.flush(Duration::from_secs(60)));
        assert_eq!(policy.content_store().unwrap().report().failed, 0);
    }
}
