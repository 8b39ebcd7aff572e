//! The bench work where the sampler leaves most traces out. The metrics count all the same.

use std::hint::black_box;
use std::io;
use std::path::Path;

use fastrace::Span;
use fastrace::collector::SpanContext;

use crate::fast::{self, Fast};
use crate::ours::{self, Made, Ours};
use crate::paired::clocked;
use crate::scenario::{
    Contender, Figures, Run, Scenario, aside, column, contender, figures, tenths, whole,
};
use crate::stats::median;
use crate::work::{self, SPANS, TOOLS};

const CALLER: &str = "caller, ns a span";
const WRITTEN: &str = "spans written";

pub const SCENARIO: Scenario = Scenario {
    name: "sampled-out",
    title: "The bench work where the sampler leaves all traces out, or 99 of 100; metrics count all",
    contenders: &[
        Contender {
            name: ours::NAME,
            env: &[("OTEL_TRACES_SAMPLER", "always_off")],
            measure: ours,
        },
        Contender {
            name: "genai-trace, 1 of 100",
            env: &[
                ("OTEL_TRACES_SAMPLER", "traceidratio"),
                ("OTEL_TRACES_SAMPLER_ARG", "0.01"),
            ],
            measure: ours,
        },
        contender("fastrace, sampled(false)", fastrace),
    ],
    columns: &[column(CALLER, tenths), aside(WRITTEN, whole)],
    wanted: &[],
    run: Some(Run {
        unit: "sampled-out tool span and a tenth of an agent's (OTEL_TRACES_SAMPLER=always_off)",
        work: profiled,
    }),
};

const BURSTS: usize = 20_000;

fn ours(dir: &Path) -> io::Result<Figures> {
    let ours = Ours::from_env(dir)?;
    let caller = bursts(|first| ours::run(work::path(first), first))?;
    let written = ours.finish(Made::bursts(BURSTS))? as f64;
    Ok(figures([(CALLER, caller), (WRITTEN, written)]))
}

fn profiled(dir: &Path, times: usize) -> io::Result<()> {
    let _ours = Ours::from_env(dir)?;
    for burst in 0..times / TOOLS {
        black_box(ours::run(work::path(burst), burst)?);
    }
    Ok(())
}

fn fast_run(task: &str, first: usize) -> io::Result<usize> {
    let root = Span::root(fast::RUN, SpanContext::random().sampled(false))
        .with_properties(|| fast::run_properties(task));
    let _guard = root.set_local_parent();
    work::each_tool(first, fast::read_file)
}

fn fastrace(dir: &Path) -> io::Result<Figures> {
    let fast = Fast::start(dir)?;
    let caller = bursts(|first| fast_run(work::path(first), first))?;
    fast.flush();
    let written = fast.lines().count()? as f64;
    Ok(figures([(CALLER, caller), (WRITTEN, written)]))
}

/// Nanoseconds of a burst's spans.
fn bursts(mut burst: impl FnMut(usize) -> io::Result<usize>) -> io::Result<f64> {
    let mut nanos = Vec::with_capacity(BURSTS);
    for number in 0..BURSTS {
        let mut result = Ok(0);
        nanos.push(clocked(|| result = burst(number * TOOLS)));
        black_box(result?);
    }
    Ok(median(nanos) / SPANS as f64)
}
