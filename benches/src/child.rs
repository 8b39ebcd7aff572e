//! One contender, in a process of its own.

use std::hint::black_box;
use std::io;
use std::time::{Duration, Instant};

use crate::alloc;
use crate::cli::Options;
use crate::contenders::{self, Contender, Entry};
use crate::cpu;
use crate::figures::Figures;
use crate::lines::{Counted, Lines};
use crate::memory::{self, OtherWork};
use crate::stats::{median, percentile};
use crate::work::{self, SPANS, TOOLS};

/// Laps that nothing is measured of: buffers grow, files are made, caches fill.
const WARM_UP: usize = 3;
/// Laps with other work between the bursts.
const COLD: usize = 2;
/// Calls of the tool where nothing is installed, in each of so many batches: short ones, so that few
/// of them are interrupted by what else the machine does.
const DISABLED_BATCHES: usize = 101;
const DISABLED_CALLS: usize = 1_000;

/// Measures the contender `name` and prints its figures as one line of JSON.
pub fn measure(name: &str, options: &Options) -> io::Result<()> {
    let entry = contenders::named(name)?;
    let mut contender = (entry.make)()?;
    let disabled_ns = disabled(contender.as_ref())?;
    let lines = Lines::create(&options.dir, name)?;
    contender.start(&lines.path())?;
    let mut run = Run::of(entry, contender.as_ref());
    let mut seen = Seen::of(&lines);
    let laps = entry.laps(options.laps);
    run.laps(entry.laps(WARM_UP))?;
    seen.count()?;
    let mut bursts = run.timed_laps(laps)?;
    seen.count()?;
    let mut cold_bursts = run.cold_laps(entry.laps(COLD))?;
    let allocations = run.counted_lap()?;
    seen.count()?;
    let (wall, cpu) = run.paid_laps(laps)?;
    seen.count()?;
    let peak_kib = memory::peak_kib()?;
    run.check_metrics()?;

    let lap_spans = (entry.lap * SPANS) as f64;
    let spans = laps as f64 * lap_spans;
    let made = (run.bursts * SPANS) as u64;
    let Counted {
        lines: written,
        bytes,
    } = seen.counted;
    if written > made {
        return Err(io::Error::other(format!("{written} lines of {made} spans")));
    }
    let figures = Figures {
        caller_ns: percentile(&mut bursts, 0.5) / SPANS as f64,
        cold_ns: percentile(&mut cold_bursts, 0.5) / SPANS as f64,
        burst_p99_ns: percentile(&mut bursts, 0.99),
        burst_p999_ns: percentile(&mut bursts, 0.999),
        cpu_ns: cpu.as_nanos() as f64 / spans,
        spans_per_second: spans / wall.as_secs_f64(),
        allocations: allocations as f64 / lap_spans,
        peak_kib,
        bytes_per_line: bytes as f64 / written.max(1) as f64,
        disabled_ns,
        spans: made,
        lost: if entry.writes() { made - written } else { 0 },
    };
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}

/// The work alone, for a profiler or for its lines.
pub fn run(name: &str, options: &Options) -> io::Result<()> {
    let entry = contenders::named(name)?;
    let mut contender = (entry.make)()?;
    let lines = Lines::create(&options.dir, name)?;
    contender.start(&options.file.clone().unwrap_or(lines.path()))?;
    Run::of(entry, contender.as_ref()).laps(options.laps)
}

/// Nanoseconds of a call of the tool where nothing is installed.
fn disabled(contender: &dyn Contender) -> io::Result<f64> {
    let mut batches = Vec::new();
    for _ in 0..DISABLED_BATCHES {
        let begin = Instant::now();
        for call in 0..DISABLED_CALLS {
            black_box(contender.disabled(work::path(call))?);
        }
        batches.push(begin.elapsed().as_nanos() as f64 / DISABLED_CALLS as f64);
    }
    Ok(median(batches))
}

struct Run<'a> {
    contender: &'a dyn Contender,
    /// Bursts of a lap.
    lap: usize,
    /// Bursts so far.
    bursts: usize,
}

impl<'a> Run<'a> {
    fn of(entry: &Entry, contender: &'a dyn Contender) -> Self {
        Self {
            contender,
            lap: entry.lap,
            bursts: 0,
        }
    }

    fn burst(&mut self) -> io::Result<()> {
        let first = self.bursts * TOOLS;
        self.bursts += 1;
        black_box(self.contender.burst(first)?);
        Ok(())
    }

    fn lap(&mut self) -> io::Result<()> {
        for _ in 0..self.lap {
            self.burst()?;
        }
        Ok(())
    }

    fn laps(&mut self, laps: usize) -> io::Result<()> {
        for _ in 0..laps {
            self.lap()?;
            self.contender.flush()?;
        }
        Ok(())
    }

    /// Nanoseconds of each burst.
    fn timed_laps(&mut self, laps: usize) -> io::Result<Vec<f64>> {
        let mut bursts = Vec::with_capacity(laps * self.lap);
        for _ in 0..laps {
            for _ in 0..self.lap {
                let begin = Instant::now();
                self.burst()?;
                bursts.push(begin.elapsed().as_nanos() as f64);
            }
            self.contender.flush()?;
        }
        Ok(bursts)
    }

    /// Nanoseconds of each burst, with other work before it.
    fn cold_laps(&mut self, laps: usize) -> io::Result<Vec<f64>> {
        let mut bursts = Vec::with_capacity(laps * self.lap);
        let mut other = OtherWork::new();
        for _ in 0..laps {
            for _ in 0..self.lap {
                other.touch();
                let begin = Instant::now();
                self.burst()?;
                bursts.push(begin.elapsed().as_nanos() as f64);
            }
            self.contender.flush()?;
        }
        Ok(bursts)
    }

    /// How often the calling thread asks the heap for memory in one lap.
    fn counted_lap(&mut self) -> io::Result<u64> {
        let mut result = Ok(());
        let allocations = alloc::allocations_of(|| result = self.lap());
        self.contender.flush()?;
        result.map(|()| allocations)
    }

    /// Wall time and processor time until everything is in the file.
    fn paid_laps(&mut self, laps: usize) -> io::Result<(Duration, Duration)> {
        let (begin, cpu) = (Instant::now(), cpu::used()?);
        self.laps(laps)?;
        Ok((begin.elapsed(), cpu::used()?.saturating_sub(cpu)))
    }

    /// Every tool call must be in the counter and in the histogram.
    fn check_metrics(&self) -> io::Result<()> {
        let calls = (self.bursts * TOOLS) as u64;
        match self.contender.counted() {
            Some(counted) if counted != (calls, calls) => Err(io::Error::other(format!(
                "{calls} tool calls were made, but the metrics say {counted:?}"
            ))),
            _ => Ok(()),
        }
    }
}

/// What has been seen in the files so far.
struct Seen<'a> {
    lines: &'a Lines,
    counted: Counted,
}

impl<'a> Seen<'a> {
    fn of(lines: &'a Lines) -> Self {
        let counted = Counted::default();
        Self { lines, counted }
    }

    /// Counts the lines of a phase, and makes room for those of the next.
    fn count(&mut self) -> io::Result<()> {
        let Counted { lines, bytes } = self.lines.take()?;
        self.counted.lines += lines;
        self.counted.bytes += bytes;
        Ok(())
    }
}
