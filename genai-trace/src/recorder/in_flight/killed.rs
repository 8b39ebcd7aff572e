//! A process that is killed before one of its stores into the pages, whichever a test says.
//!
//! A killed process has done its stores up to a point of its program, and none behind it: what is
//! dropped from here on is what it would not have done.

use std::cell::Cell;

thread_local! {
    /// How many stores the thread's process still does; without end where nobody says.
    static LEFT: Cell<u64> = const { Cell::new(u64::MAX) };
}

/// Lets the process of this thread do so many more stores.
pub(crate) fn after(stores: u64) {
    LEFT.set(stores);
}

/// Whether the process is dead.
pub(crate) fn is_dead() -> bool {
    LEFT.get() == 0
}

/// Whether the process dies before the store that it is about to do.
pub(super) fn dies_now() -> bool {
    let left = LEFT.get();
    if left != u64::MAX {
        LEFT.set(left.saturating_sub(1));
    }
    left == 0
}
