//! What is kept of content, and how.

#[cfg(feature = "redact")]
mod elsewhere;

use std::time::Duration;

use serde_json::Value;

use super::counts::ContentCounts;
use super::json_bytes;
use super::kind::ContentKind;
use super::limits::{BadLimit, ContentLimits};
use super::mode::ContentMode;
use super::prepared::Prepared;
use super::redaction::Redaction;
#[cfg(feature = "redact")]
use super::store::ContentStore;
use super::truncate::{truncate_json, truncate_text};
use crate::process::probability::Probability;
use crate::span::ids::TraceId;

/// What is kept of content, and how: where it goes, what is taken out of it, how large it may be, where
/// large content is stored, and of how many traces it is kept at all.
///
/// The [`Builder`](crate::Builder) makes one; on its own it shows in a test what would be kept.
///
/// ```
/// # #[cfg(feature = "redact")] {
/// use genai_trace::content::{ContentKind, ContentMode, ContentPolicy, Redactor};
/// use serde_json::json;
///
/// let policy = ContentPolicy::new(ContentMode::SpanOnly).redaction(Redactor::standard().unwrap());
/// let arguments = json!({"to": "ada@example.com", "body": "word ".repeat(400)});
/// let prepared = policy.prepare(ContentKind::ToolArguments, arguments);
/// let text = prepared.text.unwrap();
/// assert!(text.starts_with(r#"{"body":"word word"#) && text.ends_with(r#""to":"[REDACTED:email]"}"#));
/// assert_eq!(prepared.original_bytes, 2034);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ContentPolicy {
    mode: ContentMode,
    emit_event: Option<bool>,
    limits: ContentLimits,
    /// None until it is said: then nothing is kept.
    redaction: Option<Redaction>,
    #[cfg(feature = "redact")]
    store: Option<ContentStore>,
    sampling: f64,
}

impl Default for ContentPolicy {
    fn default() -> Self {
        Self::new(ContentMode::NoContent)
    }
}

impl ContentPolicy {
    /// Content goes where `mode` says, once it is said how it is [redacted](ContentPolicy::redaction).
    pub const fn new(mode: ContentMode) -> Self {
        Self {
            mode,
            emit_event: None,
            limits: ContentLimits::DEFAULT,
            redaction: None,
            #[cfg(feature = "redact")]
            store: None,
            sampling: 1.0,
        }
    }

    /// Sets where content goes.
    pub fn mode(mut self, mode: ContentMode) -> Self {
        self.mode = mode;
        self
    }

    /// Sets how content is redacted. Until this is said nothing is kept.
    pub fn redaction(mut self, redaction: impl Into<Redaction>) -> Self {
        self.redaction = Some(redaction.into());
        self
    }

