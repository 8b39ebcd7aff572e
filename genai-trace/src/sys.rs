//! The little that talks to the machine.

pub(crate) mod at_exit;
pub(crate) mod clock;
pub(crate) mod fork;
#[cfg(unix)]
pub(crate) mod forked;
#[cfg_attr(not(unix), path = "sys/unmapped.rs")]
pub(crate) mod mapped;
#[cfg(all(unix, feature = "signals"))]
pub(crate) mod signals;
mod ticks;
