//! Whole lines on their way into a file.

/// Whole lines on their way into a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk<'a> {
    text: &'a [u8],
    /// Where each line ends, counted from the beginning of the text that this is a part of.
    ends: &'a [usize],
    /// Where this part begins in that text.
    start: usize,
}

impl<'a> Chunk<'a> {
    /// Lines of which each ends at one of `ends`.
    pub(super) const fn new(text: &'a [u8], ends: &'a [usize]) -> Self {
        Self {
            text,
            ends,
            start: 0,
        }
    }

    pub(super) const fn bytes(&self) -> &'a [u8] {
        self.text
    }

    pub(super) const fn lines(&self) -> usize {
        self.ends.len()
    }

    /// How many lines, and how many bytes of them, are whole in the first `bytes`.
    pub(super) fn whole_in(&self, bytes: usize) -> (usize, usize) {
        let lines = self
            .ends
            .partition_point(|end| end.saturating_sub(self.start) <= bytes);
        (lines, self.end_of(lines))
    }

    /// The first `lines` lines, and the others.
    pub(super) fn split_at(self, lines: usize) -> (Self, Self) {
        let at = self.end_of(lines);
        let (first, rest) = self.text.split_at_checked(at).unwrap_or((self.text, &[]));
        let (ends, later) = self
            .ends
            .split_at_checked(lines)
            .unwrap_or((self.ends, &[]));
        let part = |text, ends, start| Self { text, ends, start };
        (
            part(first, ends, self.start),
            part(rest, later, self.start + at),
        )
    }

    /// Where the first `lines` lines end.
    fn end_of(&self, lines: usize) -> usize {
        let last = lines.checked_sub(1).and_then(|last| self.ends.get(last));
        last.map_or(0, |end| end - self.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_knows_its_lines_as_the_whole_did() {
        let chunk = Chunk::new(b"one\ntwo\nthree\n", &[4, 8, 14]);
        let (first, rest) = chunk.split_at(1);
        assert_eq!((first.bytes(), first.lines()), (&b"one\n"[..], 1));
        assert_eq!((rest.bytes(), rest.lines()), (&b"two\nthree\n"[..], 2));
        assert_eq!(rest.whole_in(9), (1, 4));
        assert_eq!(rest.whole_in(10), (2, 10));
        let (all, none) = rest.split_at(2);
        assert_eq!((all.bytes(), none.lines()), (&b"two\nthree\n"[..], 0));
    }
}