    /// Sets how much is kept.
    pub fn limits(mut self, limits: ContentLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets where large content is stored.
    #[cfg(feature = "redact")]
    pub fn store(mut self, store: ContentStore) -> Self {
        self.store = Some(store);
        self
    }

    /// Sets of what part of the traces content is kept, from 0 to 1, of those whose spans are. It is all or
    /// nothing of a trace, in all processes that say the same.
    pub fn sampling(mut self, ratio: f64) -> Self {
        self.sampling = ratio;
        self
    }

    /// Sets whether the event `gen_ai.client.inference.operation.details` is emitted; where the mode has
    /// content in it unless said.
    pub fn emit_event(mut self, yes: bool) -> Self {
        self.emit_event = Some(yes);
        self
    }

    /// Where the content of a call in `trace` goes, for which `said` may have something else than the
    /// policy. Nowhere, where the trace is not sampled or it is not known how to redact.
    pub fn mode_of(&self, said: Option<ContentMode>, trace: TraceId) -> ContentMode {
        let mode = said.unwrap_or(self.mode);
        let is_kept = mode.keeps_content()
            && self.redaction.is_some()
            && Probability::nearest(self.sampling).keeps(trace);
        match is_kept {
            true => mode,
            false => ContentMode::NoContent,
        }
    }

    /// Whether the event is emitted, with content or without, of a call for which `said` may have
    /// something else than the policy.
    pub fn emits_event(&self, said: Option<ContentMode>) -> bool {
        let mode = said.unwrap_or(self.mode);
        self.emit_event.unwrap_or(mode.is_in_event())
    }

    /// Prepares a value: redacted, then stored or cut. What is left is JSON.
    pub fn prepare(&self, kind: ContentKind, value: Value) -> Prepared {
        let original_bytes = json_bytes(&value).unwrap_or(0);
        let Some(redaction) = &self.redaction else {
            return withheld(original_bytes);
        };
        let mut value = value;
        redaction.apply_to_json(kind.root(), &mut value);
        #[cfg(feature = "redact")]
        if let Some(elsewhere) = self.elsewhere(kind, &value) {
            return Prepared {
                original_bytes,
                text: elsewhere.text.map(|text| Value::String(text).to_string()),
                ..elsewhere
            };
        }
        truncate_json(&mut value, self.limits.chars_of(kind), self.limits.bytes());
        Prepared {
            text: Some(value.to_string()),
            original_bytes,
            reference: None,
        }
    }

    /// Prepares a text. The arguments of a tool, or its result, are a value where the text is JSON of a
    /// list or an object.
    pub fn prepare_text(&self, kind: ContentKind, text: &str) -> Prepared {
        let original_bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
        if kind.is_of_tool_call()
            && let Ok(value @ (Value::Array(_) | Value::Object(_))) = serde_json::from_str(text)
        {
            return Prepared {
                original_bytes,
                ..self.prepare(kind, value)
            };
        }
        let Some(redaction) = &self.redaction else {
            return withheld(original_bytes);
        };
        let text = redaction.apply_to_text(kind.root(), text);
        #[cfg(feature = "redact")]
        if let Some(elsewhere) = self.elsewhere_of_text(kind, &text) {
            return Prepared {
                original_bytes,
                ..elsewhere
            };
        }
        let mut cut = truncate_text(&text, self.limits.chars_of(kind));
        if cut.len() > self.limits.bytes() {
            // A character takes four bytes at most.
            cut = truncate_text(&text, self.limits.bytes() / 4);
        }
        Prepared {
            text: Some(cut.into_owned()),
            original_bytes,
            reference: None,
        }
    }

    /// How many texts were dropped because a hook of the redactor has panicked.
    pub fn redaction_failures(&self) -> u64 {
        self.redaction.as_ref().map_or(0, Redaction::failures)
    }

    /// Waits until what was to be stored is written, within `deadline`; whether it was.
    pub fn flush(&self, deadline: Duration) -> bool {
        #[cfg(feature = "redact")]
        if let Some(store) = &self.store {
            return store.flush(deadline);
        }
        let _ = deadline;
        true
    }

    /// What became of content so far.
    pub(crate) fn counts(&self) -> ContentCounts {
        let counts = ContentCounts {
            is_asked_for: self.mode.keeps_content(),
            redaction_failures: self.redaction_failures(),
            stored: None,
        };
        #[cfg(feature = "redact")]
        let counts = ContentCounts {
            stored: self.store.as_ref().map(|store| store.report().outcomes()),
            ..counts
        };
        counts
    }

    /// The store, where there is one.
    #[cfg(feature = "redact")]
    pub fn content_store(&self) -> Option<&ContentStore> {
        self.store.as_ref()
    }

    /// With the folder of its store, where that is beside the traces; none where there are no traces to be
    /// beside of.
    #[cfg(feature = "redact")]
    pub(crate) fn beside(mut self, traces: Option<&std::path::Path>) -> Option<Self> {
        if let Some(store) = self.store.take() {
            self.store = Some(store.beside(traces)?);
        }
        Some(self)
    }
}

/// How a policy is checked before it is used.
impl ContentPolicy {
    pub(crate) fn current_mode(&self) -> ContentMode {
        self.mode
    }

    pub(crate) fn ratio(&self) -> f64 {
        self.sampling
    }

    pub(crate) fn says_redaction(&self) -> bool {
        self.redaction.is_some()
    }

    pub(crate) fn check_limits(&self) -> Result<(), BadLimit> {
        self.limits.check()
    }

    /// With attributes that are no longer than any other may be.
    pub(crate) fn within(mut self, value_chars: u32) -> Self {
        self.limits = self.limits.within(value_chars);
        self
    }
}

fn withheld(original_bytes: u64) -> Prepared {
    Prepared {
        original_bytes,
        ..Prepared::default()
    }
}

#[cfg(test)]
mod tests;
