//! Which spans of theirs have begun in which of ours.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ::opentelemetry::trace::SpanId as TheirSpanId;

use crate::span::context::SpanContext;

/// Most of them that are remembered at once.
const MOST: usize = 65_536;

/// Spans of ours by the ids of theirs.
pub(crate) type ById = BTreeMap<[u8; 8], SpanContext>;

static BEGUN: Mutex<ById> = Mutex::new(ById::new());

/// Remembers, until it is dropped, in which span of ours one of theirs has begun.
#[derive(Debug)]
pub(super) struct Begun([u8; 8]);

impl Begun {
    pub(super) fn new(theirs: TheirSpanId, ours: SpanContext) -> Option<Self> {
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
        let gone = lock().remove(&self.0);
        // Not under the lock.
        drop(gone);
    }
}

/// The span of ours in which the span `theirs` has begun, as far as is remembered.
pub(super) fn begun_in(theirs: TheirSpanId) -> Option<SpanContext> {
    lock().get(&theirs.to_bytes()).cloned()
}

fn lock() -> MutexGuard<'static, ById> {
    BEGUN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Locks it for the time of a fork.
pub(crate) fn hold() -> MutexGuard<'static, ById> {
    lock()
}
