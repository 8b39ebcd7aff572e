//! `did you mean ..?`

/// The candidate that `word` was probably meant to be.
pub(crate) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // A slip a word, a second in a word of four letters or more, a third in a long one.
    let allowed = match word.chars().count() {
        0..=3 => 1,
        4..=8 => 2,
        _ => 3,
    };
    let is_start = |candidate: &str| word.len() >= 3 && candidate.starts_with(word);
    candidates
        .into_iter()
        .map(|candidate| match is_start(candidate) {
            true => (1, candidate),
            false => (distance(word, candidate), candidate),
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters to add, remove or replace (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (line, letter) in from.chars().enumerate() {
        // `diagonal` is the cell up and to the left, `left` the one just computed.
        let (mut diagonal, mut left) = (line, line + 1);
        let mut cells = row.iter_mut();
        if let Some(first) = cells.next() {
            *first = left;
        }
        for (cell, other) in cells.zip(to.chars()) {
            let replaced = diagonal + usize::from(letter != other);
            diagonal = *cell;
            left = replaced.min(left + 1).min(*cell + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_seen_through() {
        let options = ["call_id", "description", "temperature", "err"];
        assert_eq!(closest("cal_id", options), Some("call_id"));
        assert_eq!(closest("descirption", options), Some("description"));
        assert_eq!(closest("temp", options), Some("temperature"));
        assert_eq!(closest("er", options), Some("err"));
    }

    #[test]
    fn another_word_is_no_slip() {
        assert_eq!(closest("skip", ["seed", "stream", "ret"]), None);
        assert_eq!(closest("x", ["id", "err"]), None);
    }

    #[test]
    fn the_distance_counts_letters() {
        assert_eq!(distance("", ""), 0);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
