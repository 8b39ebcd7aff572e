//! The little that talks to the machine.

pub(crate) mod clock;
mod ticks;
