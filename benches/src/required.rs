//! What genai-trace is to reach, and whether it did.

use crate::contenders::{ALL, OURS};
use crate::figures::Figures;
use crate::rounds::Rounds;
use crate::table::Table;

/// A figure of ours, beside that of a peer.
struct Required {
    what: &'static str,
    of: fn(&Figures) -> f64,
    /// How many times better ours is to be, than whom.
    times: f64,
    peer: &'static str,
}

const fn required(
    what: &'static str,
    of: fn(&Figures) -> f64,
    times: f64,
    peer: &'static str,
) -> Required {
    Required {
        what,
        of,
        times,
        peer,
    }
}

const REQUIRED: [Required; 7] = [
    required("caller", |of| of.caller_ns, 5.0, "fastrace-hand"),
    required("caller", |of| of.caller_ns, 25.0, "tracing-otel"),
    required("caller", |of| of.caller_ns, 80.0, "tracing-json"),
    required("CPU", |of| of.cpu_ns, 3.0, "fastrace-serde"),
    required("CPU", |of| of.cpu_ns, 2.0, "fastrace-hand"),
    required("spans/s to the file", rate, 3.0, "fastrace-serde"),
    required("spans/s to the file", rate, 2.0, "fastrace-hand"),
];

/// The most that a burst may take on the caller but for one in a thousand, in nanoseconds.
const BURST_P999_NS: f64 = 2_000.0;

/// Nanoseconds of wall time for a span in the file: less is better, as in the other figures.
fn rate(of: &Figures) -> f64 {
    1e9 / of.spans_per_second
}

/// A line for each requirement.
pub fn table(rounds: &Rounds, new: impl Fn(&str, Vec<&str>) -> Table) -> Table {
    let mut table = new("required", vec!["wanted", "got", ""]);
    for Required {
        what,
        of,
        times,
        peer,
    } in &REQUIRED
    {
        let got = rounds.times(peer, OURS, of);
        row(
            &mut table,
            &format!("{what}, times better than {peer}"),
            format!("{times}"),
            got.map(|got| format!("{got:.2}")),
            got.is_some_and(|got| got >= *times),
        );
    }
    let got = ahead_with_cold_caches(rounds);
    row(
        &mut table,
        "caller with cold caches, times better than any peer",
        "more than 1".to_owned(),
        got.map(|got| format!("{got:.2}")),
        got.is_some_and(|got| got > 1.0),
    );
    let got = rounds.middle(OURS, |of| of.burst_p999_ns);
    row(
        &mut table,
        "burst p99.9, us",
        format!("below {}", BURST_P999_NS / 1000.0),
        got.map(|got| format!("{:.2}", got / 1000.0)),
        got.is_some_and(|got| got < BURST_P999_NS),
    );
    table
}

/// How many times better ours is than the peer that comes nearest.
fn ahead_with_cold_caches(rounds: &Rounds) -> Option<f64> {
    ALL.iter()
        .filter(|entry| entry.writes() && !entry.name.starts_with(OURS))
        .filter_map(|entry| rounds.times(entry.name, OURS, |of| of.cold_ns))
        .min_by(f64::total_cmp)
}

fn row(table: &mut Table, what: &str, wanted: String, got: Option<String>, reached: bool) {
    let verdict = if reached { "ok" } else { "MISSED" };
    table.row(
        what,
        [
            wanted,
            got.unwrap_or_else(|| "–".to_owned()),
            verdict.to_owned(),
        ],
    );
}
