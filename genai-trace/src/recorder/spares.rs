//! Empty buffers that wait for a thread: each time that one is taken away another takes its place.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::black_box::BlackBox;
use super::entries::Entries;
use super::lock;

/// Empty buffers that wait for a thread.
#[derive(Debug)]
pub(crate) struct Spares {
    empty: Mutex<Vec<Entries>>,
    /// Small ones, for threads that begin.
    first: Mutex<Vec<Entries>>,
    /// Bytes of each buffer.
    capacity: usize,
    /// At most so many are kept, whatever the number of threads.
    most: usize,
    /// Where buffers lie that a crash leaves.
    black_box: Option<Arc<BlackBox>>,
    /// Buffers that exporters read.
    lent: AtomicUsize,
}

/// So many buffers may be lent however little is in them; no fewer are kept, so that none is made
/// afresh while a thread fills one and an exporter reads another.
const SOME: usize = 4;
/// Bytes of buffers that may wait for threads that are still to come.
const MAX_WAITING_BYTES: usize = 8 * 1024 * 1024;
/// Bytes that are made ready at once: it takes as long as a thread needs to fill as many.
const STEP: usize = 256 * 1024;
/// At most so many small ones are kept.
const MOST_FIRST: usize = 256;

impl Spares {
    /// For buffers of `capacity` bytes, in `black_box` where there is one.
    pub(super) fn new(capacity: usize, black_box: Option<Arc<BlackBox>>) -> Arc<Self> {
        Arc::new(Self {
            empty: Mutex::default(),
            first: Mutex::default(),
            capacity,
            most: (MAX_WAITING_BYTES / capacity).clamp(SOME, 64),
            black_box,
            lent: AtomicUsize::new(0),
        })
    }

    /// Whether exporters read so many buffers that a mostly empty one is sooner copied than lent.
    pub(super) fn have_lent_some(&self) -> bool {
        self.lent.load(Ordering::Relaxed) >= SOME
    }

    /// A small empty buffer for a thread's first spans, which grows. It does not lie in the black box,
    /// whose room many threads that end after a few spans would soon use up; their entries are written
    /// there singly.
    pub(super) fn first(&self) -> Entries {
        let spare = lock(&self.first).pop();
        spare.unwrap_or_else(|| Entries::first(self.capacity))
    }

    /// An empty buffer.
    pub(super) fn take(&self) -> Entries {
        let mut empty = lock(&self.empty);
        // The last of them is also the one that the caches may still have.
        let most_used = (0..empty.len()).max_by_key(|index| empty.get(*index).map(Entries::pages));
        let spare = most_used.map(|index| empty.remove(index));
        drop(empty);
        spare.unwrap_or_else(|| self.new_buffer())
    }

    /// Has one more buffer ready, by a step, unless there are as many as `threads` that can be filled with
    /// `bytes` without a halt: the system finds pages for memory only where it is used, and holds the
    /// thread up that comes upon it.
    pub(super) fn make_ready(&self, threads: usize, bytes: usize) {
        if self.black_box.is_some() {
            return;
        }
        let mut empty = lock(&self.empty);
        let is_ready = |entries: &Entries| entries.pages() >= bytes;
        let ready = empty.iter().filter(|entries| is_ready(entries)).count();
        if ready >= threads.min(self.most) {
            return;
        }
        let unready = empty.iter().rposition(|entries| !is_ready(entries));
        let unready = unready.map(|index| empty.remove(index));
        drop(empty);
        let mut entries = unready.unwrap_or_else(|| self.new_buffer());
        entries.find_pages(bytes.min(entries.pages() + STEP));
        keep(&self.empty, entries, self.most);
    }

    fn new_buffer(&self) -> Entries {
        let Some(black_box) = &self.black_box else {
            return Entries::with_capacity(self.capacity);
        };
        // Where there is no room for it, entries are written into the box singly.
        black_box.segment(self.capacity).map_or_else(
            |_| Entries::with_capacity(self.capacity),
            Entries::in_segment,
        )
    }

    /// Keeps a buffer for another thread. What was in it is needed no more.
    pub(super) fn give(&self, mut entries: Entries) {
        entries.clear();
        if entries.is_first() {
            return keep(&self.first, entries, MOST_FIRST);
        }
        // There may be room in the box by now for one that is not there.
        let is_stopgap = self.black_box.is_some() && !entries.survives();
        if is_stopgap || entries.capacity() != self.capacity {
            return;
        }
        keep(&self.empty, entries, self.most);
    }
}

/// Keeps a buffer among at most so many.
fn keep(buffers: &Mutex<Vec<Entries>>, entries: Entries, most: usize) {
    let mut buffers = lock(buffers);
    if buffers.len() < most {
        buffers.push(entries);
    }
}

/// A full buffer, which goes back to the spares when nobody reads it any more.
#[derive(Debug)]
pub(crate) struct Buffer {
    entries: Entries,
    spares: Arc<Spares>,
}

impl Buffer {
    pub(super) fn new(entries: Entries, spares: Arc<Spares>) -> Self {
        spares.lent.fetch_add(1, Ordering::Relaxed);
        Self { entries, spares }
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        self.entries.as_slice()
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.spares.lent.fetch_sub(1, Ordering::Relaxed);
        self.spares.give(std::mem::take(&mut self.entries));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPACITY: usize = 1024 * 1024;

    #[test]
    fn as_many_buffers_are_made_ready_as_threads_fill_and_come_before_others() {
        let spares = Spares::new(CAPACITY, None);
        spares.make_ready(0, 2 * STEP);
        assert_eq!(lock(&spares.empty).len(), 0);
        // Step by step, and then no more.
        for _ in 0..10 {
            spares.make_ready(1, 2 * STEP);
        }
        assert_eq!(lock(&spares.empty).len(), 1);
        spares.give(Entries::with_capacity(CAPACITY));
        let pages = [(); 2].map(|()| spares.take().pages());
        assert_eq!(pages, [2 * STEP, 0]);
    }
}
