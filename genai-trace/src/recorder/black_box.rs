//! The black box: what would be lost with the process lies in a mapped file, `FILE.d/<pid>-<hex>.box`.
//!
//! It holds the [pages](crate::recorder::in_flight) of open spans, [segments](segment) with the
//! entries of those that have ended and are not in the file yet, and the [names](names) that both
//! refer to. The process holds a lock on it as long as it lives; a box that nobody holds is what a
//! crash has left.

mod file;
mod layout;
pub(crate) mod names;
pub(crate) mod read;
mod segment;

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use self::file::BoxFile;
pub(super) use self::file::is_at;
use self::layout::{MAGIC, PartKind, VERSION, header};
use self::names::Names;
pub(crate) use self::segment::Segment;
use self::segment::Segments;
use super::in_flight::{self, CHUNK_BYTES, Kind, Pages};
use crate::export::jsonl::resource_json;
use crate::record::Attributes;
use crate::sys::mapped::{Mapped, page_size};

/// Most bytes of a box.
pub(crate) const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// What survives this process.
#[derive(Debug)]
pub(crate) struct BlackBox {
    file: Arc<BoxFile>,
    header: Mapped,
    pages: Arc<Pages>,
    segments: Arc<Segments>,
    _names: Arc<Names>,
}

/// A place in the traces file: no span of the box stands before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) device: u64,
    pub(crate) inode: u64,
    pub(crate) offset: u64,
}

impl Written {
    /// The end of the file at `path` as it is now.
    pub(crate) fn end_of(path: &Path) -> io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            offset: metadata.len(),
        })
    }
}

impl BlackBox {
    /// Makes a box in `folder`, of at most `most_bytes`, for a process that `resource` describes, whose
    /// spans stand behind `written`. `now` is in nanoseconds since 1970.
    ///
    /// # Errors
    /// Those of the file system: no permission, no room, no locks.
    pub(crate) fn create(
        folder: &Path,
        most_bytes: u64,
        resource: &Attributes,
        written: Written,
        now: u64,
    ) -> io::Result<Arc<Self>> {
        let file = Arc::new(BoxFile::create(folder, most_bytes)?);
        let made = Self::fill(&file, resource, written, now);
        if made.is_err() {
            file.remove();
        }
        made.map(Arc::new)
    }

    fn fill(
        file: &Arc<BoxFile>,
        resource: &Attributes,
        written: Written,
        now: u64,
    ) -> io::Result<Self> {
        let header = file.front(page_size())?;
        let chunks = Arc::clone(file);
        let make = move || chunks.part(PartKind::Pages, CHUNK_BYTES);
        let pages = Pages::mapped(in_flight::MOST_BYTES, Box::new(make));
        // The pages are there when there is a log, or the box has no room for any.
        let log = pages.log(Kind::Names).ok_or(io::ErrorKind::StorageFull)?;
        let resource = resource_json(resource);
        let made = Self {
            header,
            pages,
            segments: Segments::new(Arc::clone(file)),
            _names: Names::listen(log, &resource),
            file: Arc::clone(file),
        };
        made.store(header::VERSION, VERSION);
        made.store(header::LEN, file::to_u64(made.header.len()));
        made.store(header::PROCESS_ID, u64::from(std::process::id()));
        made.store(header::CREATED, now);
        made.wrote_up_to(written);
        // A box without it is one that was never finished, and so is empty.
        if let Some(magic) = made.header.words().get(header::MAGIC) {
            magic.store(MAGIC, Ordering::Release);
        }
        Ok(made)
    }

    /// The pages for open spans.
    pub(crate) fn pages(&self) -> &Arc<Pages> {
        &self.pages
    }

    /// A segment with `capacity` bytes for entries. Segments leave a part of the box to the pages, in
    /// which open spans stand.
    ///
    /// # Errors
    /// The disk is full, or the box.
    pub(crate) fn segment(&self, capacity: usize) -> io::Result<Segment> {
        self.segments.get(capacity)
    }

    /// Says that the process lives at `now`, in nanoseconds on its line of time: spans that a crash leaves
    /// open end no earlier. On that line and not since 1970, so that none ends before its children.
    #[inline]
    pub(crate) fn beat(&self, now: u64) {
        self.store(header::LAST_SEEN, now);
    }

    /// Says that no span of the box stands before `written`.
    pub(crate) fn wrote_up_to(&self, written: Written) {
        // At no moment is a place noted that lies behind the true one.
        self.store(header::OFFSET, 0);
        self.store(header::DEVICE, written.device);
        self.store(header::INODE, written.inode);
        self.store(header::OFFSET, written.offset);
    }

    /// Whether the file is still at its place, where a recovery looks for it.
    pub(crate) fn is_in_place(&self) -> bool {
        self.file.is_in_place()
    }

    /// Removes the file: nothing is left to be recovered. In a process that was forked off it does
    /// nothing.
    pub(crate) fn remove(&self) {
        self.file.remove();
    }

    fn store(&self, word: usize, value: u64) {
        if let Some(word) = self.header.words().get(word) {
            word.store(value, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests;
