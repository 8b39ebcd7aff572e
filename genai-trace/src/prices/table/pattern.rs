//! Names in a table: `*` stands for any run of characters.

/// Whether `name` is as `pattern` has it, whatever the case of ASCII letters.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = without_prefix(name, first) else {
        return false;
    };
    let Some(last) = pieces.next_back() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match behind(rest, piece) {
            Some(left) => rest = left,
            None => return false,
        }
    }
    let start = rest.len().checked_sub(last.len());
    start.is_some_and(|start| same(rest.get(start..), last))
}

fn same(text: Option<&str>, wanted: &str) -> bool {
    text.is_some_and(|text| text.eq_ignore_ascii_case(wanted))
}

fn without_prefix<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    match same(name.get(..prefix.len()), prefix) {
        true => name.get(prefix.len()..),
        false => None,
    }
}

/// What comes behind the first `piece` in `text`.
fn behind<'a>(text: &'a str, piece: &str) -> Option<&'a str> {
    (0..=text.len()).find_map(|start| without_prefix(text.get(start..)?, piece))
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_any_run_of_characters() {
        for (pattern, name) in [
            ("gpt-4o", "GPT-4o"),
            ("*", ""),
            ("gpt-4o*", "gpt-4o"),
            ("gpt-4o*", "gpt-4o-2024-08-06"),
            ("*-mini", "gpt-4o-mini"),
            ("gpt-*-mini*", "gpt-4o-mini-2024"),
            ("a*b*b", "axbb"),
            ("*ü*", "über"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("gpt-4o", "gpt-4o-mini"),
            ("gpt-4o*", "gpt-4"),
            ("*-mini", "gpt-4o-mini-2024"),
            ("a*a", "a"),
            ("a*b*b", "ab"),
            ("", "x"),
            ("ü", "u"),
        ] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
