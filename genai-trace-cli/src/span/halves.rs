//! Halves of characters in JSON: `\\ud800` alone is no text, and whoever skips a text does not see it.

use std::sync::LazyLock;

use memchr::memmem::Finder;

static ESCAPE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br"\u"));

/// Whether half a character is escaped in a line without its other half.
pub(super) fn has_half_character(line: &[u8]) -> bool {
    // Where the other half is due.
    let mut due = None;
    for at in ESCAPE.find_iter(line) {
        let before = line.get(..at).unwrap_or_default().iter().rev();
        let is_escaped = before.take_while(|byte| **byte == b'\\').count() % 2 == 1;
        let half = line.get(at + 2..at + 4).and_then(Half::of);
        match (half.filter(|_| !is_escaped), due) {
            (Some(Half::First), None) => due = Some(at + 6),
            (Some(Half::Second), Some(place)) if place == at => due = None,
            (None, None) => {}
            _ => return true,
        }
    }
    due.is_some()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    First,
    Second,
}

impl Half {
    /// By the first two digits of the escape.
    fn of(digits: &[u8]) -> Option<Self> {
        match digits {
            [b'd' | b'D', b'8'..=b'9' | b'a'..=b'b' | b'A'..=b'B'] => Some(Half::First),
            [b'd' | b'D', b'c'..=b'f' | b'C'..=b'F'] => Some(Half::Second),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_without_its_other_is_found_wherever_it_stands() {
        for (text, has_half) in [
            (r"\ud83d\ude00", false),
            (r"\uD83D\uDE00 \u00e4\u0041", false),
            (r"\\ud800", false),
            (r"\\\ud800", true),
            (r"\ud800", true),
            (r"\udc00", true),
            (r"\ud83d\ud83d\ude00", true),
            (r"\ud83d \ude00", true),
            (r"\ud83d\\ude00", true),
            (r"\\ud83d\ude00", true),
            (r"\uDBFF", true),
            (r"\ud7ff\ue000", false),
            ("", false),
        ] {
            let line = format!("\"{text}\"");
            assert_eq!(has_half_character(line.as_bytes()), has_half, "{text}");
            let as_json = serde_json::from_str::<String>(&line);
            assert_eq!(as_json.is_err(), has_half, "{text}");
        }
    }
}
