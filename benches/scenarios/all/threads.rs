//! The bench work on several threads at once.

use std::hint::black_box;
use std::io;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use crate::fast::{self, Fast};
use crate::ours::{self, Made, Ours};
use crate::paired::clocked;
use crate::scenario::{Figures, Scenario, Wanted, column, contender, hundredths, tenths, whole};
use crate::stats::median;
use crate::used;
use crate::work::{self, SPANS, TOOLS};

/// How many threads there are, and the columns of each.
const THREADS: [(usize, &str, &str); 3] = [
    (1, "1 thread, caller, ns a span", "CPU"),
    (2, "2 threads, caller", "CPU, 2 threads"),
    (8, "8 threads, caller", "CPU, 8 threads"),
];

pub const SCENARIO: Scenario = Scenario {
    name: "threads",
    title: "The bench work on several threads at once",
    contenders: &[contender(ours::NAME, ours), contender(fast::NAME, fastrace)],
    columns: &[
        column(THREADS[0].1, tenths),
        column(THREADS[1].1, tenths),
        column(THREADS[2].1, tenths),
        column(THREADS[0].2, whole),
        column(THREADS[1].2, whole),
        column(THREADS[2].2, whole),
    ],
    wanted: &[Wanted {
        what: "threads: caller on 2 threads, of fastrace's",
        got: |of| {
            let two = THREADS[1].1;
            Some(of.get(ours::NAME, two)? / of.get(fast::NAME, two)?)
        },
        most: |_| Some(1.0),
        show: hundredths,
    }],
    run: None,
};

/// Bursts of a thread between two flushes.
const LAP: usize = 500;
/// Laps of all threads together.
const LAPS: usize = 16;

fn compared(
    burst: impl Fn(usize) -> io::Result<usize> + Sync,
    flush: impl Fn() -> io::Result<()>,
) -> io::Result<(Figures, usize)> {
    let (mut figures, mut made) = (Figures::new(), 0);
    for (threads, caller, all) in THREADS {
        let laps = LAPS / threads;
        let before = used::cpu()?;
        let nanos = bursts(threads, laps, &burst, &flush)?;
        let cpu = used::cpu()? - before;
        made += nanos.len();
        let spans = (nanos.len() * SPANS) as f64;
        figures.insert(caller.to_owned(), median(nanos) / SPANS as f64);
        figures.insert(all.to_owned(), cpu / spans);
    }
    Ok((figures, made))
}

/// Nanoseconds of all bursts of all threads.
fn bursts(
    threads: usize,
    laps: usize,
    burst: &(impl Fn(usize) -> io::Result<usize> + Sync),
    flush: &impl Fn() -> io::Result<()>,
) -> io::Result<Vec<f64>> {
    let (begin, end) = (Barrier::new(threads + 1), Barrier::new(threads + 1));
    let work = || {
        let mut nanos = Vec::with_capacity(laps * LAP);
        for _ in 0..laps {
            begin.wait();
            for number in 0..LAP {
                nanos.push(clocked(|| {
                    let _ = black_box(burst(number * TOOLS));
                }));
            }
            end.wait();
        }
        nanos
    };
    thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut flushed = Ok(());
        for _ in 0..laps {
            begin.wait();
            end.wait();
            flushed = flushed.and_then(|()| flush());
        }
        flushed?;
        let nanos = all.into_iter().map(|one| one.join());
        let nanos = nanos.map(|nanos| nanos.expect("the work does not panic"));
        Ok(nanos.flatten().collect())
    })
}

fn ours(dir: &Path) -> io::Result<Figures> {
    let ours = Ours::start(dir)?;
    let burst = |first| ours::run(work::path(first), first);
    let (figures, bursts) = compared(burst, || ours.flush())?;
    ours.finish(Made::bursts(bursts))?;
    Ok(figures)
}

fn fastrace(dir: &Path) -> io::Result<Figures> {
    let fast = Fast::start(dir)?;
    let burst = |first| fast::run(work::path(first), first);
    let (figures, _) = compared(burst, || {
        fast.flush();
        Ok(())
    })?;
    Ok(figures)
}
