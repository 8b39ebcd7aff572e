//! The work of a subject, on one core.

use std::hint::black_box;
use std::io;
use std::time::{Duration, Instant};

use crate::cli::Options;
use crate::cores;
use crate::cpu;
use crate::figures::Figures;
use crate::stats::median;
use crate::subjects::{self, Subject};

/// As many spans as fit into the queue of OpenTelemetry's batch processor, and a flush.
pub const LAP: usize = 2_000;
/// Milliseconds that nothing is measured of.
const WARM_UP: usize = 500;
const LONGEST_FLUSH: Duration = Duration::from_secs(60);

/// Measures a subject and prints its figures as one line of JSON.
pub fn measure(name: &str, options: &Options) -> io::Result<()> {
    cores::pin(0);
    let url = options.to.as_deref().unwrap_or_default();
    let subject = subjects::start(name, url)?;
    let mut made = Made::default();
    steady(subject.as_ref(), options.rate, WARM_UP, &mut made);
    subject.flush(LONGEST_FLUSH)?;

    let cpu_before = cpu::used()?;
    let milliseconds = options.seconds as usize * 1000;
    let callers = steady(subject.as_ref(), options.rate, milliseconds, &mut made);
    subject.flush(LONGEST_FLUSH)?;
    let steady_cpu = cpu::used()?.saturating_sub(cpu_before);

    let (begin, cpu_before) = (Instant::now(), cpu::used()?);
    for _ in 0..options.laps {
        made.run(subject.as_ref(), LAP);
        subject.flush(LONGEST_FLUSH)?;
    }
    let (wall, lap_cpu) = (begin.elapsed(), cpu::used()?.saturating_sub(cpu_before));
    subject.end(LONGEST_FLUSH)?;

    let each = |time: Duration, spans: usize| time.as_nanos() as f64 / spans as f64;
    let figures = Figures {
        caller_ns: median(callers) / options.rate as f64,
        steady_cpu_ns: each(steady_cpu, milliseconds * options.rate),
        lap_cpu_ns: each(lap_cpu, options.laps * LAP),
        spans_per_second: (options.laps * LAP) as f64 / wall.as_secs_f64(),
        made: made.spans as u64,
        arrived: 0,
    };
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}

/// So many spans in each millisecond; nanoseconds of each on the caller. Whoever comes late catches up.
fn steady(subject: &dyn Subject, rate: usize, milliseconds: usize, made: &mut Made) -> Vec<f64> {
    let begin = Instant::now();
    let mut callers = Vec::with_capacity(milliseconds);
    for millisecond in 0..milliseconds {
        let due = begin + Duration::from_millis(millisecond as u64);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let before = Instant::now();
        made.run(subject, rate);
        callers.push(before.elapsed().as_nanos() as f64);
    }
    callers
}

/// What was made so far.
#[derive(Default)]
struct Made {
    spans: usize,
}

impl Made {
    /// An agent's run of so many spans, its own included.
    fn run(&mut self, subject: &dyn Subject, spans: usize) {
        black_box(subject.run(self.spans, spans - 1));
        self.spans += spans;
    }
}
