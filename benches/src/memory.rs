//! The memory of this process, and work that pushes others' out of the caches.

use std::fs;
use std::hint::black_box;
use std::io;

/// The most that this process has had in memory so far, in KiB.
pub fn peak_kib() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| {
        let value = line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?;
        value.parse().ok()
    });
    peak.ok_or_else(|| io::Error::other("/proc/self/status says no VmHWM"))
}

/// Bytes that are touched between two bursts whose caches are to be cold.
const OTHER_BYTES: usize = 1024 * 1024;
/// Bytes of a line of the caches.
const LINE: usize = 64;

/// What an agent has to do with beside its telemetry.
pub struct OtherWork(Vec<u8>);

impl OtherWork {
    pub fn new() -> Self {
        Self(vec![1; OTHER_BYTES])
    }

    /// Reads and writes one byte of each line of the caches.
    pub fn touch(&mut self) {
        let places = black_box(&mut self.0);
        for byte in places.iter_mut().step_by(LINE) {
            *byte = byte.wrapping_add(1);
        }
    }
}
