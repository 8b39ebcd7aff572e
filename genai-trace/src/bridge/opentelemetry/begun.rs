//! Which spans of theirs have begun in which of ours.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ::opentelemetry::trace::SpanId as TheirSpanId;

use crate::span::ids::SpanId;

/// Most of them that are remembered at once.
const MOST: usize = 65_536;

static BEGUN: Mutex<BTreeMap<[u8; 8], SpanId>> = Mutex::new(BTreeMap::new());

/// Remembers, until it is dropped, in which span of ours one of theirs has begun.
#[derive(Debug)]
pub(super) struct Begun([u8; 8]);

impl Begun {
    pub(super) fn new(theirs: TheirSpanId, ours: SpanId) -> Option<Self> {
        let id = theirs.to_bytes();
        let mut begun = lock();
        (begun.len() < MOST).then(|| {
            begun.insert(id, ours);
            Self(id)
        })
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        lock().remove(&self.0);
    }
}

/// Whether the span `theirs` has begun in the span `ours`, so far as is remembered.
pub(super) fn is_begun_in(theirs: TheirSpanId, ours: SpanId) -> bool {
    lock().get(&theirs.to_bytes()) == Some(&ours)
}

fn lock() -> MutexGuard<'static, BTreeMap<[u8; 8], SpanId>> {
    BEGUN.lock().unwrap_or_else(PoisonError::into_inner)
}
