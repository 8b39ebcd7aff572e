//! The recorder over a fork: the parent keeps it, the child begins without.

use std::mem;
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard};

use super::{ACTIVE, CURRENT, Recorder, capturing, lock};

/// Keeps the recorder from changing hands.
#[derive(Debug)]
pub(crate) struct HeldRecorder(MutexGuard<'static, Option<Arc<Recorder>>>);

impl HeldRecorder {
    pub(crate) fn take() -> Self {
        Self(lock(&CURRENT))
    }

    /// The process is a child: it has no recorder, since that one's threads are not here.
    pub(crate) fn leave_to_parent(&mut self) {
        mem::forget(self.0.take());
        capturing::leave_to_parent();
        ACTIVE.store(0, Ordering::Release);
    }
}
