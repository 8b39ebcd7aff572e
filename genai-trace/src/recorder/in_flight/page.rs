//! Pages of atomic words: what lies where, and bytes in words.
//!
//! Words are in the machine's own byte order, and bytes are put into them the first lowest.

use std::sync::Arc;

use super::sync::{AtomicU64, Ordering};
use crate::sys::mapped::Mapped;

/// Words of a page; few where loom tries all interleavings.
pub(crate) const PAGE_WORDS: usize = if cfg!(loom) { DATA + 1 } else { 32 };
pub(crate) const PAGE_BYTES: usize = PAGE_WORDS * 8;
/// Pages of a chunk: so many that the allocator takes a chunk from the system, zeroed and without memory
/// until it is used. Smaller ones it zeroes itself, which a process with one span would wait for.
pub(crate) const CHUNK_PAGES: usize = if cfg!(loom) { 5 } else { 512 };
pub(crate) const CHUNK_BYTES: usize = PAGE_BYTES * CHUNK_PAGES;

/// The version of what the page holds, and whether it is open; changes with all that follows.
pub(super) const STATE: usize = 0;
/// The number of the page in which the log goes on.
pub(super) const NEXT: usize = 1;
/// Where the log begins and how many bytes of it are committed, in one word.
pub(super) const COMMITTED: usize = 2;
/// What identifies a span, in its first page.
pub(super) const HEAD: usize = 3;
pub(in crate::recorder) const HEAD_WORDS: usize = 7;
/// Where bytes of the log begin in the first page.
pub(super) const DATA: usize = HEAD + HEAD_WORDS;
/// Where bytes of the log begin in a page that it goes on in.
pub(super) const MORE_DATA: usize = NEXT + 1;

/// Most bytes of one log; a span has less, even where it says everything twice.
pub(super) const MOST_LOG_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of the log that fit in the first page.
pub(super) const FIRST_BYTES: usize = (PAGE_WORDS - DATA) * 8;
/// Bytes of the log that fit in a page that it goes on in.
pub(super) const MORE_BYTES: usize = (PAGE_WORDS - MORE_DATA) * 8;

pub(super) type Page = [AtomicU64; PAGE_WORDS];

/// What a page that is open holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A span.
    Span,
    /// Names that entries and spans refer to.
    Names,
    /// Entries outside a segment: one that is too large, or those of a trace that waits.
    Entry,
    /// What others say of a span that is not at hand: its ids, and then items.
    Letters,
}

/// The state of a page: nothing, something that is being changed, or something that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State(pub(super) u64);

impl Kind {
    pub(super) const ALL: [Kind; 4] = [Kind::Span, Kind::Names, Kind::Entry, Kind::Letters];
}

impl State {
    const CHANGING: u64 = 1;
    const OPEN: u64 = 2;
    const KIND_SHIFT: u32 = 2;
    const VERSION: u64 = 16;

    /// The next state, in which nothing can be read.
    pub(super) const fn changing(self) -> Self {
        Self((self.0 / Self::VERSION + 1) * Self::VERSION + Self::CHANGING)
    }

    /// The next state, in which something can be read.
    pub(super) const fn open(self, kind: Kind) -> Self {
        Self(
            (self.0 / Self::VERSION + 1) * Self::VERSION
                + Self::OPEN
                + ((kind as u64) << Self::KIND_SHIFT),
        )
    }

    /// The next state, in which there is nothing.
    pub(super) const fn closed(self) -> Self {
        Self((self.0 / Self::VERSION + 1) * Self::VERSION)
    }

    pub(super) const fn is_open(self, kind: Kind) -> bool {
        self.0 % Self::VERSION == Self::OPEN + ((kind as u64) << Self::KIND_SHIFT)
    }

    pub(super) const fn is_changing(self) -> bool {
        self.0 % Self::VERSION == Self::CHANGING
    }

    /// What can be read in it.
    pub(super) fn kind(self) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| self.is_open(*kind))
    }

    /// Whether a page can come to it: one that changes 100 million times a second has so high a version after years.
    pub(super) fn is_possible(self) -> bool {
        let is_closed = self.0.is_multiple_of(Self::VERSION);
        self.0 >> 56 == 0 && (is_closed || self.is_changing() || self.kind().is_some())
    }
}

