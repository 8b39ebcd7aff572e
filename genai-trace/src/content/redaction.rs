//! Whether content is redacted.

use std::borrow::Cow;

use serde_json::Value;

use super::REDACTED;
#[cfg(feature = "redact")]
use super::redact::Redactor;
use super::scrub::{scrub_content, scrub_json};

/// Whether content is redacted before it is kept.
///
/// With the feature `redact` it is unless said. Without it, whoever asks for content has to say
/// [`Redaction::None`], so that nobody keeps what users typed by accident.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Redaction {
    /// As this redactor does.
    #[cfg(feature = "redact")]
    Standard(Redactor),
    /// Not at all, but for credentials in URLs and headers.
    None,
}

#[cfg(feature = "redact")]
impl From<Redactor> for Redaction {
    fn from(redactor: Redactor) -> Self {
        Self::Standard(redactor)
    }
}

impl Redaction {
    pub(super) fn apply_to_json(&self, root: &str, value: &mut Value) {
        match self {
            #[cfg(feature = "redact")]
            Self::Standard(redactor) => redactor.redact_json(root, value),
            Self::None => {
                // Only rules look at where a text stands.
                let _ = root;
                scrub_json(value);
            }
        }
    }

    pub(super) fn apply_to_text<'a>(&self, root: &str, text: &'a str) -> Cow<'a, str> {
        match self {
            #[cfg(feature = "redact")]
            Self::Standard(redactor) => match redactor.redact_at(root, text) {
                Some(redacted) => Cow::Owned(redacted),
                None => Cow::Borrowed(text),
            },
            Self::None => {
                let _ = root;
                scrub_content(text, REDACTED)
            }
        }
    }

    /// How many texts were dropped because a rule has failed.
    pub(super) fn failures(&self) -> u64 {
        match self {
            #[cfg(feature = "redact")]
            Self::Standard(redactor) => redactor.failures(),
            Self::None => 0,
        }
    }
}
