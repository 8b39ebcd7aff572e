//! What is measured of a subject in one round.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Of a span on the calling thread in the steady phase: the median of all milliseconds.
    pub caller_ns: f64,
    /// Time of the processor for a span, all threads, in the steady phase.
    pub steady_cpu_ns: f64,
    /// The same in the laps.
    pub lap_cpu_ns: f64,
    /// Spans that the backend got in a second of the laps.
    pub spans_per_second: f64,
    pub made: u64,
    /// What the receiver counted; the child does not know.
    pub arrived: u64,
}
