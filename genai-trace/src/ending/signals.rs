//! A signal asks the program to end.

use std::io;

/// From now on SIGINT and SIGTERM hand over what has ended first.
///
/// # Errors
/// The system gives no thread, or no pipe.
#[cfg(unix)]
pub(crate) fn follow() -> io::Result<()> {
    crate::sys::signals::watch(hand_over)
}

/// Other systems have no such signals.
#[cfg(not(unix))]
pub(crate) fn follow() -> io::Result<()> {
    Ok(())
}

/// Hands over what has ended, and lets the signal do what it does.
#[cfg(unix)]
fn hand_over(signal: &crate::sys::signals::Signal) {
    use super::exit::flush_timeout;
    use crate::recorder;
    use crate::sys::signals::Effect;

    if let Some(recorder) = recorder::current() {
        let report = match signal.effect() {
            Effect::Ends => recorder.shutdown(flush_timeout()),
            // The program goes on, for a while at least, and so does its telemetry.
            Effect::Nothing | Effect::Handled => recorder.flush(flush_timeout()),
        };
        if !report.complete {
            report.tell();
        }
    }
    if signal.effect() == Effect::Ends {
        signal.end_process();
    }
}
