//! Captures for tests beside the recorder: spans are begun while there is one, recorder or not.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{ACTIVE, CURRENT, Recorder, SHOWS_SPANS, lock};
use crate::span::limits::SpanLimits;
use crate::span::stacktrace;
use crate::sys::fork::Process;

/// The number that captured spans bear in the place of a recorder's. They are shown to nobody else.
pub(crate) const CAPTURED: NonZeroU32 = match NonZeroU32::new(!SHOWS_SPANS) {
    Some(number) => number,
    None => NonZeroU32::MAX,
};

/// How many captures are known to anybody: to the test, or to a span that has outlived it.
static CAPTURES: AtomicU32 = AtomicU32::new(0);

/// Whether a span that begins may belong to a capture.
#[inline]
pub(crate) fn is_capturing() -> bool {
    CAPTURES.load(Ordering::Relaxed) != 0
}

/// The number that calls find while there is no recorder.
pub(super) fn without_recorder() -> u32 {
    if is_capturing() { CAPTURED.get() } else { 0 }
}

/// Puts in force the limits of `recorder`, and whether failures say where; the defaults where there is none, and while a test looks,
/// which is to see the same whatever is installed beside it.
pub(super) fn apply_settings(recorder: Option<&Recorder>) {
    let said = recorder.filter(|_| !is_capturing());
    said.map_or_else(SpanLimits::default, |recorder| recorder.limits)
        .apply();
    stacktrace::want(said.is_some_and(|recorder| recorder.stacktraces));
}

/// Begins anew in a child process: the captures are its parent's. Under the lock of the recorder.
pub(super) fn leave_to_parent() {
    CAPTURES.store(0, Ordering::Relaxed);
}

/// Lets calls begin spans as long as it lives.
#[derive(Debug)]
pub(crate) struct Capturing {
    /// The process that captures.
    process: Process,
}

impl Capturing {
    pub(crate) fn begin() -> Self {
        let current = lock(&CURRENT);
        CAPTURES.fetch_add(1, Ordering::Relaxed);
        apply_settings(current.as_deref());
        if current.is_none() {
            ACTIVE.store(without_recorder(), Ordering::Release);
        }
        Self {
            process: Process::this(),
        }
    }
}

impl Drop for Capturing {
    fn drop(&mut self) {
        let current = lock(&CURRENT);
        if !self.process.is_this() {
            return;
        }
        CAPTURES.fetch_sub(1, Ordering::Relaxed);
        apply_settings(current.as_deref());
        if current.is_none() {
            ACTIVE.store(without_recorder(), Ordering::Release);
        }
    }
}
