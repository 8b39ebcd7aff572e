//! The little that talks to the machine.

pub(crate) mod clock;
#[cfg(unix)]
pub(crate) mod forked;
#[cfg_attr(not(unix), path = "sys/unmapped.rs")]
pub(crate) mod mapped;
mod ticks;
