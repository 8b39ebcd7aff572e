//! What goes between the line and the thread that sends.

use std::sync::Arc;
use std::time::Instant;

use super::parcel::Parcel;
use super::spool::Claimed;

/// What is to be sent now.
pub(super) enum Work {
    Memory(Arc<Parcel>),
    Disk(Claimed),
}

impl Work {
    pub(super) fn parcel(&self) -> &Parcel {
        match self {
            Work::Memory(parcel) => parcel,
            Work::Disk(claimed) => &claimed.parcel,
        }
    }
}

/// A time before which nothing is sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pause {
    pub(super) until: Instant,
    /// The backend has asked for it.
    pub(super) is_asked_for: bool,
}

/// What became of what was in hand.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    /// What the backend could not take now, in order.
    pub(super) left: Vec<Parcel>,
    /// Why, where something is left.
    pub(super) cause: Option<String>,
    /// How many items were refused for good, and why.
    pub(super) refused: Vec<(u64, String)>,
}
