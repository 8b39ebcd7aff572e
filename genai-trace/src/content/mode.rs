//! Where content goes that is captured.

use std::fmt;
use std::str::FromStr;

/// Where messages, arguments and results go: nowhere unless said.
///
/// The words are those of `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`, in any case.
///
/// ```
/// use genai_trace::content::ContentMode;
///
/// let mode: ContentMode = "span_only".parse()?;
/// assert!(mode.is_on_span() && !mode.is_in_event());
/// assert_eq!(mode.to_string(), "SPAN_ONLY");
/// # Ok::<(), genai_trace::content::UnknownContentMode>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContentMode {
    /// Nothing of it is kept, but how large it was.
    #[default]
    NoContent,
    /// It is kept as attributes of the span.
    SpanOnly,
    /// It is kept in the event `gen_ai.client.inference.operation.details`.
    EventOnly,
    /// It is kept as attributes and in the event.
    SpanAndEvent,
}

impl ContentMode {
    const ALL: [Self; 4] = [
        Self::NoContent,
        Self::SpanOnly,
        Self::EventOnly,
        Self::SpanAndEvent,
    ];

    /// The words that are understood.
    pub(crate) const EXPECTED: &'static str = "NO_CONTENT, SPAN_ONLY, EVENT_ONLY or SPAN_AND_EVENT";

    /// Whether content becomes attributes of the span.
    pub const fn is_on_span(self) -> bool {
        matches!(self, Self::SpanOnly | Self::SpanAndEvent)
    }

    /// Whether content goes into the event.
    pub const fn is_in_event(self) -> bool {
        matches!(self, Self::EventOnly | Self::SpanAndEvent)
    }

    /// Whether content is kept at all.
    pub const fn keeps_content(self) -> bool {
        !matches!(self, Self::NoContent)
    }

    /// The word for it in the environment.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoContent => "NO_CONTENT",
            Self::SpanOnly => "SPAN_ONLY",
            Self::EventOnly => "EVENT_ONLY",
            Self::SpanAndEvent => "SPAN_AND_EVENT",
        }
    }
}

impl fmt::Display for ContentMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ContentMode {
    type Err = UnknownContentMode;

    fn from_str(word: &str) -> Result<Self, UnknownContentMode> {
        let known = Self::ALL
            .into_iter()
            .find(|mode| mode.as_str().eq_ignore_ascii_case(word));
        known.ok_or_else(|| UnknownContentMode(word.to_owned()))
    }
}

/// A word is no [`ContentMode`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownContentMode(String);

impl fmt::Display for UnknownContentMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unknown content mode {:?}: expected {}",
            self.0,
            ContentMode::EXPECTED
        )
    }
}

impl std::error::Error for UnknownContentMode {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_says_where_content_goes() {
        let places = ContentMode::ALL.map(|mode| (mode.is_on_span(), mode.is_in_event()));
        assert_eq!(
            places,
            [(false, false), (true, false), (false, true), (true, true)]
        );
        assert_eq!(ContentMode::default(), ContentMode::NoContent);
        assert!(!ContentMode::NoContent.keeps_content());
        assert!(ContentMode::EventOnly.keeps_content());
    }

    #[test]
    fn a_mode_is_read_in_any_case_and_nothing_else_is_one() {
        for mode in ContentMode::ALL {
            assert_eq!(mode.as_str().to_lowercase().parse(), Ok(mode));
        }
        for word in ["true", "1", "", "SPAN", "SPAN ONLY"] {
            let refused = word.parse::<ContentMode>().unwrap_err();
            assert_eq!(
                refused.to_string(),
                format!(
                    "unknown content mode {word:?}: expected NO_CONTENT, SPAN_ONLY, EVENT_ONLY or \
                     SPAN_AND_EVENT"
                )
            );
        }
    }
}
