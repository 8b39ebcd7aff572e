//! How the line is kept at the rate of the monotonic clock.
//!
//! A counter goes at any rate, sleeps with its machine or does not, and may be another's after the
//! machine has moved. So each round looks at what the counter and the monotonic clock have done since
//! the last one. Where they agree to 1/4000, the rate is measured again, over some seconds, and what
//! the line is off by is worked off. Where they do not, the line goes on from where it is and nothing
//! is worked off; a rate is believed once two rounds in a row have shown it.

use super::anchor::Anchor;
use super::clocks::{Clocks, Pair};
use super::line::{Line, SHIFT};

/// An offset is worked off within this time.
const SLEW_NANOS: i128 = 1_000_000_000;
/// The line leans by no more than 1/2000 from the true rate.
const MAX_LEAN: i128 = 2000;
/// The counter and the monotonic clock agree to this part.
const AGREEMENT: u64 = 4000;
/// How long the first measurement of the rate takes.
const FIRST_NANOS: u64 = 20_000;
/// The rate is measured over so much, and up to twice as much: long enough to be exact, and short
/// enough to follow a monotonic clock that is slewed.
const WINDOW_NANOS: u64 = 4_000_000_000;

/// What the line is kept right by.
#[derive(Debug)]
pub(crate) struct Steering<C> {
    clocks: C,
    /// What the monotonic clock is to be moved by for the line.
    shift: u64,
    /// Nanoseconds a tick, with [`SHIFT`] fractional bits.
    rate: u64,
    /// What part of the rate may be wrong, with [`SHIFT`] fractional bits.
    doubt: u64,
    /// Since when the rate is measured.
    since: Pair,
    /// Since when it will be, when the window is full.
    then_since: Pair,
    /// The last round.
    last: Pair,
    /// What the last round showed of the rate, where it was not what is believed.
    unconfirmed: Option<u64>,
}

impl<C: Clocks> Steering<C> {
    /// Starts the line, near the time of day so that its numbers look like what they become.
    pub(super) fn start(clocks: C, anchor: &Anchor) -> Self {
        let first = Pair::read(&clocks, C::monotonic);
        let nanos = clocks.wall();
        let mut steering = Self {
            clocks,
            shift: nanos.wrapping_sub(first.nanos),
            rate: 1 << SHIFT,
            doubt: 0,
            since: first,
            then_since: first,
            last: first,
            unconfirmed: None,
        };
        let clocks = &steering.clocks;
        if clocks.has_counter() {
            // Some microseconds give the rate to within a percent; the drain thread mends it within
            // milliseconds, long before it can be seen in a span.
            while clocks.monotonic().saturating_sub(first.nanos) < FIRST_NANOS {
                std::hint::spin_loop();
            }
            steering.last = Pair::read(clocks, C::monotonic);
            steering.measure(first, steering.last);
        }
        let line = Line {
            ticks: first.ticks,
            nanos,
            rate: steering.rate,
        };
        anchor.change(|| first.ticks, |_, _| line);
        steering
    }

    pub(super) fn clocks(&self) -> &C {
        &self.clocks
    }

    /// Renews the line; what is then to be added to it for nanoseconds since 1970.
    pub(super) fn steer(&mut self, anchor: &Anchor) -> i64 {
        if self.clocks.has_counter() {
            self.renew(anchor);
        }
        let wall = Pair::read(&self.clocks, C::wall);
        let here = anchor.read(|| wall.ticks).nanos();
        i64::try_from(i128::from(wall.nanos) - i128::from(here)).unwrap_or(0)
    }

