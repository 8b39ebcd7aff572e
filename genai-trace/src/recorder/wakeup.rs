//! How the drain thread is woken before its time.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::Thread;

/// Wakes the drain thread, once for each time that it sleeps: a wake costs the caller microseconds.
#[derive(Debug, Default)]
pub(crate) struct Wakeup {
    requested: AtomicBool,
    /// When it comes by itself.
    due: AtomicU64,
    sleeper: Mutex<Option<Thread>>,
}

impl Wakeup {
    pub(crate) fn belongs_to(&self, thread: Thread) {
        *self.sleeper.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
    }

    /// Wakes it unless it comes by itself `soon` after `now`. Where it is late it waits for a core, and a
    /// call would not bring it one.
    pub(crate) fn hasten(&self, now: u64, soon: u64) {
        if now.saturating_add(soon) < self.due.load(Ordering::Relaxed)
            && !self.requested.load(Ordering::Relaxed)
        {
            self.wake();
        }
    }

    pub(crate) fn comes_at(&self, due: u64) {
        self.due.store(due, Ordering::Relaxed);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a thread that is due at 1,000 is woken at `now`.
    fn is_hastened(now: u64) -> bool {
        let wakeup = Wakeup::default();
        wakeup.comes_at(1_000);
        wakeup.hasten(now, 100);
        wakeup.requested.load(Ordering::Relaxed)
    }

    #[test]
    fn a_thread_that_comes_soon_or_is_late_is_not_woken() {
        assert_eq!([0, 899].map(is_hastened), [true; 2]);
        assert_eq!([900, 1_000, 5_000].map(is_hastened), [false; 3]);
    }
}
