//! However a process comes to its end, the spans that had ended are in its file, and it does end.
//!
//! Each case is a process of its own, under a watchdog: `ending CASE`.

mod exits;
mod forks;
mod process;
mod runtimes;
#[cfg(unix)]
mod signals;
