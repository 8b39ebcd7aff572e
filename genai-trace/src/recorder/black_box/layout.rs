//! What lies where in a black box.
//!
//! A header, then parts one behind the other, each as long as its own header says. All of it is
//! words of 64 bits in the machine's own byte order, which the mark tells.

/// `gtracebx`, read as a number.
pub(super) const MAGIC: u64 = u64::from_be_bytes(*b"gtracebx");
/// Raised whenever an older reader would misread what is there.
pub(super) const VERSION: u64 = 3;

/// Words of the file's header. The magic number is stored last: before it, there is no box yet.
pub(super) mod header {
    pub(in crate::recorder) const MAGIC: usize = 0;
    pub(in crate::recorder) const VERSION: usize = 1;
    /// Where the first part begins.
    pub(in crate::recorder) const LEN: usize = 2;
    pub(in crate::recorder) const PROCESS_ID: usize = 3;
    /// When the box was made: nanoseconds since 1970.
    pub(in crate::recorder) const CREATED: usize = 4;
    /// When the process was last known to live: nanoseconds since 1970.
    pub(in crate::recorder) const LAST_SEEN: usize = 5;
    /// No span of the box stands in the traces file before this device, inode and offset.
    pub(in crate::recorder) const DEVICE: usize = 6;
    pub(in crate::recorder) const INODE: usize = 7;
    pub(in crate::recorder) const OFFSET: usize = 8;
    pub(in crate::recorder) const WORDS: usize = 9;
}

/// Words of a part's header.
pub(super) mod part {
    /// Its kind. The lowest four bits are 0: no page looks like that and is open.
    pub(in crate::recorder) const KIND: usize = 0;
    /// Its length, the header included.
    pub(in crate::recorder) const LEN: usize = 1;
    /// Bytes that are committed, of a segment.
    pub(in crate::recorder) const COMMITTED: usize = 2;
    pub(in crate::recorder) const WORDS: usize = 8;
    pub(in crate::recorder) const BYTES: usize = WORDS * 8;
}

/// What a part holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartKind {
    /// A chunk of pages.
    Pages,
    /// Entries of spans that have ended.
    Segment,
}

impl PartKind {
    pub(super) const fn word(self) -> u64 {
        match self {
            PartKind::Pages => u64::from_be_bytes(*b"gt pages") & !0xf,
            PartKind::Segment => u64::from_be_bytes(*b"gt ended") & !0xf,
        }
    }

    pub(super) fn from_word(word: u64) -> Option<Self> {
        [PartKind::Pages, PartKind::Segment]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}
