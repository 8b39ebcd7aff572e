//! Text that stands in base 64 or in per cent.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::percent_decode_str;

/// Nobody who hides something keeps to every rule.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Fewer characters of base 64 say too little to be sure of.
const SHORTEST: usize = 24;

/// What the runs of base 64 in `text` stand for, as far as that is text.
pub(super) fn texts(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !is_digit(c))
        .filter(|run| run.len() >= SHORTEST)
        .filter_map(decoded)
}

const fn is_digit(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_')
}

/// Text that stands in base 64, of either alphabet; none where it stands for anything else.
pub(super) fn decoded(run: &str) -> Option<String> {
    let run = run.replace('-', "+").replace('_', "/");
    let bytes = LENIENT.decode(run).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let is_text = text.chars().all(|c| !c.is_control() || c.is_whitespace());
    (is_text && !text.is_empty()).then_some(text)
}

/// What a part of a URL says: `%20` and `+` are spaces.
pub(super) fn from_url(part: &str) -> String {
    let spaced = part.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_base_64_is_found_and_hashes_are_none() {
        let found: Vec<_> = texts("x=dGhlIHBhc3N3b3JkIGlzIGh1bnRlcjI= y").collect();
        assert_eq!(found, ["the password is hunter2"]);
        assert_eq!(
            texts("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08").count(),
            0
        );
        assert_eq!(texts("internationalizationguides").count(), 0);
    }

    #[test]
    fn what_a_url_says_is_read() {
        assert_eq!(from_url("a%20b+c%zz%4"), "a b c%zz%4");
    }
}
