//! The processor's time.

use std::io;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// What all threads of this process have used so far, in user code and in the kernel. `getrusage`
/// would leave out what a running thread has used since the last tick of the scheduler.
pub fn used() -> io::Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}
