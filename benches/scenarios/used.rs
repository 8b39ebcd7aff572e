//! What a thread, the process, or its children have used, as the kernel counts it.

use std::io;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use nix::time::{ClockId, clock_gettime};

/// Nanoseconds of processor time that all threads have used so far. `getrusage` would leave out what
/// a running thread has used since the last tick of the scheduler.
pub fn cpu() -> io::Result<f64> {
    clock(ClockId::CLOCK_PROCESS_CPUTIME_ID)
}

/// The same of this thread.
pub fn thread_cpu() -> io::Result<f64> {
    clock(ClockId::CLOCK_THREAD_CPUTIME_ID)
}

fn clock(clock: ClockId) -> io::Result<f64> {
    let now = clock_gettime(clock)?;
    Ok(now.tv_sec() as f64 * 1e9 + now.tv_nsec() as f64)
}

/// Nanoseconds of processor time that the children have used that have ended.
pub fn children_cpu() -> io::Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let nanos = |time: TimeVal| time.tv_sec() as f64 * 1e9 + time.tv_usec() as f64 * 1e3;
    Ok(nanos(usage.user_time()) + nanos(usage.system_time()))
}

/// What happened to this thread so far.
#[derive(Clone, Copy)]
pub struct Events {
    /// Pages that the kernel had to find for the first access.
    pub faults: i64,
    /// Times that the thread waited for something.
    pub waits: i64,
    /// Times that the kernel put another thread in its place.
    pub preemptions: i64,
}

/// What happened to this thread so far.
pub fn events() -> io::Result<Events> {
    let usage = getrusage(UsageWho::RUSAGE_THREAD)?;
    Ok(Events {
        faults: usage.minor_page_faults(),
        waits: usage.voluntary_context_switches(),
        preemptions: usage.involuntary_context_switches(),
    })
}
