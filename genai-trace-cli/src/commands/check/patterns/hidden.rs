//! What nobody sees, and models read.

/// So many characters of no width in a row are no joint.
const IN_A_ROW: usize = 4;
/// So many inside Latin words are no slip.
const IN_WORDS: usize = 3;

/// Text in tag characters, or in a run of variation selectors: said as what it hides.
pub(super) fn tags(text: &str) -> Option<String> {
    let mut hidden = String::new();
    let mut selectors = 0;
    let mut is_flag = false;
    for c in text.chars() {
        match c {
            // The flags of England, Scotland and Wales are a black flag with tags behind it.
            '\u{1f3f4}' => is_flag = true,
            '\u{e0001}'..='\u{e007f}' => {
                if !is_flag {
                    let ascii = u32::from(c).checked_sub(0xe0000);
                    hidden.extend(ascii.and_then(char::from_u32));
                }
            }
            '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => {
                selectors += 1;
                if selectors == IN_A_ROW {
                    return Some("variation selectors in a row".to_owned());
                }
                continue;
            }
            _ => is_flag = false,
        }
        selectors = 0;
    }
    (!hidden.is_empty()).then_some(hidden)
}

/// Characters that turn the direction, where nothing is written from right to left.
pub(super) fn bidi(text: &str) -> Option<String> {
    let mut found = text.chars().filter(|c| turns(*c));
    let first = found.next()?;
    let is_override = |c: char| matches!(c, '\u{202d}' | '\u{202e}');
    let strong = text.chars().find(|c| is_override(*c));
    let has_reason = strong.is_none() && text.chars().any(is_right_to_left);
    let shown = strong.unwrap_or(first);
    (!has_reason).then(|| format!("U+{:04X}", u32::from(shown)))
}

const fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Hebrew, Arabic, Syriac, Thaana, N'Ko and their like.
const fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// Characters of no width in a row, or inside Latin words.
pub(super) fn zero_width(text: &str) -> Option<String> {
    let (mut in_a_row, mut in_words) = (0, 0);
    let mut before = ' ';
    let mut pending = false;
    for c in text.chars() {
        if has_no_width(c) {
            in_a_row += 1;
            if in_a_row == IN_A_ROW {
                return Some(format!("U+{:04X} and others in a row", u32::from(c)));
            }
            pending |= before.is_ascii_alphabetic();
            continue;
        }
        in_words += usize::from(pending && c.is_ascii_alphabetic());
        if in_words == IN_WORDS {
            return Some("characters of no width in Latin words".to_owned());
        }
        (in_a_row, pending, before) = (0, false, c);
    }
    None
}

const fn has_no_width(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_tag_characters_is_said_as_what_it_hides() {
        let hidden: String = "rm -rf"
            .chars()
            .filter_map(|c| char::from_u32(0xe0000 + u32::from(c)))
            .collect();
        assert_eq!(tags(&format!("hi{hidden}!")).as_deref(), Some("rm -rf"));
        assert!(tags("\u{1f600}\u{e0101}\u{e0102}\u{e0103}\u{e0104}").is_some());
    }

    #[test]
    fn flags_and_emoji_hide_nothing() {
        let england = "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}";
        assert_eq!(tags(&format!("go {england}! ❤\u{fe0f}")), None);
    }

    #[test]
    fn a_turned_direction_is_found_where_nothing_is_written_so() {
        assert_eq!(bidi("user\u{202e}gpj.exe").as_deref(), Some("U+202E"));
        assert!(bidi("if admin \u{2066}// check\u{2069}").is_some());
        assert_eq!(bidi("\u{2067}שלום\u{2069} said he"), None);
        assert_eq!(bidi("plain"), None);
    }

    #[test]
    fn characters_of_no_width_in_words_are_found() {
        assert!(zero_width("ig\u{200b}no\u{200b}re\u{200d}it").is_some());
        assert!(zero_width("a \u{200b}\u{200c}\u{200b}\u{200c} b").is_some());
    }

    #[test]
    fn what_joins_emoji_and_letters_is_not() {
        assert_eq!(zero_width("👩\u{200d}👩\u{200d}👧\u{200d}👦"), None);
        assert_eq!(
            zero_width("می\u{200c}خواهم می\u{200c}روم می\u{200c}شود می\u{200c}کنم"),
            None
        );
        assert_eq!(zero_width("\u{feff}a file with a mark"), None);
        assert_eq!(
            zero_width("a/\u{200b}long/\u{200b}path/\u{200b}that/\u{200b}breaks"),
            None
        );
    }
}
