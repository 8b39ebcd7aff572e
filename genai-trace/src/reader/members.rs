//! A compressed file: members of gzip, and holes of zero bytes behind them as a power cut leaves them. What is torn ends
//! in such a hole as well, so whoever reads on sees that something is missing.

use std::io::{self, BufRead, ErrorKind, Read};

use flate2::bufread::GzDecoder;

/// What the members of a compressed file hold, one behind the other. A hole behind a member comes out
/// as it is; a member that is torn gives what can be read of it and a zero byte, and is the end.
pub(super) enum Members<R> {
    Within(GzDecoder<R>),
    Between(R),
    /// Behind a tear, and while the one becomes the other.
    Nowhere,
}

impl<R: BufRead> Members<R> {
    pub(super) const fn new(input: R) -> Self {
        Self::Between(input)
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            *self = match std::mem::replace(self, Self::Nowhere) {
                Self::Within(mut decoder) => match decoder.read(buffer) {
                    Ok(0) => Self::Between(decoder.into_inner()),
                    Err(error) if is_tear(&error) => {
                        if let Some(first) = buffer.first_mut() {
                            *first = 0;
                        }
                        return Ok(1);
                    }
                    read => {
                        *self = Self::Within(decoder);
                        return read;
                    }
                },
                Self::Between(mut input) => match zeros(&mut input, buffer) {
                    Ok(Next::Member) => Self::Within(GzDecoder::new(input)),
                    Ok(Next::Zeros(count)) => {
                        *self = Self::Between(input);
                        return Ok(count);
                    }
                    Err(error) => {
                        *self = Self::Between(input);
                        return Err(error);
                    }
                },
                Self::Nowhere => return Ok(0),
            };
        }
    }
}

/// Whether it is what was written that is at fault, and not the reading.
fn is_tear(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput
    )
}

/// What is behind a member.
enum Next {
    Member,
    /// So many zero bytes; none at the end of the file.
    Zeros(usize),
}

/// Reads the zero bytes that are next, as many as are at hand.
fn zeros<R: BufRead>(input: &mut R, buffer: &mut [u8]) -> io::Result<Next> {
    let bytes = loop {
        match input.fill_buf() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            bytes => break bytes?,
        }
    };
    let count = bytes.iter().take_while(|byte| **byte == 0).count();
    if count == 0 && !bytes.is_empty() {
        return Ok(Next::Member);
    }
    let count = count.min(buffer.len());
    if let Some(zeros) = buffer.get_mut(..count) {
        zeros.fill(0);
    }
    input.consume(count);
    Ok(Next::Zeros(count))
}
