//! The spans of threads whose own storage is gone: what a destructor of a thread-local begins, ends
//! and records after ours has run.
//!
//! Such threads share one storage and take turns; each has a stack of its own in it.

use std::cell::Cell;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Local, SpanStack};
use crate::span::capture::Capture;
use crate::span::shown::Ended;

thread_local! {
    // Both without a destructor, and so there to the thread's very end.
    /// The thread's number here, 0 before it has one.
    static NUMBER: Cell<u64> = const { Cell::new(0) };
    static IS_AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// Threads that leave spans behind; where there are more, the spans of the first one end.
const MOST_LEFT: usize = 256;

static SHARED: Mutex<Shared> = Mutex::new(Shared {
    local: Local::new(),
    left: Vec::new(),
});

/// Keeps these threads from their turns; a fork does so.
pub(crate) fn hold() -> MutexGuard<'static, Shared> {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What these threads share.
pub(crate) struct Shared {
    /// Of the thread whose turn it is.
    local: Local,
    /// Of the others that are in a span.
    left: Vec<Left>,
}

/// What a thread leaves until its next turn.
struct Left {
    number: u64,
    frames: SpanStack,
    capture: Option<Arc<Capture>>,
}

/// Works on what the thread keeps here; none where it is at work already.
#[cold]
pub(super) fn with<T>(work: impl FnOnce(&mut Local) -> T) -> Option<T> {
    if IS_AT_WORK.replace(true) {
        return None;
    }
    let mut shared = hold();
    let number = number();
    shared.begin_turn(number);
    let done = work(&mut shared.local);
    finish(shared, number);
    Some(done)
}

/// Ends the thread's turn. What others were shown of spans that end with it is told when the next may have its own.
fn finish(mut shared: MutexGuard<'_, Shared>, number: u64) {
    let ended = shared.end_turn(number);
    drop(shared);
    IS_AT_WORK.set(false);
    ended.into_iter().for_each(Ended::leave);
}

fn number() -> u64 {
    static NUMBERS: AtomicU64 = AtomicU64::new(1);
    NUMBER.with(|number| {
        if number.get() == 0 {
            number.set(NUMBERS.fetch_add(1, Ordering::Relaxed));
        }
        number.get()
    })
}

impl Shared {
    /// Forgets everything: it belongs to the parent of this process.
    pub(crate) fn leave_to_parent(&mut self) {
        mem::forget(mem::replace(&mut self.local, Local::new()));
        mem::forget(mem::take(&mut self.left));
    }

    fn begin_turn(&mut self, number: u64) {
        let left = self.left.iter().position(|left| left.number == number);
        if let Some(left) = left.map(|position| self.left.remove(position)) {
            self.local.frames = left.frames;
            self.local.thread.capture = left.capture;
        }
    }

    fn end_turn(&mut self, number: u64) -> Vec<Ended> {
        // The next thread's spans stand below others.
        self.local.settle();
        // Seeded anew by the next: a process that is forked off must have others.
        self.local.thread.ids = None;
        let frames = mem::take(&mut self.local.frames);
        let capture = self.local.thread.capture.take();
        if frames.is_at_rest() && capture.is_none() {
            return Vec::new();
        }
        self.left.push(Left {
            number,
            frames,
            capture,
        });
        if self.left.len() <= MOST_LEFT {
            return Vec::new();
        }
        let mut first = self.left.remove(0);
        first.frames.abandon(&mut self.local.thread)
    }
}
