//! What is kept of content.

use super::{Builder, Exporter};
use crate::config::InitError;
use crate::config::env::ContentVariables;
use crate::content::{ContentLimits, ContentMode, ContentPolicy, Redaction};
#[cfg(feature = "redact")]
use crate::content::{ContentStore, Redactor};
use crate::span::limits::SpanLimits;

/// What is said of content, and who has said it.
#[derive(Debug, Default)]
pub(super) struct ContentSettings {
    policy: ContentPolicy,
    /// Whether the environment has said where content goes.
    is_mode_of_environment: bool,
}

impl ContentSettings {
    /// As the environment says.
    pub(super) fn of(variables: ContentVariables) -> Self {
        let mut policy = ContentPolicy::new(variables.mode.unwrap_or_default());
        if let Some(yes) = variables.emit_event {
            policy = policy.emit_event(yes);
        }
        // The standard is the default, where there is one.
        if variables.redacts == Some(false) {
            policy = policy.redaction(Redaction::None);
        }
        Self {
            policy,
            is_mode_of_environment: variables.mode.is_some(),
        }
    }

    /// The policy, with values no longer than `limits` has them.
    pub(super) fn checked(self, limits: SpanLimits) -> Result<ContentPolicy, InitError> {
        let policy = self.policy;
        if !(0.0..=1.0).contains(&policy.ratio()) {
            return Err(InitError::Setting {
                name: "content_sampling",
                value: policy.ratio().to_string(),
                expected: "a ratio from 0 to 1".to_owned(),
            });
        }
        policy.check_limits().map_err(|bad| InitError::Setting {
            name: bad.name,
            value: bad.value.to_string(),
            expected: bad.expected,
        })?;
        let policy = match policy.says_redaction() {
            true => policy,
            false => with_default_redaction(policy)?,
        };
        let mode = policy.current_mode();
        if mode.keeps_content() && !policy.says_redaction() {
            let expected = "GENAI_TRACE_REDACTION=none or redaction(Redaction::None) as well, in a build \
                without the feature `redact`";
            return Err(match self.is_mode_of_environment {
                true => ContentVariables::refuse_mode(mode, expected),
                false => InitError::Setting {
                    name: "content",
                    value: mode.as_str().to_owned(),
                    expected: expected.to_owned(),
                },
            });
        }
        Ok(policy.within(limits.value_length))
    }
}

#[cfg(feature = "redact")]
fn with_default_redaction(policy: ContentPolicy) -> Result<ContentPolicy, InitError> {
    let redactor = Redactor::standard().map_err(|error| InitError::Setting {
        name: "redaction",
        value: "standard".to_owned(),
        expected: error.to_string(),
    })?;
    Ok(policy.redaction(redactor))
}

/// Without the feature there is no default: somebody has to say it.
#[cfg(not(feature = "redact"))]
fn with_default_redaction(policy: ContentPolicy) -> Result<ContentPolicy, InitError> {
    Ok(policy)
}

/// The policy, with the folder of a store that lies beside the first traces file.
#[cfg(feature = "redact")]
pub(super) fn beside_traces(
    policy: ContentPolicy,
    exporters: &[Exporter],
) -> Result<ContentPolicy, InitError> {
    let file = exporters.iter().find_map(|exporter| match exporter {
        Exporter::Jsonl(path, _) => Some(path.as_path()),
        _ => None,
    });
    policy.beside(file).ok_or_else(|| InitError::Setting {
        name: "content_store",
        value: "beside_traces()".to_owned(),
        expected: "an exporter to a file, beside which content lies, or ContentStore::folder"
            .to_owned(),
    })
}

/// Without the feature there is no store.
#[cfg(not(feature = "redact"))]
pub(super) fn beside_traces(
    policy: ContentPolicy,
    _exporters: &[Exporter],
) -> Result<ContentPolicy, InitError> {
    Ok(policy)
}

impl Builder {
    fn with_content(mut self, change: impl FnOnce(ContentPolicy) -> ContentPolicy) -> Self {
        self.content.policy = change(self.content.policy);
        self
    }

    /// Says where messages, arguments and results go: nowhere unless said.
    ///
    /// What is kept is redacted, by the standard rules unless said ([`redaction`](Builder::redaction)), and cut
    /// ([`content_limits`](Builder::content_limits)), on the thread that captures it. Without the feature
    /// `redact` it is an error unless `redaction(Redaction::None)` is said as well.
    ///
    /// ```
    /// use genai_trace::content::{ContentMode, Redaction};
    /// use genai_trace::{MemoryExporter, Telemetry};
    ///
    /// let telemetry = Telemetry::builder()
    ///     .exporter(MemoryExporter::new())
    ///     .content(ContentMode::SpanOnly)
    ///     .redaction(Redaction::None) // or a `Redactor`
    ///     .install()?;
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn content(mut self, mode: ContentMode) -> Self {
        self.content.is_mode_of_environment = false;
        self.with_content(|policy| policy.mode(mode))
    }

    /// Says how content is redacted: by a `Redactor` of your own, or not at all.
    pub fn redaction(self, redaction: impl Into<Redaction>) -> Self {
        self.with_content(|policy| policy.redaction(redaction))
    }

    /// Sets how much of content is kept; the defaults of [`ContentLimits`] unless said. No attribute is
    /// longer than [`limits`](Builder::limits) have it.
    pub fn content_limits(self, limits: ContentLimits) -> Self {
        self.with_content(|policy| policy.limits(limits))
    }

    /// Stores large content, or all of it, and keeps references on the spans.
    #[cfg(feature = "redact")]
    pub fn content_store(self, store: ContentStore) -> Self {
        self.with_content(|policy| policy.store(store))
    }

    /// Sets of what part of the traces content is kept, from 0 to 1; of all whose spans are unless said.
    pub fn content_sampling(self, ratio: f64) -> Self {
        self.with_content(|policy| policy.sampling(ratio))
    }

    /// Sets whether the event `gen_ai.client.inference.operation.details` is emitted; where it has content
    /// unless said.
    pub fn emit_event(self, yes: bool) -> Self {
        self.with_content(|policy| policy.emit_event(yes))
    }
}

#[cfg(test)]
mod tests;
