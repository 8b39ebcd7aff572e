//! What is measured of one contender in one round.

use serde::{Deserialize, Serialize};

/// What is measured of one contender in one round.
#[derive(Debug, Serialize, Deserialize)]
pub struct Figures {
    /// On the calling thread, the median of all bursts, a span's share.
    pub caller_ns: f64,
    /// The same, where other work comes between two bursts.
    pub cold_ns: f64,
    /// A burst on the calling thread that 99 % stay below.
    pub burst_p99_ns: f64,
    /// A burst on the calling thread that 99.9 % stay below.
    pub burst_p999_ns: f64,
    /// Over all threads, until everything is in the file.
    pub cpu_ns: f64,
    /// From the first call until everything is in the file.
    pub spans_per_second: f64,
    /// On the calling thread.
    pub allocations: f64,
    /// The most that the process has had in memory, in KiB.
    pub peak_kib: u64,
    /// Of a line, its end included; 0 without a file.
    pub bytes_per_line: f64,
    /// A call of the tool where nothing is installed.
    pub disabled_ns: f64,
    /// Spans made, over all phases.
    pub spans: u64,
    /// Spans of which there is no line.
    pub lost: u64,
}
