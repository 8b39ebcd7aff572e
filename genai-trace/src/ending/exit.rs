//! The process exits while telemetry is installed: the guard was leaked, stands in a `static`, or
//! somebody called `std::process::exit`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::recorder;
use crate::sys::at_exit;

/// How long the exit may wait, in nanoseconds: as long as the drop of the guard would.
static FLUSH_TIMEOUT: AtomicU64 = AtomicU64::new(0);

pub(super) fn follow() {
    at_exit::at_exit(hand_over);
}

/// Sets how long an exit waits.
pub(crate) fn set_flush_timeout(timeout: Duration) {
    let nanos = u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX);
    FLUSH_TIMEOUT.store(nanos, Ordering::Relaxed);
}

/// How long an exit waits.
pub(super) fn flush_timeout() -> Duration {
    Duration::from_nanos(FLUSH_TIMEOUT.load(Ordering::Relaxed))
}

/// Shuts the recorder down, where there is one: other threads may still run, and record no more.
fn hand_over() {
    if let Some(recorder) = recorder::current() {
        let report = recorder.shutdown(flush_timeout());
        if report.has_losses() {
            report.tell();
        }
    }
}