    /// Changes the line: the next one starts where the old one stands, and leans towards the
    /// monotonic clock.
    fn renew(&mut self, anchor: &Anchor) {
        let now = Pair::read(&self.clocks, C::monotonic);
        let is_steady = self.look(now);
        let (clocks, rate) = (&self.clocks, self.rate);
        let mut off = 0;
        anchor.change(
            || clocks.ticks(),
            |old, ticks| {
                let target = Line {
                    ticks: now.ticks,
                    nanos: now.nanos.wrapping_add(self.shift),
                    rate,
                };
                let mut nanos = old.at(ticks);
                if !is_steady {
                    // Readings lie up to where the monotonic clock has come, if the counter has gone
                    // back or stood still.
                    nanos = nanos.max(target.at(ticks));
                }
                off = i128::from(target.at(ticks)) - i128::from(nanos);
                let lean = if is_steady { lean(rate, off) } else { 0 };
                let rate = i128::from(rate) + lean;
                Line {
                    ticks,
                    nanos,
                    rate: u64::try_from(rate).unwrap_or(old.rate),
                }
            },
        );
        if !is_steady {
            // What they say together begins anew, from where the line is.
            let off = u64::try_from(-off).unwrap_or(0);
            self.shift = self.shift.wrapping_add(off);
        }
    }

    /// Looks at what the counter and the monotonic clock have done since the last round; whether they
    /// agree.
    fn look(&mut self, now: Pair) -> bool {
        let last = std::mem::replace(&mut self.last, now);
        let nanos = now.nanos.saturating_sub(last.nanos);
        let agrees = now.ticks.checked_sub(last.ticks).is_some_and(|ticks| {
            let by_counter = self.in_nanos(ticks);
            let may_differ = nanos / AGREEMENT
                + self.in_nanos(last.gap.saturating_add(now.gap))
                + part_of(nanos, self.doubt);
            by_counter.abs_diff(nanos) <= may_differ
        });
        if agrees {
            self.unconfirmed = None;
            if now.nanos.saturating_sub(self.then_since.nanos) > WINDOW_NANOS {
                self.since = std::mem::replace(&mut self.then_since, now);
            }
            self.measure(self.since, now);
            return true;
        }
        let shown = rate_between(last, now);
        let before = std::mem::replace(&mut self.unconfirmed, shown);
        (self.since, self.then_since) = (now, now);
        if let (Some(shown), Some(before)) = (shown, before)
            && shown.abs_diff(before) <= before / AGREEMENT
        {
            (self.since, self.then_since) = (last, last);
            self.measure(last, now);
            self.unconfirmed = None;
        }
        false
    }

    /// Believes the rate that the two moments show.
    fn measure(&mut self, first: Pair, second: Pair) {
        let Some(rate) = rate_between(first, second) else {
            return;
        };
        self.rate = rate;
        let gaps = u128::from(first.gap.saturating_add(second.gap)) << SHIFT;
        let ticks = second.ticks.saturating_sub(first.ticks);
        let doubt = gaps.checked_div(u128::from(ticks)).unwrap_or(0);
        self.doubt = u64::try_from(doubt).unwrap_or(u64::MAX);
    }

    fn in_nanos(&self, ticks: u64) -> u64 {
        part_of(ticks, self.rate)
    }
}

/// So much of `whole`, with [`SHIFT`] fractional bits.
fn part_of(whole: u64, part: u64) -> u64 {
    let product = (u128::from(whole) * u128::from(part)) >> SHIFT;
    u64::try_from(product).unwrap_or(u64::MAX)
}

/// What is added to the `rate` of a line that is `off` by so much.
fn lean(rate: u64, off: i128) -> i128 {
    let rate = i128::from(rate);
    (rate * off / SLEW_NANOS).clamp(-rate / MAX_LEAN, rate / MAX_LEAN)
}

/// The rate that two moments show, unless one of the clocks stood still.
fn rate_between(first: Pair, second: Pair) -> Option<u64> {
    let ticks = second.ticks.checked_sub(first.ticks)?;
    let nanos = second.nanos.checked_sub(first.nanos)?;
    let rate = (u128::from(nanos) << SHIFT).checked_div(u128::from(ticks))?;
    u64::try_from(rate).ok().filter(|rate| *rate > 0)
}
