//! Two texts as one, with what differs marked: `the [-old-]{+new+} word`.

use similar::{ChangeTag, TextDiff};

/// So many characters of each text are compared, from the first that differs.
const LONGEST: usize = 2_000;
/// So many characters are shown in front of the first difference and behind the last.
const AROUND: usize = 40;

/// What differs between two texts, with a little of what stands around it.
pub(crate) fn words(a: &str, b: &str) -> String {
    let front = common(a.chars(), b.chars());
    let (a, b) = (skip(a, front), skip(b, front));
    let back = common(a.rest.chars().rev(), b.rest.chars().rev());
    let (a_rest, tail) = a.split_back(back);
    let (b_rest, _) = b.split_back(back);
    let mut out = String::new();
    let shown = last(a.front, AROUND);
    if shown.len() < a.front.len() {
        out.push('…');
    }
    out.push_str(shown);
    let (a_part, a_cut) = begin(a_rest);
    let (b_part, b_cut) = begin(b_rest);
    let (a_words, b_words) = (split(a_part), split(b_part));
    let diff = TextDiff::from_slices(&a_words, &b_words);
    for change in join(&diff) {
        match change {
            (ChangeTag::Equal, text) => out.push_str(&shortened(&text)),
            (ChangeTag::Delete, text) => out.push_str(&format!("[-{}-]", shortened(&text))),
            (ChangeTag::Insert, text) => out.push_str(&format!("{{+{}+}}", shortened(&text))),
        }
    }
    if a_cut || b_cut {
        out.push('…');
        return out;
    }
    let (shown, is_cut) = first(tail, AROUND);
    out.push_str(shown);
    if is_cut {
        out.push('…');
    }
    out
}

/// A text behind what it has in common with another. Words are kept whole.
struct Part<'a> {
    front: &'a str,
    rest: &'a str,
}

fn skip(text: &str, characters: usize) -> Part<'_> {
    let end = text.char_indices().nth(characters);
    let end = end.map_or(text.len(), |(end, _)| end);
    let front = text.get(..end).unwrap_or_default();
    // Back to where the word began.
    let start = front.trim_end_matches(is_of_word).len();
    let start = if end - start > AROUND { end } else { start };
    Part {
        front: text.get(..start).unwrap_or_default(),
        rest: text.get(start..).unwrap_or_default(),
    }
}

impl<'a> Part<'a> {
    fn split_back(&self, characters: usize) -> (&'a str, &'a str) {
        let Some(last) = characters.checked_sub(1) else {
            return (self.rest, "");
        };
        let start = self.rest.char_indices().rev().nth(last);
        let start = start.map_or(0, |(start, _)| start);
        let tail = self.rest.get(start..).unwrap_or_default();
        let skipped = tail.len() - tail.trim_start_matches(is_of_word).len();
        let start = if skipped > AROUND {
            start
        } else {
            start + skipped
        };
        self.rest.split_at_checked(start).unwrap_or((self.rest, ""))
    }
}

fn common(a: impl Iterator<Item = char>, b: impl Iterator<Item = char>) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).count()
}

fn begin(text: &str) -> (&str, bool) {
    first(text, LONGEST)
}

/// The first characters, and whether there are more.
fn first(text: &str, characters: usize) -> (&str, bool) {
    match text.char_indices().nth(characters) {
        Some((end, _)) => (text.get(..end).unwrap_or_default(), true),
        None => (text, false),
    }
}

fn last(text: &str, characters: usize) -> &str {
    let start = text.char_indices().rev().nth(characters.saturating_sub(1));
    start
        .and_then(|(start, _)| text.get(start..))
        .unwrap_or(text)
}

/// The middle of what is long says little.
fn shortened(text: &str) -> String {
    if text.chars().count() <= 4 * AROUND {
        return text.to_owned();
    }
    format!("{}…{}", first(text, 2 * AROUND).0, last(text, AROUND))
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Words, and what stands between them character by character: JSON has hardly a space.
fn split(text: &str) -> Vec<&str> {
    text.split_inclusive(|c| !is_of_word(c))
        .flat_map(|piece| {
            let word = piece.trim_end_matches(|c| !is_of_word(c));
            let (word, rest) = piece.split_at_checked(word.len()).unwrap_or((piece, ""));
            [word, rest]
        })
        .filter(|piece| !piece.is_empty())
        .collect()
}

/// Neighbours of the same sort as one.
fn join(diff: &TextDiff<'_, '_, str>) -> Vec<(ChangeTag, String)> {
    let mut joined: Vec<(ChangeTag, String)> = Vec::new();
    for change in diff.iter_all_changes() {
        match joined.last_mut() {
            Some((tag, text)) if *tag == change.tag() => text.push_str(change.value()),
            _ => joined.push((change.tag(), change.value().to_owned())),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_marked_word_by_word() {
        assert_eq!(
            words("count every TODO in it", "count every FIXME in it"),
            "count every [-TODO-]{+FIXME+} in it"
        );
        assert_eq!(words("a", "a b"), "a{+ b+}");
        assert_eq!(words("", "new"), "{+new+}");
        assert_eq!(
            words(r#"{"path":"a.rs","n":1}"#, r#"{"path":"b.rs","n":1}"#),
            r#"{"path":"[-a-]{+b+}.rs","n":1}"#
        );
    }

    #[test]
    fn long_texts_are_shown_around_the_difference_only() {
        let same = "lorem ipsum ".repeat(500_000);
        let shown = words(&format!("{same}one {same}"), &format!("{same}two {same}"));
        assert!(shown.contains("[-one-]{+two+}"), "{shown}");
        assert!(shown.chars().count() < 200, "{shown}");
        let other = words(&same, &"dolor ".repeat(500_000));
        assert!(other.chars().count() < 20_000);
    }

    #[test]
    fn characters_of_several_bytes_stay_whole() {
        assert_eq!(words("größe 🦀 ja", "größe 🦑 ja"), "größe [-🦀-]{+🦑+} ja");
    }
}
