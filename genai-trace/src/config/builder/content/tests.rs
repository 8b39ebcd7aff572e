//! What is said of content before telemetry is installed.

use super::*;
#[cfg(feature = "redact")]
use crate::export::memory::MemoryExporter;
use crate::span::ids::TraceId;

fn checked(builder: Builder) -> Result<ContentPolicy, InitError> {
    let limits = builder.limits;
    builder.content.checked(limits)
}

fn trace() -> TraceId {
    TraceId::from_bytes([0xFF; 16]).unwrap()
}

#[test]
fn nothing_is_kept_unless_said() {
    let policy = checked(Builder::default()).unwrap();
    assert_eq!(policy.mode_of(None, trace()), ContentMode::NoContent);
    assert!(!policy.emits_event(None));
}

#[test]
fn content_is_redacted_by_default_or_an_error() {
    let policy = checked(Builder::default().content(ContentMode::SpanOnly));
    match cfg!(feature = "redact") {
        true => {
            let policy = policy.unwrap();
            let kind = crate::content::ContentKind::UserText;
            let kept = policy.prepare_text(kind, "ada@example.com").text;
            assert_eq!(kept.as_deref(), Some("[REDACTED:email]"));
        }
        false => assert_eq!(
            policy.unwrap_err().to_string(),
            "content(SPAN_ONLY): expected GENAI_TRACE_REDACTION=none or redaction(Redaction::None) as well, \
             in a build without the feature `redact`"
        ),
    }
}

#[cfg(not(feature = "redact"))]
#[test]
fn a_mode_of_the_environment_is_refused_by_its_name() {
    let settings = ContentSettings::of(ContentVariables {
        mode: Some(ContentMode::EventOnly),
        ..ContentVariables::default()
    });
    let error = settings
        .checked(SpanLimits::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with(
            "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT is \"EVENT_ONLY\": expected GENAI"
        ),
        "{error}"
    );
}

#[test]
fn code_goes_before_the_environment_and_keeps_what_it_does_not_say() {
    let builder = Builder {
        content: ContentSettings::of(ContentVariables {
            mode: Some(ContentMode::EventOnly),
            emit_event: Some(false),
            redacts: Some(false),
        }),
        ..Builder::default()
    };
    let policy = checked(builder.content(ContentMode::SpanOnly)).unwrap();
    assert_eq!(policy.mode_of(None, trace()), ContentMode::SpanOnly);
    assert!(!policy.emits_event(Some(ContentMode::EventOnly)));
}

#[test]
fn settings_that_mean_nothing_are_named() {
    let none = || Builder::default().redaction(Redaction::None);
    for (builder, expected) in [
        (
            none().content_sampling(1.5),
            "content_sampling(1.5): expected a ratio from 0 to 1",
        ),
        (
            none().content_sampling(f64::NAN),
            "content_sampling(NaN): expected a ratio from 0 to 1",
        ),
        (
            none().content_limits(ContentLimits::default().attribute_bytes(10)),
            "attribute_bytes(10): expected 256 to 262144",
        ),
    ] {
        assert_eq!(checked(builder).unwrap_err().to_string(), expected);
    }
}

#[test]
fn content_is_no_longer_than_any_other_value() {
    let builder = Builder::default()
        .redaction(Redaction::None)
        .limits(SpanLimits::default().attribute_value_length(100));
    let kept = checked(builder).unwrap().prepare(
        crate::content::ContentKind::InputMessages,
        (0..1000).collect(),
    );
    assert!(kept.text.unwrap().len() <= 100);
}

#[cfg(feature = "redact")]
#[test]
fn a_store_beside_the_traces_needs_traces_in_a_file() {
    let builder = Builder::default()
        .content_store(ContentStore::beside_traces())
        .memory(&MemoryExporter::new());
    let error = builder.install().unwrap_err().to_string();
    assert!(
        error.starts_with("content_store(beside_traces()): expected an exporter to a file"),
        "{error}"
    );
}
