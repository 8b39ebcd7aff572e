//! What is kept of content, as the variables say it.

use super::{InitError, Reader, boolean, refused};
use crate::content::ContentMode;

const MODE: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
const EMIT_EVENT: &str = "OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT";
const REDACTION: &str = "GENAI_TRACE_REDACTION";

/// What the environment says of content; what it does not say is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::config) struct ContentVariables {
    pub(in crate::config) mode: Option<ContentMode>,
    pub(in crate::config) emit_event: Option<bool>,
    /// Whether content is redacted.
    pub(in crate::config) redacts: Option<bool>,
}

impl ContentVariables {
    /// An error that names the variable of the mode.
    pub(in crate::config) fn refuse_mode(mode: ContentMode, expected: &str) -> InitError {
        refused(MODE, mode.as_str(), expected)
    }
}

impl Reader<'_> {
    pub(super) fn content(&self) -> Result<ContentVariables, InitError> {
        let mode = self.text(MODE)?.map(|value| {
            let mode = value.parse();
            mode.map_err(|_| refused(MODE, value, ContentMode::EXPECTED))
        });
        let emit_event = self
            .text(EMIT_EVENT)?
            .map(|value| boolean(EMIT_EVENT, &value));
        Ok(ContentVariables {
            mode: mode.transpose()?,
            emit_event: emit_event.transpose()?,
            redacts: self.redacts()?,
        })
    }

    fn redacts(&self) -> Result<Option<bool>, InitError> {
        let Some(value) = self.text(REDACTION)? else {
            return Ok(None);
        };
        match value.to_ascii_lowercase().as_str() {
            "none" => Ok(Some(false)),
            "standard" if cfg!(feature = "redact") => Ok(Some(true)),
            _ if cfg!(feature = "redact") => Err(refused(REDACTION, value, "standard or none")),
            _ => Err(refused(
                REDACTION,
                value,
                "none: this build is without the feature `redact`",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn content(variables: &[(&str, &str)]) -> Result<ContentVariables, InitError> {
        let lookup = |name: &str| {
            let said = variables.iter().find(|(variable, _)| *variable == name);
            said.map(|(_, value)| OsString::from(value))
        };
        Reader(&lookup).content()
    }

    #[test]
    fn content_is_what_the_variables_say() {
        assert_eq!(content(&[]).unwrap(), ContentVariables::default());
        let said = content(&[
            (MODE, "span_and_event"),
            (EMIT_EVENT, "FALSE"),
            (REDACTION, "None"),
        ]);
        assert_eq!(
            said.unwrap(),
            ContentVariables {
                mode: Some(ContentMode::SpanAndEvent),
                emit_event: Some(false),
                redacts: Some(false),
            }
        );
        let redacts = content(&[(REDACTION, "standard")]).map(|said| said.redacts);
        assert_eq!(redacts.ok(), cfg!(feature = "redact").then_some(Some(true)));
    }

    #[test]
    fn values_that_mean_nothing_are_named_with_what_is_allowed() {
        let refusal = |name, value| content(&[(name, value)]).unwrap_err().to_string();
        assert_eq!(
            refusal(MODE, "true"),
            "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT is \"true\": expected NO_CONTENT, SPAN_ONLY, \
             EVENT_ONLY or SPAN_AND_EVENT"
        );
        assert_eq!(
            refusal(EMIT_EVENT, "yes"),
            "OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT is \"yes\": expected true or false"
        );
        let allowed = match cfg!(feature = "redact") {
            true => "standard or none",
            false => "none: this build is without the feature `redact`",
        };
        assert_eq!(
            refusal(REDACTION, "off"),
            format!("GENAI_TRACE_REDACTION is \"off\": expected {allowed}")
        );
    }
}
