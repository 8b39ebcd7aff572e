//! Two things timed in turn, in short batches, so that what else the machine does hits both.

use std::time::Instant;

use crate::stats::median;

/// Batches of each; most are shorter than the scheduler's patience.
const BATCHES: usize = 301;

/// Nanoseconds of a call.
pub struct Paired {
    pub plain: f64,
    /// The median of the differences, which is steadier than the difference of the medians.
    pub over: f64,
}

/// Times batches of `calls` calls: `plain` and `traced` make them, timed as a whole.
pub fn batches(calls: usize, mut plain: impl FnMut(), mut traced: impl FnMut()) -> Paired {
    times(calls, || clocked(&mut plain), || clocked(&mut traced))
}

/// The same where each says itself how many nanoseconds the calls took.
pub fn times(
    calls: usize,
    mut plain: impl FnMut() -> f64,
    mut traced: impl FnMut() -> f64,
) -> Paired {
    let each = |nanos: f64| nanos / calls as f64;
    // The first of each is cold.
    plain();
    traced();
    let pairs: Vec<_> = (0..BATCHES)
        .map(|_| (each(plain()), each(traced())))
        .collect();
    Paired {
        plain: median(pairs.iter().map(|(plain, _)| *plain)),
        over: median(pairs.iter().map(|(plain, traced)| traced - plain)),
    }
}

/// Nanoseconds that `work` takes.
pub fn clocked(work: impl FnOnce()) -> f64 {
    let begin = Instant::now();
    work();
    begin.elapsed().as_nanos() as f64
}
