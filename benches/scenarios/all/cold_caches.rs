//! A tool call after other work, which has filled the caches with something else.

use std::hint::black_box;
use std::io;
use std::path::Path;

use genai_trace::span;

use crate::fast::{self, Fast};
use crate::ours::{self, Made, Ours};
use crate::paired::{clocked, times};
use crate::scenario::{
    Figures, Scenario, Wanted, aside, column, contender, figures, hundredths, whole,
};
use crate::work::{self, TOOLS};

const PLAIN: &str = "plain, ns a call";
const OVER: &str = "over plain, ns a call";

pub const SCENARIO: Scenario = Scenario {
    name: "cold-caches",
    title: "A tool call after work on 1 MB of other memory",
    contenders: &[contender(ours::NAME, ours), contender(fast::NAME, fastrace)],
    columns: &[aside(PLAIN, whole), column(OVER, whole)],
    wanted: &[Wanted {
        what: "cold-caches: over plain, of fastrace's",
        got: |of| Some(of.get(ours::NAME, OVER)? / of.get(fast::NAME, OVER)?),
        most: |_| Some(1.0),
        show: hundredths,
    }],
    run: None,
};

const OTHER_BYTES: usize = 1024 * 1024;
/// A line of the cache.
const LINE: usize = 64;

/// Nanoseconds of the calls of one run, each after other work.
fn calls(other: &mut [u8], call: impl Fn(&'static str) -> io::Result<usize>) -> f64 {
    (0..TOOLS)
        .map(|number| {
            for byte in other.iter_mut().step_by(LINE) {
                *byte = byte.wrapping_add(1);
            }
            black_box(&mut *other);
            clocked(|| {
                let _ = black_box(call(work::path(number)));
            })
        })
        .sum()
}

#[inline(never)]
fn plain(path: &str) -> io::Result<usize> {
    work::read(path)
}

/// The figures, and how many runs were traced.
fn compared(traced: impl Fn(&mut [u8]) -> f64) -> (Figures, usize) {
    let mut one = vec![0; OTHER_BYTES];
    let mut other = vec![0; OTHER_BYTES];
    let mut runs = 0;
    let paired = times(
        TOOLS,
        || calls(&mut one, plain),
        || {
            runs += 1;
            traced(&mut other)
        },
    );
    (figures([(PLAIN, paired.plain), (OVER, paired.over)]), runs)
}

fn ours(dir: &Path) -> io::Result<Figures> {
    let ours = Ours::start(dir)?;
    let (figures, runs) = compared(|other| span("lap").run(|| calls(other, ours::read_file)));
    ours.finish(Made {
        spans: (runs * (TOOLS + 1)) as u64,
        tools: (runs * TOOLS) as u64,
    })?;
    Ok(figures)
}

fn fastrace(dir: &Path) -> io::Result<Figures> {
    let _fast = Fast::start(dir)?;
    let (figures, _) = compared(|other| {
        let root = fast::root(work::path(0));
        let _guard = root.set_local_parent();
        calls(other, fast::read_file)
    });
    Ok(figures)
}
