//! The slowest bursts, while the thread that writes has work all the time.

use std::hint::black_box;
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::cores;
use crate::fast::{self, Fast};
use crate::ours::{self, Made, Ours};
use crate::paired::clocked;
use crate::scenario::{
    Figures, Scenario, Wanted, aside, column, contender, figures, micros, tenths,
};
use crate::stats::{median, percentile};
use crate::used::events;
use crate::work::{self, TOOLS};

const P50: &str = "p50, us";
const P90: &str = "p90";
const P99: &str = "p99";
const P999: &str = "p99.9";
const MAX: &str = "max";
const FIRST: &str = "first after a pause";
const SLOW: &str = "slow, of 10,000";
const FAULTS: &str = "page fault";
const WAITS: &str = "waited";
const PREEMPTED: &str = "preempted";
const OTHER: &str = "none of them";

const PINNED: &str = "genai-trace, a core of its own";

pub const SCENARIO: Scenario = Scenario {
    name: "tail",
    title: "Bursts of 11 spans without a pause while the other threads write; how many are slow, which \
            is above 2 us and twice the median, and what the kernel did meanwhile",
    contenders: &[
        contender("a loop of the same length", plain),
        contender(ours::NAME, ours),
        contender(PINNED, pinned),
        contender(fast::NAME, fastrace),
    ],
    columns: &[
        column(P50, micros),
        column(P90, micros),
        column(P99, micros),
        column(P999, micros),
        aside(MAX, micros),
        column(FIRST, micros),
        aside(SLOW, tenths),
        aside(FAULTS, tenths),
        aside(WAITS, tenths),
        aside(PREEMPTED, tenths),
        aside(OTHER, tenths),
    ],
    wanted: &[Wanted {
        what: "tail: p99.9 of a burst, us",
        got: |of| of.get(ours::NAME, P999),
        most: |_| Some(2_000.0),
        show: micros,
    }],
    run: None,
};

/// Bursts from one look at the file to the next; with those that may wait they fit into a thread's
/// buffer of the usual size, of which they fill half.
const LAP: usize = 400;
/// Laps whose times count, and as many that look for causes.
const LAPS: usize = 80;
/// Bursts of genai-trace that may still wait when a lap begins: fewer than would wake its thread.
const OURS_WAIT: usize = 200;
/// The same of fastrace, whose channel takes more.
const FASTRACE_WAIT: usize = 1_400;
/// How often the file is looked at while the caller waits.
const LOOK: Duration = Duration::from_micros(100);
/// From so many nanoseconds on a burst is slow, if it takes twice the median as well.
const SLOW_NS: f64 = 2_000.0;

/// What happened in one lap.
#[derive(Default)]
struct Lap {
    nanos: Vec<f64>,
    slow: Slow,
}

/// Slow bursts, by what the kernel did while they ran; one may be under several.
#[derive(Default)]
struct Slow {
    all: f64,
    faults: f64,
    waits: f64,
    preempted: f64,
    other: f64,
}

impl Lap {
    fn timed(&mut self, mut burst: impl FnMut()) {
        self.nanos.extend((0..LAP).map(|_| clocked(&mut burst)));
    }

    /// The same, and looks at the kernel's counts around each burst, which takes time between them.
    fn explained(&mut self, above: f64, mut burst: impl FnMut()) -> io::Result<()> {
        for _ in 0..LAP {
            let before = events()?;
            let nanos = clocked(&mut burst);
            let after = events()?;
            if nanos < above {
                continue;
            }
            let slow = &mut self.slow;
            let (faults, waits, preempted) = (
                after.faults > before.faults,
                after.waits > before.waits,
                after.preemptions > before.preemptions,
            );
            slow.all += 1.0;
            slow.faults += f64::from(faults);
            slow.waits += f64::from(waits);
            slow.preempted += f64::from(preempted);
            slow.other += f64::from(!(faults || waits || preempted));
        }
        Ok(())
    }
}

