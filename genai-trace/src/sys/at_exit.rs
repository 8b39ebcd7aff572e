//! What is to be done when the process exits.

use std::sync::OnceLock;

static WORK: OnceLock<fn()> = OnceLock::new();

/// Has `work` run when the process exits: after `main` has returned, and where any thread calls
/// [`std::process::exit`]. The destructors of that thread's locals have run by then. What is said
/// first holds for the process, its forked children included.
///
/// On systems other than Unix nothing runs.
pub(crate) fn at_exit(work: fn()) {
    if WORK.set(work).is_ok() {
        register();
    }
}

#[cfg(unix)]
fn register() {
    extern "C" fn run() {
        if let Some(work) = WORK.get() {
            // C knows no panics; what one says has gone to standard error.
            let _ = std::panic::catch_unwind(work);
        }
    }
    // SAFETY: `run` is a function for the whole life of the process, and lets no panic out. That there
    // is no room for it, of which C says so, leaves things as they are without it.
    #[allow(unsafe_code)]
    unsafe {
        libc::atexit(run);
    }
}

#[cfg(not(unix))]
fn register() {}
