//! A thread's own copy of the line, by which a reading of the clock is some twenty instructions.

use std::cell::Cell;

use super::anchor::Anchor;
use super::line::Line;
use super::{ANCHOR, Source};
#[cfg(target_arch = "x86_64")]
use crate::sys::ticks::counter;

/// A thread's own copy of the line. What it reads never steps back on this thread, whatever becomes
/// of the line and of the counter.
// Elsewhere the standard clock is read, which cannot be copied.
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
#[derive(Debug)]
pub(crate) struct LineCache {
    /// Of the anchor when the line was copied; 0 where nothing was, or is to be used.
    version: Cell<u64>,
    line: Cell<Line>,
    /// Ticks of the last reading, not before the start of the line.
    last: Cell<u64>,
    /// No reading lies below.
    floor: Cell<u64>,
}

#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
impl LineCache {
    /// A copy that is yet to be made, by the first reading.
    pub(crate) const fn new() -> Self {
        Self {
            version: Cell::new(0),
            line: Cell::new(Line::NONE),
            last: Cell::new(0),
            floor: Cell::new(0),
        }
    }

    /// Nanoseconds on the process's line, which never step back.
    #[inline(always)]
    pub(crate) fn now(&self) -> u64 {
        #[cfg(target_arch = "x86_64")]
        if let Some(now) = self.read(&ANCHOR, counter) {
            return now;
        }
        self.now_otherwise()
    }

    /// The line has changed, or there is none to be copied: the standard clock is not read by itself.
    #[cold]
    fn now_otherwise(&self) -> u64 {
        match super::source() {
            #[cfg(target_arch = "x86_64")]
            Source::Counter => self.renew(&ANCHOR, counter),
            Source::Std => ANCHOR.read(|| Source::Std.read()).nanos(),
        }
    }

    /// The time, if the line still holds and the counter has not gone back.
    #[inline(always)]
    pub(super) fn read(&self, anchor: &Anchor, ticks: impl Fn() -> u64) -> Option<u64> {
        // Where the standard clock is used the counter may not even be there to be read.
        if self.version.get() == 0 {
            return None;
        }
        let ticks = ticks();
        if !anchor.still_holds(self.version.get()) || ticks < self.last.get() {
            return None;
        }
        self.last.set(ticks);
        let line = self.line.get();
        Some(line.since_start(ticks - line.ticks))
    }

    /// Copies the line that holds now, and reads the time on it.
    pub(super) fn renew(&self, anchor: &Anchor, ticks: impl Fn() -> u64) -> u64 {
        let floor = self.line.get().at(self.last.get()).max(self.floor.get());
        let reading = anchor.read(ticks);
        let now = reading.nanos();
        self.line.set(reading.line);
        self.last.set(reading.ticks.max(reading.line.ticks));
        self.floor.set(now.max(floor));
        // After a counter has gone back time stands still here until it gets there again, or until
        // the line is renewed.
        self.version
            .set(if now >= floor { reading.version } else { 0 });
        self.floor.get()
    }
}