/// Where the log begins, and how many of its bytes are committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Committed {
    pub(super) first: u32,
    pub(super) len: u32,
}

impl Committed {
    pub(super) const fn word(self) -> u64 {
        (self.first as u64) << 32 | self.len as u64
    }

    pub(super) const fn from_word(word: u64) -> Self {
        #[allow(clippy::cast_possible_truncation)]
        Self {
            first: (word >> 32) as u32,
            len: word as u32,
        }
    }
}

/// The chunk of a page, and its place in it.
pub(super) fn place(number: u32) -> (usize, usize) {
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    (number / CHUNK_PAGES, number % CHUNK_PAGES)
}

/// The memory of a chunk.
#[derive(Debug)]
pub(super) enum Words {
    Heap(Box<[AtomicU64]>),
    Mapped(Mapped),
}

impl Words {
    pub(super) fn on_heap() -> Self {
        Words::Heap(
            std::iter::repeat_with(|| AtomicU64::new(0))
                .take(PAGE_WORDS * CHUNK_PAGES)
                .collect(),
        )
    }

    #[inline]
    pub(super) fn page(&self, index: usize) -> Option<&Page> {
        let words: &[AtomicU64] = match self {
            Words::Heap(words) => words,
            #[cfg(not(loom))]
            Words::Mapped(mapped) => mapped.words(),
            // Loom's atomics are no words of a file.
            #[cfg(loom)]
            Words::Mapped(_) => &[],
        };
        words.as_chunks::<PAGE_WORDS>().0.get(index)
    }
}

/// A page that was taken from the pool. It can be found without the pool.
#[derive(Debug)]
pub(super) struct PageRef {
    words: Arc<Words>,
    index: usize,
    number: u32,
}

impl PageRef {
    pub(super) fn new(words: Arc<Words>, index: usize, number: u32) -> Self {
        Self {
            words,
            index,
            number,
        }
    }

    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// The page's words; none in a process that was forked off, which has no part in a mapped file.
    #[inline]
    pub(super) fn get(&self) -> Option<&Page> {
        self.words.page(self.index)
    }
}

/// Stores a word. In tests the process can be killed before any of its stores.
#[inline]
pub(super) fn store(word: &AtomicU64, value: u64, order: Ordering) {
    #[cfg(test)]
    if super::killed::dies_now() {
        return;
    }
    word.store(value, order);
}

/// Puts `bytes` into `words` from byte `at`. Bytes before stay as they are, also for whoever reads
/// them meanwhile.
#[inline]
pub(super) fn put(words: &[AtomicU64], at: usize, bytes: &[u8]) {
    let (skipped, shift) = (at / 8, at % 8 * 8);
    let mut words = words.get(skipped..).unwrap_or_default().iter();
    // What stands in the first word before `at`, then what the word before had no room for.
    let mut carry = 0;
    if shift > 0
        && let Some(word) = words.as_slice().first()
    {
        carry = word.load(Ordering::Relaxed) & ((1 << shift) - 1);
    }
    let (whole, rest) = bytes.as_chunks::<8>();
    for bytes in whole {
        let value = u64::from_le_bytes(*bytes);
        if let Some(word) = words.next() {
            store(word, carry | value << shift, Ordering::Relaxed);
        }
        carry = if shift > 0 { value >> (64 - shift) } else { 0 };
    }
    let mut last = [0; 8];
    last.iter_mut()
        .zip(rest)
        .for_each(|(place, byte)| *place = *byte);
    let value = u64::from_le_bytes(last);
    if (shift > 0 || !rest.is_empty())
        && let Some(word) = words.next()
    {
        store(word, carry | value << shift, Ordering::Relaxed);
    }
    if shift / 8 + rest.len() > 8
        && let Some(word) = words.next()
    {
        store(word, value >> (64 - shift), Ordering::Relaxed);
    }
}

/// Appends `len` bytes from the front of `words` to `out`.
pub(super) fn get(words: &[u64], len: usize, out: &mut Vec<u8>) {
    let end = out.len() + len;
    out.extend(
        words
            .iter()
            .take(len.div_ceil(8))
            .flat_map(|word| word.to_le_bytes()),
    );
    out.truncate(end);
}
