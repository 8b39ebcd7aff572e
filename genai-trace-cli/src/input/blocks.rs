//! A source in blocks of whole lines, so that several threads may read them.

use std::io::{self, BufRead, Read};

use memchr::{memchr, memchr_iter, memrchr};

/// About so many bytes have the lines of a block.
pub(super) const BLOCK_BYTES: usize = 1 << 20;
/// What some editors put before a text in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";
/// The longest line that is read.
pub(super) const LONGEST_LINE: usize = 64 << 20;

/// Whole lines of a source.
#[derive(Debug)]
pub(super) struct Block {
    /// Which source it is, by its place.
    pub(super) source: usize,
    /// The number of its first line, from 1.
    pub(super) first_line: u64,
    pub(super) bytes: Vec<u8>,
}

/// Reads a source block by block.
pub(super) struct Blocks<R> {
    reader: R,
    source: usize,
    /// The beginning of a line whose end has not been read.
    rest: Vec<u8>,
    line: u64,
    is_done: bool,
}

/// A part of a source.
#[derive(Debug)]
pub(super) enum Part {
    Block(Block),
    /// The line of this number is longer than lines are read.
    TooLong(u64),
}

impl<R: BufRead> Blocks<R> {
    pub(super) fn new(source: usize, reader: R) -> Self {
        Self {
            reader,
            source,
            rest: Vec::new(),
            line: 1,
            is_done: false,
        }
    }

    /// The next part; none at the end. A last line needs no line break.
    pub(super) fn next(&mut self) -> io::Result<Option<Part>> {
        if self.is_done {
            return Ok(None);
        }
        let mut bytes = std::mem::take(&mut self.rest);
        loop {
            let before = bytes.len();
            let wanted = BLOCK_BYTES.saturating_sub(before).max(BLOCK_BYTES / 4);
            let limit = u64::try_from(wanted).unwrap_or(u64::MAX);
            self.reader.by_ref().take(limit).read_to_end(&mut bytes)?;
            let new = bytes.get(before..).unwrap_or_default();
            if new.is_empty() {
                self.is_done = true;
                return Ok((!bytes.is_empty()).then(|| Part::Block(self.block(bytes))));
            }
            if self.line == 1 && before == 0 && bytes.starts_with(MARK) {
                bytes.drain(..MARK.len());
                continue;
            }
            if let Some(end) = memrchr(b'\n', new) {
                self.rest = bytes.split_off(before + end + 1);
                return Ok(Some(Part::Block(self.block(bytes))));
            }
            if bytes.len() > LONGEST_LINE {
                self.skip_line()?;
                let line = self.line;
                self.line += 1;
                return Ok(Some(Part::TooLong(line)));
            }
        }
    }

    fn block(&mut self, bytes: Vec<u8>) -> Block {
        let first_line = self.line;
        let lines = memchr_iter(b'\n', &bytes).count();
        self.line += u64::try_from(lines).unwrap_or(u64::MAX);
        Block {
            source: self.source,
            first_line,
            bytes,
        }
    }

    /// Reads on to the end of the line.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                self.is_done = true;
                return Ok(());
            }
            let (used, is_end) = match memchr(b'\n', buffer) {
                Some(end) => (end + 1, true),
                None => (buffer.len(), false),
            };
            self.reader.consume(used);
            if is_end {
                return Ok(());
            }
        }
    }
}

impl Block {
    /// The lines that say something, without their ends, each with its number.
    pub(super) fn lines(&self) -> impl Iterator<Item = (u64, &[u8])> {
        (self.first_line..)
            .zip(lines(&self.bytes))
            .map(|(number, (_, line))| (number, line))
            .filter(|(_, line)| !line.trim_ascii_start().is_empty())
    }
}

/// The lines of `bytes`, without their ends, each with where it begins.
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let ends = memchr_iter(b'\n', bytes).chain([bytes.len()]);
    let mut start = 0;
    ends.map(move |end| {
        let line = (start, bytes.get(start..end).unwrap_or_default());
        start = end + 1;
        line
    })
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    /// Every line with its number, read through a buffer of so many bytes.
    fn read(text: &[u8], buffer: usize) -> Vec<(u64, Vec<u8>)> {
        let mut blocks = Blocks::new(0, BufReader::with_capacity(buffer, text));
        let mut lines = Vec::new();
        while let Some(part) = blocks.next().unwrap() {
            match part {
                Part::Block(block) => {
                    lines.extend(block.lines().map(|(line, text)| (line, text.to_vec())));
                }
                Part::TooLong(line) => lines.push((line, b"too long".to_vec())),
            }
        }
        lines
    }

    #[test]
    fn every_line_comes_once_with_its_number() {
        let text: String = (1..=200_000).map(|line| format!("line {line}\n")).collect();
        for buffer in [1 << 10, 1 << 16] {
            let lines = read(text.as_bytes(), buffer);
            assert_eq!(lines.len(), 200_000);
            for (number, line) in lines {
                assert_eq!(line, format!("line {number}").into_bytes());
            }
        }
    }

    #[test]
    fn blank_lines_are_passed_over_and_a_last_line_needs_no_end() {
        let lines = read(b"a\n\n \r\nb\r\nc", 16);
        let expected: [(u64, &[u8]); 3] = [(1, b"a"), (4, b"b\r"), (5, b"c")];
        assert_eq!(lines, expected.map(|(line, text)| (line, text.to_vec())));
        assert!(read(b"", 16).is_empty());
    }

    #[test]
    fn a_line_longer_than_a_block_is_whole_and_one_beyond_all_bounds_is_passed_over() {
        let long = "x".repeat(3 * BLOCK_BYTES);
        let endless = "y".repeat(LONGEST_LINE + 2 * BLOCK_BYTES);
        let lines = read(format!("a\n{long}\n{endless}\nb\n").as_bytes(), 1 << 16);
        let lengths: Vec<_> = lines
            .iter()
            .map(|(line, text)| (*line, text.len()))
            .collect();
        assert_eq!(lengths, [(1, 1), (2, long.len()), (3, 8), (4, 1)]);
        assert_eq!(
            read(endless.as_bytes(), 1 << 16),
            [(1, b"too long".to_vec())]
        );
    }
}
