//! A part of a body, which need not lie in one piece.

use std::io::IoSlice;

use bytes::Buf;

/// Most pieces of a part that are looked at.
const MOST: usize = 64;

/// Shows `each` piece of `part` without taking it, and says whether that was all of it.
pub(crate) fn each_piece(part: &impl Buf, mut each: impl FnMut(&[u8])) -> bool {
    let mut pieces = [IoSlice::new(&[]); MOST];
    let count = part.chunks_vectored(&mut pieces);
    let mut shown = 0;
    for piece in pieces.iter().take(count) {
        shown += piece.len();
        each(piece);
    }
    shown == part.remaining()
}
