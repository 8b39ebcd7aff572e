//! How much is kept of content.

use std::ops::RangeInclusive;

use super::kind::ContentKind;

/// Most bytes of an attribute that make sense: what is longer is cut in an entry, and no JSON any more.
const ATTRIBUTE_BYTES: RangeInclusive<usize> = 256..=256 * 1024;

/// How much is kept of content, where it is kept.
///
/// Texts are cut at characters, and JSON stays JSON: each text in it is cut for itself, and lists lose
/// what is in the middle, where the whole is too large. Notes say how much there was.
///
/// ```
/// use genai_trace::content::ContentLimits;
///
/// let limits = ContentLimits::default().text_chars(2_000).attribute_bytes(16 * 1024);
/// # let _ = limits;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentLimits {
    text_chars: usize,
    tool_text_chars: usize,
    attribute_bytes: usize,
    #[cfg(feature = "redact")]
    hash_above: Option<usize>,
    #[cfg(feature = "redact")]
    hash_instructions: bool,
}

impl Default for ContentLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A limit that makes no sense.
#[derive(Debug)]
pub(crate) struct BadLimit {
    pub(crate) name: &'static str,
    pub(crate) value: usize,
    pub(crate) expected: String,
}

impl ContentLimits {
    pub(crate) const DEFAULT: Self = Self {
        text_chars: 500,
        tool_text_chars: 1_000,
        attribute_bytes: 64 * 1024,
        #[cfg(feature = "redact")]
        hash_above: None,
        #[cfg(feature = "redact")]
        hash_instructions: false,
    };

    /// Sets how many characters of a text are kept, the note of its length included; 500 unless said.
    pub const fn text_chars(mut self, most: usize) -> Self {
        self.text_chars = most;
        self
    }

    /// Sets the same for each text in the arguments and the result of a tool; 1,000 unless said.
    pub const fn tool_text_chars(mut self, most: usize) -> Self {
        self.tool_text_chars = most;
        self
    }

    /// Sets how many bytes of JSON one attribute takes at most, from 256 to 262,144; 65,536 unless said.
    pub const fn attribute_bytes(mut self, most: usize) -> Self {
        self.attribute_bytes = most;
        self
    }

    /// Keeps the SHA-256 and the size in the place of what takes more bytes than this.
    #[cfg(feature = "redact")]
    pub const fn hash_above(mut self, bytes: usize) -> Self {
        self.hash_above = Some(bytes);
        self
    }

    /// Keeps the SHA-256 and the size in the place of system instructions, however short.
    #[cfg(feature = "redact")]
    pub const fn hash_instructions(mut self, yes: bool) -> Self {
        self.hash_instructions = yes;
        self
    }

    /// Most characters of a text in what is of this kind.
    pub(crate) const fn chars_of(&self, kind: ContentKind) -> usize {
        match kind.is_of_tool_call() {
            true => self.tool_text_chars,
            false => self.text_chars,
        }
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.attribute_bytes
    }

    /// Whether only a hash is kept of so many bytes.
    #[cfg(feature = "redact")]
    pub(crate) fn hashes(&self, kind: ContentKind, bytes: usize) -> bool {
        let is_large = self.hash_above.is_some_and(|most| bytes > most);
        is_large || self.always_hashes(kind)
    }

    /// Whether only a hash is kept of what is of this kind, and it is not stored either.
    #[cfg(feature = "redact")]
    pub(crate) fn always_hashes(&self, kind: ContentKind) -> bool {
        self.hash_instructions && kind == ContentKind::SystemInstructions
    }

    /// With attributes that are no longer than any other may be.
    pub(crate) fn within(mut self, value_chars: u32) -> Self {
        // No text has more characters than bytes.
        let most = usize::try_from(value_chars).unwrap_or(usize::MAX);
        self.attribute_bytes = self.attribute_bytes.min(most);
        self
    }

    pub(crate) fn check(&self) -> Result<(), BadLimit> {
        match ATTRIBUTE_BYTES.contains(&self.attribute_bytes) {
            true => Ok(()),
            false => Err(BadLimit {
                name: "attribute_bytes",
                value: self.attribute_bytes,
                expected: format!("{} to {}", ATTRIBUTE_BYTES.start(), ATTRIBUTE_BYTES.end()),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_a_tool_may_be_longer() {
        let limits = ContentLimits::default();
        assert_eq!(limits.chars_of(ContentKind::UserText), 500);
        assert_eq!(limits.chars_of(ContentKind::ToolArguments), 1_000);
        assert_eq!(limits.bytes(), 65_536);
    }

    #[test]
    fn an_attribute_is_as_long_as_values_may_be() {
        assert_eq!(ContentLimits::default().within(100).bytes(), 100);
        assert_eq!(ContentLimits::default().within(u32::MAX).bytes(), 65_536);
    }

    #[test]
    fn an_attribute_of_a_few_bytes_or_of_megabytes_is_refused() {
        for bytes in [0, 255, 256 * 1024 + 1] {
            let bad = ContentLimits::default().attribute_bytes(bytes).check();
            assert_eq!(bad.unwrap_err().value, bytes);
        }
        assert!(
            ContentLimits::default()
                .attribute_bytes(256)
                .check()
                .is_ok()
        );
    }
}
