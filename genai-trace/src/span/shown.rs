//! Our spans among those of `tracing`, where that is asked for: what the stack has to know of it.
//!
//! A span that is shown has a span of `tracing` beside it, which is entered while ours stands on a thread's stack.
//! Subscribers are the user's code and may begin spans of ours. So whatever calls them is called while nothing of
//! the thread is borrowed; a frame that goes is asked for its [`Shown`] before.

#[cfg(feature = "tracing")]
mod beginning;
#[cfg(not(feature = "tracing"))]
mod nothing;

#[cfg(feature = "tracing")]
pub(super) use self::beginning::{Below, show};
#[cfg(not(feature = "tracing"))]
pub(super) use self::nothing::{Below, Ended, Faint, Shown, show};
#[cfg(feature = "tracing")]
pub(super) use crate::bridge::tracing::shown::{Ended, Faint, Shown};
use crate::recorder::SHOWS_SPANS;

/// Whether spans of the recorder `generation` are shown.
#[inline]
pub(super) const fn are_shown(generation: u32) -> bool {
    cfg!(feature = "tracing") && generation & SHOWS_SPANS != 0
}
