//! What stands in the place of what was redacted.

/// What stands in the place of something that no rule has a word for.
pub(crate) const REDACTED: &str = "[REDACTED]";

const OPENING: &str = "[REDACTED";

/// The length of the mark that `text` begins with: `[REDACTED]` or `[REDACTED:word]`.
pub(crate) fn len_at(text: &str) -> Option<usize> {
    let rest = text.strip_prefix(OPENING)?;
    if rest.starts_with(']') {
        return Some(OPENING.len() + 1);
    }
    let rest = rest.strip_prefix(':')?;
    let word = rest.bytes().position(|byte| byte == b']')?;
    let is_word = is_word(rest.get(..word)?);
    is_word.then_some(OPENING.len() + word + 2)
}

/// Whether a rule may be called so: the mark is to be told from what is around it, and nothing that is
/// secret is to look like one.
pub(crate) fn is_word(word: &str) -> bool {
    let is_part = |byte: u8| matches!(byte, b'a'..=b'z' | b'_');
    (1..=LONGEST_WORD).contains(&word.len()) && word.bytes().all(is_part)
}

/// Most letters of a rule's name.
const LONGEST_WORD: usize = 24;

/// The mark with a word.
#[cfg(feature = "redact")]
pub(crate) fn of(word: &str) -> String {
    format!("{OPENING}:{word}]")
}

/// Where the next mark begins in `text`, from `at` on, and its length.
#[cfg(feature = "redact")]
pub(crate) fn next(text: &str, mut at: usize) -> Option<(usize, usize)> {
    loop {
        let rest = text.get(at..)?;
        let found = at + rest.find(OPENING)?;
        match text.get(found..).and_then(len_at) {
            Some(len) => return Some((found, len)),
            None => at = found + OPENING.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_mark_is_one() {
        assert_eq!(len_at("[REDACTED] x"), Some(10));
        assert_eq!(len_at("[REDACTED:api_key]x"), Some(18));
        for text in [
            "",
            "[REDACTED",
            "[REDACTED:]",
            "[REDACTED:a b]",
            "[REDACTED:sk-1]",
            "x[REDACTED]",
        ] {
            assert_eq!(len_at(text), None, "{text}");
        }
    }

    #[cfg(feature = "redact")]
    #[test]
    fn marks_are_found_among_what_only_looks_like_one() {
        let text = "[REDACTED[REDACTED:x]";
        assert_eq!(next(text, 0), Some((9, 12)));
        assert_eq!(next(text, 10), None);
    }
}
