//! Threads of the telemetry's own.

use std::io;
use std::thread::{self, Thread};

/// Starts a thread. Its work is boxed, since the start of a thread is compiled anew for each type of
/// work, some 3 KB every time.
///
/// # Errors
/// The system gives no thread.
pub(crate) fn start(name: String, work: Box<dyn FnOnce() + Send>) -> io::Result<Thread> {
    let handle = thread::Builder::new().name(name).spawn(work)?;
    Ok(handle.thread().clone())
}
