//! The chunks of a streamed response: how many there were, and when they came.

use crate::metrics::ChunkGaps;

/// The chunks of a streamed response so far. Times are nanoseconds on the process's line.
#[derive(Debug)]
pub(crate) struct Chunks {
    count: u64,
    /// From the call to the first chunk.
    first: Option<u64>,
    /// When the last one came; before the first, when the call was made.
    last: u64,
    gaps: ChunkGaps,
}

impl Chunks {
    /// No chunk yet of a call that was made at `start`.
    pub(crate) fn since(start: u64) -> Self {
        Self {
            count: 0,
            first: None,
            last: start,
            gaps: ChunkGaps::default(),
        }
    }

    /// Counts a chunk that came at `now`.
    pub(crate) fn arrived(&mut self, now: u64) {
        let waited = now.saturating_sub(self.last);
        self.last = now.max(self.last);
        self.count += 1;
        match self.first {
            None => self.first = Some(waited),
            Some(_) => self.gaps.record(waited),
        }
    }

    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    /// From the call to the first chunk, in nanoseconds; none where none came.
    pub(crate) const fn first_ns(&self) -> Option<u64> {
        self.first
    }

    /// The times between one chunk and the next.
    pub(crate) const fn gaps(&self) -> &ChunkGaps {
        &self.gaps
    }
}
