//! The upper bounds of every histogram's buckets: durations in nanoseconds, tokens and calls as
//! they are. A bound belongs to its bucket (`le`).

/// One millisecond in nanoseconds.
const MILLISECOND: u64 = 1_000_000;

/// Of latencies in milliseconds: 5 ms to 10 s.
pub(crate) const LATENCY: &[u64] = &times(
    MILLISECOND,
    [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000],
);

/// Of one call to a model, a tool or a service: 10 ms to 81.92 s, doubling.
pub(crate) const CALL: &[u64] = &times(
    MILLISECOND,
    [
        10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10_240, 20_480, 40_960, 81_920,
    ],
);

/// Of a chat request as its user waits for it: 0.5 s to 1 min.
pub(crate) const CHAT_REQUEST: &[u64] =
    &times(MILLISECOND, [500, 1000, 2000, 5000, 10_000, 30_000, 60_000]);

/// Of an agent's run: 0.1 s to 409.6 s, doubling.
pub(crate) const AGENT: &[u64] = &times(
    MILLISECOND,
    [
        100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 102_400, 204_800, 409_600,
    ],
);

/// Of a workflow: 1 s to 2 h.
pub(crate) const WORKFLOW: &[u64] = &times(
    1000 * MILLISECOND,
    [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200],
);

/// Of a call or a session of the Model Context Protocol: 10 ms to 5 min.
pub(crate) const MCP: &[u64] = &times(
    MILLISECOND,
    [
        10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 120_000, 300_000,
    ],
);

/// Of a request over HTTP: 5 ms to 10 s.
pub(crate) const HTTP: &[u64] = &times(
    MILLISECOND,
    [
        5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000,
    ],
);

/// Every list of durations: what one histogram must be able to tell apart.
pub(super) const DURATIONS: &[&[u64]] = &[LATENCY, CALL, CHAT_REQUEST, AGENT, WORKFLOW, MCP, HTTP];

/// Of tokens in one operation: 1 to 67,108,864, each four times the last.
pub(crate) const TOKENS: &[u64] = &[
    1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
    67_108_864,
];

/// Of calls within one run of an agent: 1 to 128, doubling.
pub(crate) const CALLS: &[u64] = &[1, 2, 4, 8, 16, 32, 64, 128];

const fn times<const N: usize>(unit: u64, mut bounds: [u64; N]) -> [u64; N] {
    let mut rest: &mut [u64] = &mut bounds;
    while let Some((bound, after)) = rest.split_first_mut() {
        *bound *= unit;
        rest = after;
    }
    bounds
}
