//! How the drain thread is woken before its time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::Thread;

/// Wakes the drain thread, once for each time that it sleeps: a wake costs the caller microseconds.
#[derive(Debug, Default)]
pub(crate) struct Wakeup {
    requested: AtomicBool,
    sleeper: Mutex<Option<Thread>>,
}

impl Wakeup {
    pub(crate) fn belongs_to(&self, thread: Thread) {
        *self.sleeper.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
    }

    pub(crate) fn wake(&self) {
        if self.requested.swap(true, Ordering::AcqRel) {
            return;
        }
        if let Some(sleeper) = &*self.sleeper.lock().unwrap_or_else(PoisonError::into_inner) {
            sleeper.unpark();
        }
    }

    pub(crate) fn reset(&self) {
        self.requested.store(false, Ordering::Release);
    }
}
