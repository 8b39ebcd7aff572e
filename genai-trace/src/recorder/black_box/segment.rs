//! A buffer of entries that survives its process.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use super::file::{BoxFile, to_u64};
use super::layout::{PartKind, part};
use crate::recorder::lock;
use crate::sys::mapped::Mapped;

/// Segments that wait to be used again, and where further ones come from.
#[derive(Debug)]
pub(super) struct Segments {
    file: Arc<BoxFile>,
    spare: Mutex<Vec<Mapped>>,
}

impl Segments {
    pub(super) fn new(file: Arc<BoxFile>) -> Arc<Self> {
        Arc::new(Self {
            file,
            spare: Mutex::default(),
        })
    }

    /// A segment for `capacity` bytes: the smallest that waits and has them, else a new one.
    pub(super) fn get(self: &Arc<Self>, capacity: usize) -> std::io::Result<Segment> {
        let wanted = capacity.saturating_add(part::BYTES);
        let waiting = {
            let mut spare = lock(&self.spare);
            let fits = |mapped: &Mapped| mapped.len() >= wanted;
            let found = (0..)
                .zip(&*spare)
                .filter(|(_, mapped)| fits(mapped))
                .min_by_key(|(_, mapped)| mapped.len())
                .map(|(index, _)| index);
            found.map(|index| spare.swap_remove(index))
        };
        let mapped = match waiting {
            Some(mapped) => mapped,
            None => self.file.part(PartKind::Segment, wanted)?,
        };
        Ok(Segment {
            mapped: Some(mapped),
            capacity,
            from: Arc::clone(self),
        })
    }
}

/// A buffer of entries that survives its process: what was [committed](Segment::commit) is
/// recovered, until it is [cleared](Segment::clear). Dropped, it is cleared and waits for the next.
#[derive(Debug)]
pub(crate) struct Segment {
    /// None only while it is dropped.
    mapped: Option<Mapped>,
    capacity: usize,
    from: Arc<Segments>,
}

impl Segment {
    /// All bytes of the segment; none in a process that was forked off.
    #[inline]
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        let capacity = self.capacity;
        self.mapped
            .as_mut()
            .and_then(|mapped| mapped.bytes_mut(part::BYTES).get_mut(..capacity))
            .unwrap_or_default()
    }

    /// All bytes of the segment; none in a process that was forked off.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        self.mapped
            .as_ref()
            .and_then(|mapped| mapped.bytes(part::BYTES).get(..self.capacity))
            .unwrap_or_default()
    }

    /// From now on a crash leaves the first `len` bytes, which are whole entries.
    #[inline]
    pub(crate) fn commit(&mut self, len: usize) {
        let words = self.mapped.as_ref().map(Mapped::words).unwrap_or_default();
        if let Some(header) = words.first_chunk::<{ part::WORDS }>() {
            // Who finds the length finds the bytes.
            header[part::COMMITTED].store(to_u64(len), Ordering::Release);
        }
    }

    /// From now on a crash leaves nothing: what was there lies elsewhere.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.commit(0);
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        self.clear();
        if let Some(mapped) = self.mapped.take() {
            lock(&self.from.spare).push(mapped);
        }
    }
}
