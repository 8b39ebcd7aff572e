//! What is open now, kept where another thread can read it at any time, and another process too
//! once this one was killed.
//!
//! A [`Pages`] is a pool of small pages of atomic words, on the heap or in a mapped file. A span
//! that is open has a [`Slot`]: a page with its ids and its start, and a log of what was said of it
//! ([`chain`]). One thread writes a slot, without a lock; whoever reads ([`read`]) takes nothing
//! that was not committed, and sees from a version word whether the slot changed meanwhile. A kill
//! at any instruction leaves the last committed state.

mod chain;
mod log;
mod page;
pub(crate) mod read;
mod slot;
mod sync;

use std::fmt;
use std::io;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

pub(crate) use self::log::Log;
pub(super) use self::page::HEAD_WORDS;
pub(crate) use self::page::{CHUNK_BYTES, CHUNK_PAGES, Kind, PAGE_BYTES, PAGE_WORDS};
use self::page::{Page, PageRef, Words};
pub(crate) use self::slot::{Slot, SlotHead};
use self::sync::{Mutex, MutexGuard, lock};
use crate::sys::fork::Process;
use crate::sys::mapped::Mapped;

/// Most bytes of pages, where nobody says otherwise.
pub(crate) const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Makes the memory of another chunk.
type MakeChunk = Box<dyn Fn() -> io::Result<Mapped> + Send + Sync + UnwindSafe + RefUnwindSafe>;

/// A pool of pages that grows by chunks. A page is known by its number; the first page of each
/// chunk is the chunk's own and never given out.
pub(crate) struct Pages {
    chunks: Box<[OnceLock<Arc<Words>>]>,
    pool: Mutex<Pool>,
    /// None where chunks lie on the heap.
    make: Option<MakeChunk>,
    untracked: AtomicU64,
    /// In a forked child no page is given out or taken back: the pool may be locked for ever.
    process: Process,
}

#[derive(Debug, Default)]
struct Pool {
    /// Pages that are not in use, the next one last.
    free: Vec<u32>,
    /// How many chunks there are.
    chunks: usize,
}

impl Pages {
    /// Pages on the heap, of at most `most_bytes`.
    pub(crate) fn on_heap(most_bytes: usize) -> Arc<Self> {
        Self::new(most_bytes, None)
    }

    /// Pages of at most `most_bytes` in chunks of [`CHUNK_BYTES`] that `make` maps.
    pub(crate) fn mapped(most_bytes: usize, make: MakeChunk) -> Arc<Self> {
        Self::new(most_bytes, Some(make))
    }

    fn new(most_bytes: usize, make: Option<MakeChunk>) -> Arc<Self> {
        let chunks = (most_bytes / CHUNK_BYTES).max(1);
        Arc::new(Self {
            chunks: std::iter::repeat_with(OnceLock::new).take(chunks).collect(),
            pool: Mutex::new(Pool::default()),
            make,
            untracked: AtomicU64::new(0),
            process: Process::this(),
        })
    }

    /// Whether all that is said of an open span is kept: in a file it survives the process. On the
    /// heap it is kept only so that somebody may look, and who it is will do.
    #[inline]
    pub(crate) fn keeps_all(&self) -> bool {
        self.make.is_some()
    }

    /// A slot for a span; none, and counted, where all pages are in use.
    pub(crate) fn slot(self: &Arc<Self>) -> Option<Slot> {
        let page = self.page();
        if page.is_none() {
            self.count_untracked();
        }
        page.map(|page| Slot::new(chain::Chain::new(Arc::clone(self), page, Kind::Span)))
    }

    /// A log of `kind`; none where all pages are in use.
    pub(crate) fn log(self: &Arc<Self>, kind: Kind) -> Option<Log> {
        self.numbered_log(kind, 0)
    }

    fn numbered_log(self: &Arc<Self>, kind: Kind, number: u64) -> Option<Log> {
        let page = self.page()?;
        let chain = chain::Chain::new(Arc::clone(self), page, kind);
        Some(Log::new(chain, number))
    }

    /// Spans that are not tracked, or not with all that was said of them, because all pages were in use.
    pub(crate) fn untracked(&self) -> u64 {
        self.untracked.load(Ordering::Relaxed)
    }

    /// Counts a span for which there was no room.
    #[cold]
    pub(crate) fn count_untracked(&self) {
        self.untracked.fetch_add(1, Ordering::Relaxed);
    }

    /// The head and the items of every span that is open now. Those that begin or end meanwhile may be
    /// among them or not.
    pub(crate) fn open(&self) -> Vec<(SlotHead, Vec<u8>)> {
        read::spans(self, 0..self.end())
    }

    /// The number behind that of the last page.
    fn end(&self) -> u32 {
        let chunks = self.pool().map_or(0, |pool| pool.chunks);
        u32::try_from(chunks * CHUNK_PAGES).unwrap_or(u32::MAX)
    }

    /// A page that is not in use; from a new chunk where there is none.
    fn page(&self) -> Option<PageRef> {
        let mut pool = self.pool()?;
        self.taken(&mut pool)
    }

    /// So many pages, or none of them.
    fn pages(&self, count: usize) -> Option<Vec<PageRef>> {
        let mut pool = self.pool()?;
        let mut pages = Vec::with_capacity(count.min(CHUNK_PAGES));
        for _ in 0..count {
            match self.taken(&mut pool) {
                Some(page) => pages.push(page),
                None => {
                    pool.free.extend(pages.iter().map(PageRef::number));
                    return None;
                }
            }
        }
        Some(pages)
    }

    fn taken(&self, pool: &mut MutexGuard<'_, Pool>) -> Option<PageRef> {
        if pool.free.is_empty() {
            self.grow(pool)?;
        }
        let number = pool.free.pop()?;
        let (chunk, index) = page::place(number);
        let words = self.chunks.get(chunk)?.get()?;
        Some(PageRef::new(Arc::clone(words), index, number))
    }

    fn grow(&self, pool: &mut MutexGuard<'_, Pool>) -> Option<()> {
        let words = match &self.make {
            None if pool.chunks < self.chunks.len() => Words::on_heap(),
            None => return None,
            Some(_) if pool.chunks >= self.chunks.len() => return None,
            Some(make) => Words::Mapped(make().ok()?),
        };
        self.chunks.get(pool.chunks)?.set(Arc::new(words)).ok()?;
        let first = u32::try_from(pool.chunks * CHUNK_PAGES).ok()?;
        let end = first + u32::try_from(CHUNK_PAGES).ok()?;
        pool.chunks += 1;
        pool.free.extend((first + 1..end).rev());
        Some(())
    }

    fn give_back(&self, pages: impl IntoIterator<Item = PageRef>) {
        let pages = pages.into_iter().map(|page| page.number());
        if let Some(mut pool) = self.pool() {
            pool.free.extend(pages);
        }
    }

    fn pool(&self) -> Option<MutexGuard<'_, Pool>> {
        self.process.is_this().then(|| lock(&self.pool))
    }

    /// The words of a page, where there is such a page.
    fn at(&self, number: u32) -> Option<&Page> {
        let (chunk, index) = page::place(number);
        self.chunks.get(chunk)?.get()?.page(index)
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("most_chunks", &self.chunks.len())
            .field("untracked", &self.untracked())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod killed;
#[cfg(test)]
#[cfg(loom)]
mod loom_tests;
#[cfg(test)]
pub(crate) mod tests;
