//! Halves of surrogate pairs, which JavaScript writes where it has cut a text inside a character.

/// `text`, in which an escape for half of a pair alone stands for no character; none where there is no
/// such escape.
///
/// JSON allows it, and no string of Rust can hold it: one of them would make a whole body unreadable.
pub(super) fn mended(text: &str) -> Option<String> {
    let mut lone = Vec::new();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('\\')) {
        at += found;
        at += match (unit(text, at), unit(text, at + ESCAPE)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 2 * ESCAPE,
            (Some(0xd800..=0xdfff), _) => {
                lone.push(at);
                ESCAPE
            }
            (Some(_), _) => ESCAPE,
            // What else is escaped may be a backslash itself.
            (None, _) => 1 + text.get(at + 1..)?.chars().next().map_or(1, char::len_utf8),
        };
    }
    if lone.is_empty() {
        return None;
    }
    let mut mended = String::with_capacity(text.len());
    let mut from = 0;
    for at in lone {
        mended.push_str(text.get(from..at)?);
        mended.push_str("\\ufffd");
        from = at + ESCAPE;
    }
    mended.push_str(text.get(from..)?);
    Some(mended)
}

/// How long `\uXXXX` is.
const ESCAPE: usize = 6;

/// What the escape at `at` stands for, where it is one by number.
fn unit(text: &str, at: usize) -> Option<u32> {
    let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)
}

#[cfg(test)]
mod tests {
    use super::mended;

    #[test]
    fn only_halves_that_stand_alone_are_replaced() {
        for (text, expected) in [
            (r#""\ud83d\ude00""#, None),
            (r#""\\ud83d""#, None),
            (r#""\ud83""#, None),
            (r#""a\nb\"""#, None),
            ("\"\\", None),
            (r#""\ud83d""#, Some(r#""\ufffd""#)),
            (r#""\uDE00x""#, Some(r#""\ufffdx""#)),
            (r#""\ud83d\ud83d\ude00""#, Some(r#""\ufffd\ud83d\ude00""#)),
            (r#""\ud83d\n\\\ude00ä""#, Some(r#""\ufffd\n\\\ufffdä""#)),
        ] {
            assert_eq!(mended(text).as_deref(), expected, "{text}");
        }
    }
}
