//! Threads that make one span and end.

use std::io;
use std::path::Path;
use std::thread;

use fastrace::Span;
use fastrace::collector::SpanContext;

use crate::fast::{self, Fast};
use crate::ours::{self, Made, Ours};
use crate::paired::clocked;
use crate::scenario::{Figures, Scenario, column, contender, figures, micros};
use crate::stats::median;
use crate::{used, work};

const FIRST: &str = "the span, us";
const WALL: &str = "thread, over plain, us";
const CPU: &str = "thread, over plain, CPU, us";

pub const SCENARIO: Scenario = Scenario {
    name: "new-threads",
    title: "A thread that makes one span, its first, over one that makes none",
    contenders: &[contender(ours::NAME, ours), contender(fast::NAME, fastrace)],
    columns: &[
        column(FIRST, micros),
        column(WALL, micros),
        column(CPU, micros),
    ],
    wanted: &[],
    run: None,
};

/// Threads of a kind, one after the other, before it is the other kind's turn.
const BATCH: usize = 10;
const BATCHES: usize = 100;

fn compared(span: impl Fn() + Sync) -> io::Result<Figures> {
    let (mut firsts, mut walls, mut cpus) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..BATCHES {
        let (wall, cpu) = batch(|| clocked(|| {}), |_| {})?;
        let (traced_wall, traced_cpu) = batch(|| clocked(&span), |first| firsts.push(first))?;
        walls.push(traced_wall - wall);
        cpus.push(traced_cpu - cpu);
    }
    Ok(figures([
        (FIRST, median(firsts)),
        (WALL, median(walls)),
        (CPU, median(cpus)),
    ]))
}

/// Wall and processor time of a thread, in nanoseconds.
fn batch(work: impl Fn() -> f64 + Sync, mut seen: impl FnMut(f64)) -> io::Result<(f64, f64)> {
    let before = used::cpu()?;
    let wall = clocked(|| {
        for _ in 0..BATCH {
            let first = thread::scope(|scope| scope.spawn(&work).join());
            seen(first.expect("the work does not panic"));
        }
    });
    let cpu = used::cpu()? - before;
    let each = |nanos: f64| nanos / BATCH as f64;
    Ok((each(wall), each(cpu)))
}

fn ours(dir: &Path) -> io::Result<Figures> {
    let ours = Ours::from_env(dir)?;
    let figures = compared(|| {
        let _ = ours::read_file(work::path(0));
    })?;
    ours.finish(Made::tools(BATCH * BATCHES))?;
    Ok(figures)
}

fn fastrace(dir: &Path) -> io::Result<Figures> {
    let _fast = Fast::start(dir)?;
    compared(|| {
        let begin = fastant::Instant::now();
        let root = Span::root(fast::READ_FILE, SpanContext::random())
            .with_properties(|| fast::tool_properties(work::path(0)));
        let _ = work::read(work::path(0));
        drop(root);
        fast::METRICS.count(begin);
    })
}
