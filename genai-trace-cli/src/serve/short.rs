//! Texts that stand in a list: as much of them as anybody reads there.

/// In a list of runs.
pub(super) const IN_LIST: usize = 200;
/// In a waterfall, whose messages are read as well.
pub(super) const IN_WATERFALL: usize = 1_000;
const ELLIPSIS: char = '…';

/// A text of at most so many characters, the last one an ellipsis where it is not whole.
pub(super) fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => {
            let begin = text.chars().take(most.saturating_sub(1));
            begin.chain([ELLIPSIS]).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_by_characters_and_shows_that_it_was() {
        assert_eq!(short("grün", 4), "grün");
        assert_eq!(short("grüne", 4), "grü…");
    }
}
