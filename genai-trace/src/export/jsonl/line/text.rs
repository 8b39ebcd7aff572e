//! Texts as JSON has them, escaped as `serde_json` does.

use crate::recorder::append::append;
use crate::span::value_bytes::Text;

/// So many bytes are looked at at once.
const BLOCK: usize = 16;
/// So much is looked at before it is copied: a text without escapes is mostly no longer, and a longer
/// one stays in the nearest cache.
const PIECE: usize = 512;

/// What stands for a byte, and in the last place how long that is.
const SPELLINGS: [[u8; 8]; 256] = {
    let mut spellings = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        // Nothing but `while` and an index runs in a constant.
        #[allow(clippy::indexing_slicing, clippy::cast_possible_truncation)]
        {
            spellings[byte] = spelling(byte as u8);
        }
        byte += 1;
    }
    spellings
};

const fn spelling(byte: u8) -> [u8; 8] {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x0c => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x00..0x20 => {
            let last = match byte & 15 {
                digit @ 0..10 => b'0' + digit,
                letter => b'a' - 10 + letter,
            };
            return [b'\\', b'u', b'0', b'0', b'0' + (byte >> 4), last, 0, 6];
        }
        _ => return [byte, 0, 0, 0, 0, 0, 0, 1],
    };
    [b'\\', short, 0, 0, 0, 0, 0, 2]
}

/// Writes `text` in quotes.
pub(super) fn push_str(text: Text<'_>, out: &mut Vec<u8>) {
    out.push(b'"');
    push_escaped(text, out);
    out.push(b'"');
}

/// Writes `before`, and `text` up to the quote that ends it, with what JSON does not allow in a string
/// escaped.
#[inline]
pub(super) fn push_after(before: &[u8], text: Text<'_>, out: &mut Vec<u8>) {
    let piece = text.as_bytes();
    if piece.len() <= PIECE && !needs_escapes(piece) {
        append(out, [], before, piece);
    } else {
        out.extend_from_slice(before);
        push_escaped(text, out);
    }
    out.push(b'"');
}

/// Writes `text` with what JSON does not allow in a string escaped.
#[inline]
pub(super) fn push_escaped(text: Text<'_>, out: &mut Vec<u8>) {
    let text = text.as_bytes();
    if text.len() <= PIECE {
        push_piece(text, out);
    } else {
        text.chunks(PIECE).for_each(|piece| push_piece(piece, out));
    }
}

#[inline]
fn push_piece(piece: &[u8], out: &mut Vec<u8>) {
    if needs_escapes(piece) {
        push_spelt(piece, out);
    } else {
        out.extend_from_slice(piece);
    }
}

/// Whether any byte of `piece` needs an escape.
#[inline]
fn needs_escapes(piece: &[u8]) -> bool {
    let (blocks, end) = piece.as_chunks::<BLOCK>();
    // The last bytes are looked at together with some before them: that is less than one by one.
    blocks.iter().any(is_dirty)
        || match (piece.last_chunk::<BLOCK>(), end) {
            (_, []) => false,
            (Some(block), _) => is_dirty(block),
            (None, end) => match (end.first_chunk::<8>(), end.last_chunk::<8>()) {
                (Some(first), Some(last)) => is_dirty(first) | is_dirty(last),
                _ => end.iter().any(|byte| is_dirty(&[*byte])),
            },
        }
}

/// Writes a piece of which some bytes need an escape.
#[cold]
fn push_spelt(piece: &[u8], out: &mut Vec<u8>) {
    let mut rest = piece;
    while let Some((block, after)) = rest.split_first_chunk::<BLOCK>() {
        // All of it, even where not all is clean: a copy of a length that is known costs least.
        let start = out.len();
        out.extend_from_slice(block);
        if !is_dirty(block) {
            rest = after;
            continue;
        }
        let is_clean = |byte: &&u8| !is_dirty(&[**byte]);
        let clean = block.iter().take_while(is_clean).count();
        out.truncate(start + clean);
        let Some((byte, after)) = rest.get(clean..).and_then(<[u8]>::split_first) else {
            return;
        };
        push_spelling(*byte, out);
        rest = after;
    }
    rest.iter().for_each(|byte| push_spelling(*byte, out));
}

/// Whether any byte needs an escape. All are looked at, and for one thing after the other: so the
/// compiler takes the whole block at once.
#[inline(always)]
fn is_dirty<const N: usize>(block: &[u8; N]) -> bool {
    let any = |is: fn(u8) -> bool| block.iter().fold(false, |any, byte| any | is(*byte));
    any(|byte| byte < 0x20) | any(|byte| byte == b'"') | any(|byte| byte == b'\\')
}

/// Writes what stands for a byte.
#[inline]
fn push_spelling(byte: u8, out: &mut Vec<u8>) {
    let spelling = SPELLINGS.get(usize::from(byte)).unwrap_or(&[0; 8]);
    let [.., len] = spelling;
    let end = out.len() + usize::from(*len);
    out.extend_from_slice(spelling);
    out.truncate(end);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) {
        let mut out = Vec::new();
        push_str(text.into(), &mut out);
        assert_eq!(out, serde_json::to_vec(text).unwrap(), "{text:?}");
    }

    #[test]
    fn an_escape_is_found_at_every_place() {
        for text in ["\"", "\\", "\u{0}", "\u{1f}", "\n"] {
            for before in 0..40 {
                for after in 0..20 {
                    let around = "é".repeat(before / 2) + &"x".repeat(before % 2);
                    check(&(around + text + &"\u{7f} ".repeat(after)));
                }
            }
        }
    }

    #[test]
    fn every_character_below_256_is_spelt_as_serde_json_spells_it() {
        for c in '\0'..'\u{100}' {
            check(&c.to_string());
            check(&c.to_string().repeat(17));
        }
    }

    #[test]
    fn a_long_text_is_escaped_in_every_piece() {
        for len in [PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 5] {
            check(&"x".repeat(len));
            check(&("\n".repeat(len) + "x"));
            check(&("x".repeat(len) + "\""));
        }
    }
}
