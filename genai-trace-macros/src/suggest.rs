//! `did you mean ..?`

/// The candidate that `word` was probably meant to be.
pub(crate) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let allowed = allowed(word);
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

/// A slip a word, a second in a word of four letters or more, a third in a long one.
fn allowed(word: &str) -> usize {
    match word.chars().count() {
        0..=3 => 1,
        4..=8 => 2,
        _ => 3,
    }
}

/// The name of an attribute that `name` was probably meant to be: its words, with slips, in their
/// order, and the words that were left out. Nothing where two are as close.
pub(crate) fn closest_name<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    let mut is_alone = true;
    for candidate in candidates {
        let Some(cost) = cost(name, candidate) else {
            continue;
        };
        match best {
            Some((least, _)) if cost > least => {}
            Some((least, _)) if cost == least => is_alone = false,
            _ => (best, is_alone) = (Some((cost, candidate)), true),
        }
    }
    best.filter(|_| is_alone).map(|(_, candidate)| candidate)
}

/// What it takes to make `name` of `candidate`: slips, and twice the words that were left out.
fn cost(name: &str, candidate: &str) -> Option<usize> {
    let separators = ['.', '_'];
    let mut words = candidate.split(separators);
    let mut cost = 0;
    for written in name.split(separators) {
        cost += loop {
            let word = words.next()?;
            let slips = distance(written, word);
            // A slip in a word of two letters makes another word of it.
            if slips == 0 || (slips <= allowed(written) && written.len() > 2) {
                break slips;
            }
            cost += 2;
        };
    }
    Some(cost + 2 * words.count())
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
    fn a_name_is_found_by_its_words() {
        let names = [
            "gen_ai.request.temperature",
            "gen_ai.tool.call.id",
            "gen_ai.tool.name",
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.output_tokens",
            "gen_ai.usage.text.input_tokens",
        ];
        for (written, meant) in [
            ("gen_ai.usage.input_token", "gen_ai.usage.input_tokens"),
            ("gen_ai.usage.inptu_tokens", "gen_ai.usage.input_tokens"),
            ("gen_ai.input_tokens", "gen_ai.usage.input_tokens"),
            ("gen_ai.temprature", "gen_ai.request.temperature"),
            ("gen_ai.tool_name", "gen_ai.tool.name"),
            ("gen_ai.tool.id", "gen_ai.tool.call.id"),
        ] {
            assert_eq!(closest_name(written, names), Some(meant), "{written}");
        }
    }

    #[test]
    fn of_two_names_as_close_none_is_chosen() {
        let names = ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"];
        assert_eq!(closest_name("gen_ai.usage.tokens", names), None);
        assert_eq!(closest_name("gen_ai.outcome", names), None);
        assert_eq!(closest_name("gen_ai.tool.call.is", names), None);
    }

    #[test]
    fn the_distance_counts_letters() {
        assert_eq!(distance("", ""), 0);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
