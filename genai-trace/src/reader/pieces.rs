//! Input in pieces that end at line ends and at holes of zero bytes, in bounded memory.

use std::io::{self, BufRead, ErrorKind};

/// Input in pieces that end at line ends and at holes of zero bytes.
pub(crate) struct Pieces<R> {
    input: R,
    piece: Vec<u8>,
    longest: usize,
    is_too_long: bool,
}

/// What a piece ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    OfLine,
    Hole,
    OfInput,
}

impl<R: BufRead> Pieces<R> {
    pub(crate) const fn new(input: R, longest: usize) -> Self {
        Self {
            input,
            piece: Vec::new(),
            longest,
            is_too_long: false,
        }
    }

    /// Reads up to the next line end, or through the next hole.
    pub(crate) fn next(&mut self) -> io::Result<End> {
        self.piece.clear();
        self.is_too_long = false;
        loop {
            let bytes = match self.input.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                bytes => bytes?,
            };
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | 0));
            let text = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or(bytes);
            self.is_too_long |= self.piece.len() + text.len() > self.longest;
            match self.is_too_long {
                true => self.piece = Vec::new(),
                false => self.piece.extend_from_slice(text),
            }
            let (len, last) = (text.len(), end.and_then(|end| bytes.get(end)).copied());
            let is_end = bytes.is_empty();
            match last {
                Some(0) => {
                    self.input.consume(len);
                    self.skip_hole()?;
                    return Ok(End::Hole);
                }
                Some(_) => {
                    self.input.consume(len + 1);
                    return Ok(End::OfLine);
                }
                None if is_end => return Ok(End::OfInput),
                None => self.input.consume(len),
            }
        }
    }

    fn skip_hole(&mut self) -> io::Result<()> {
        loop {
            let bytes = match self.input.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                bytes => bytes?,
            };
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            let is_done = zeros < bytes.len() || bytes.is_empty();
            self.input.consume(zeros);
            if is_done {
                return Ok(());
            }
        }
    }

    /// The last piece, without its end; empty where it is too long.
    pub(crate) fn piece(&self) -> &[u8] {
        &self.piece
    }

    pub(crate) const fn is_too_long(&self) -> bool {
        self.is_too_long
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    #[test]
    fn a_piece_that_is_too_long_takes_no_memory_and_the_next_one_is_read() {
        let text = b"short\nmuch too long\nagain\n";
        let mut pieces = Pieces::new(BufReader::with_capacity(3, &text[..]), 5);
        let mut found = Vec::new();
        while pieces.next().unwrap() == End::OfLine {
            assert!(pieces.piece.capacity() < 16);
            found.push((pieces.is_too_long(), pieces.piece().to_vec()));
        }
        assert_eq!(
            found,
            [
                (false, b"short".to_vec()),
                (true, Vec::new()),
                (false, b"again".to_vec())
            ]
        );
    }
}
