//! What stands before each item: one word.

/// Bytes of a head.
pub(crate) const HEAD: usize = 8;

/// What stands before each item: what it is, what kind of value it has, how long its name is, and how
/// long what follows the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) tag: u8,
    /// The kind of the value, of items that have one.
    pub(crate) value: u8,
    /// Bytes of the name, which follows the head.
    pub(crate) name: u16,
    /// Bytes of what follows the name.
    pub(crate) body: u32,
}

impl Head {
    /// The head of an item called `name`, with `body` bytes behind it.
    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    pub(crate) const fn new(tag: u8, value: u8, name: &str, body: usize) -> Self {
        Self {
            tag,
            value,
            // Names have at most 1 KiB, and a span has little more than 1 MiB.
            name: name.len() as u16,
            body: body as u32,
        }
    }

    #[inline]
    pub(crate) const fn word(self) -> u64 {
        (self.body as u64) << 32
            | (self.name as u64) << 16
            | (self.value as u64) << 8
            | self.tag as u64
    }

    #[inline]
    pub(crate) const fn to_bytes(self) -> [u8; HEAD] {
        self.word().to_le_bytes()
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    pub(crate) const fn from_bytes(bytes: [u8; HEAD]) -> Self {
        let word = u64::from_le_bytes(bytes);
        Self {
            tag: word as u8,
            value: (word >> 8) as u8,
            name: (word >> 16) as u16,
            body: (word >> 32) as u32,
        }
    }

    /// Bytes of the item behind its head.
    #[inline]
    pub(crate) fn rest(self) -> Option<usize> {
        usize::try_from(self.body)
            .ok()?
            .checked_add(usize::from(self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_reads_back_as_written() {
        let head = Head::new(7, 3, "app.path", 0x0102_0304);
        assert_eq!(Head::from_bytes(head.to_bytes()), head);
        assert_eq!(head.rest(), Some(8 + 0x0102_0304));
        assert_eq!(head.to_bytes()[..4], [7, 3, 8, 0]);
    }
}