/// Every lap runs while the one before it is still being written, and before each of them the caller
/// waits until `written` of the bursts so far leaves no more than `wait`. How many bursts were made.
fn compared(
    wait: usize,
    mut burst: impl FnMut(usize),
    written: impl Fn() -> io::Result<f64>,
) -> io::Result<(Figures, usize)> {
    let (mut made, mut firsts, mut lap) = (0, Vec::new(), Lap::default());
    let mut above = SLOW_NS;
    for number in 0..2 * LAPS {
        let mut one = || {
            burst(made * TOOLS);
            made += 1;
        };
        firsts.push(clocked(&mut one));
        if number < LAPS {
            lap.timed(&mut one);
            above = SLOW_NS.max(2.0 * median(lap.nanos.iter().copied()));
        } else {
            lap.explained(above, &mut one)?;
        }
        while made as f64 - written()? > wait as f64 {
            thread::sleep(LOOK);
        }
    }
    let Lap { mut nanos, slow } = lap;
    let share = |count: f64| count * 10_000.0 / (LAPS * LAP) as f64;
    let figures = figures([
        (P50, percentile(&mut nanos, 0.5)),
        (P90, percentile(&mut nanos, 0.9)),
        (P99, percentile(&mut nanos, 0.99)),
        (P999, percentile(&mut nanos, 0.999)),
        (MAX, percentile(&mut nanos, 1.0)),
        (FIRST, median(firsts)),
        (SLOW, share(slow.all)),
        (FAULTS, share(slow.faults)),
        (WAITS, share(slow.waits)),
        (PREEMPTED, share(slow.preempted)),
        (OTHER, share(slow.other)),
    ]);
    Ok((figures, made))
}

/// What the machine adds by itself.
fn plain(_dir: &Path) -> io::Result<Figures> {
    let burst = |first| {
        for number in 0..600 {
            black_box(first + number);
        }
    };
    Ok(compared(0, burst, || Ok(f64::MAX))?.0)
}

fn ours(dir: &Path) -> io::Result<Figures> {
    measured(dir, || {})
}

/// Where the others have the first core, and the caller has the second.
fn pinned(dir: &Path) -> io::Result<Figures> {
    cores::pin(0);
    measured(dir, || cores::pin(1))
}

fn measured(dir: &Path, before: impl FnOnce()) -> io::Result<Figures> {
    let ours = Ours::from_env(dir)?;
    before();
    let burst = |first| {
        let _ = black_box(ours::run(work::path(first), first));
    };
    let bytes = bytes_of(burst, || ours.flush(), || ours.bytes())?;
    let written = || -> io::Result<f64> { Ok(ours.bytes()? as f64 / bytes - LAP as f64) };
    let (figures, bursts) = compared(OURS_WAIT, burst, written)?;
    ours.finish(Made::bursts(LAP + bursts))?;
    Ok(figures)
}

fn fastrace(dir: &Path) -> io::Result<Figures> {
    let fast = Fast::start(dir)?;
    let burst = |first| {
        let _ = black_box(fast::run(work::path(first), first));
    };
    let flush = || {
        fast.flush();
        Ok(())
    };
    let bytes = bytes_of(burst, flush, || fast.bytes())?;
    let written = || -> io::Result<f64> { Ok(fast.bytes()? as f64 / bytes - LAP as f64) };
    let (figures, _) = compared(FASTRACE_WAIT, burst, written)?;
    Ok(figures)
}

/// Bytes of a burst in the file, by a lap that is not measured.
fn bytes_of(
    burst: impl Fn(usize),
    flush: impl Fn() -> io::Result<()>,
    bytes: impl Fn() -> io::Result<u64>,
) -> io::Result<f64> {
    (0..LAP).for_each(|number| burst(number * TOOLS));
    flush()?;
    Ok(bytes()? as f64 / LAP as f64)
}
