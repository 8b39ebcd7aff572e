//! The bench work in async functions: every tool is pending once, so its future is polled twice.

use std::hint::black_box;
use std::io;
use std::path::Path;

use fastant::Instant;
use fastrace::Span;
use fastrace::future::FutureExt;
use genai_trace::{genai_agent, genai_tool, span};

use crate::fast::{self, Fast};
use crate::ours::{self, Made, Ours};
use crate::paired::clocked;
use crate::poll::{self, Pending};
use crate::scenario::{
    Figures, Run, Scenario, Wanted, column, contender, figures, hundredths, tenths, whole,
};
use crate::stats::median;
use crate::work::{self, SPANS, TOOLS};
use crate::{otel, used};

const CALLER: &str = "caller, ns a span";
const CPU: &str = "CPU, ns a span";

pub const SCENARIO: Scenario = Scenario {
    name: "async",
    title: "An agent that awaits ten tools, each polled twice",
    contenders: &[
        contender("plain", plain),
        contender(ours::NAME, ours),
        contender(fast::NAME, fastrace),
        contender(otel::NAME, otel),
    ],
    columns: &[column(CALLER, tenths), column(CPU, whole)],
    wanted: &[Wanted {
        what: "async: caller, of fastrace's",
        got: |of| Some(of.get(ours::NAME, CALLER)? / of.get(fast::NAME, CALLER)?),
        most: |_| Some(1.0 / 8.0),
        show: hundredths,
    }],
    run: Some(Run {
        unit: "async tool span, polled twice, below a sync one",
        work: profiled,
    }),
};

/// Bursts between two flushes.
const LAP: usize = 1_000;
const LAPS: usize = 8;

#[genai_tool("read_file", fields("app.path" = path, "app.a" = "interactive", "app.b" = "sandbox"))]
async fn read_file(path: &str) -> io::Result<usize> {
    Pending(1).await;
    work::read(path)
}

#[genai_agent("coder", fields("app.task" = task, "app.a" = "interactive", "app.b" = "sandbox"))]
async fn run(task: &str, first: usize) -> io::Result<usize> {
    let mut sum = 0;
    for call in first..first + TOOLS {
        sum += read_file(work::path(call)).await?;
    }
    Ok(sum)
}

fn ours(dir: &Path) -> io::Result<Figures> {
    let ours = Ours::start(dir)?;
    let (figures, bursts) = laps(
        |first| poll::to_end(run(work::path(first), first)),
        || ours.flush(),
    )?;
    ours.finish(Made::bursts(bursts))?;
    Ok(figures)
}

fn profiled(dir: &Path, times: usize) -> io::Result<()> {
    let ours = Ours::start(dir)?;
    for lap in 0..times.div_ceil(LAP) {
        span("lap").run(|| -> io::Result<()> {
            for call in lap * LAP..times.min((lap + 1) * LAP) {
                black_box(poll::to_end(read_file(work::path(call)))?);
            }
            Ok(())
        })?;
        ours.flush()?;
    }
    Ok(())
}

async fn plain_read_file(path: &str) -> io::Result<usize> {
    Pending(1).await;
    work::read(path)
}

async fn plain_run(first: usize) -> io::Result<usize> {
    let mut sum = 0;
    for call in first..first + TOOLS {
        sum += plain_read_file(work::path(call)).await?;
    }
    Ok(sum)
}

fn plain(_dir: &Path) -> io::Result<Figures> {
    let (figures, _) = laps(|first| poll::to_end(plain_run(first)), || Ok(()))?;
    Ok(figures)
}

async fn fast_read_file(path: &'static str) -> io::Result<usize> {
    let begin = Instant::now();
    let span = Span::enter_with_local_parent(fast::READ_FILE)
        .with_properties(|| fast::tool_properties(path));
    let result = plain_read_file(path).in_span(span).await;
    fast::METRICS.count(begin);
    result
}

async fn fast_run(first: usize) -> io::Result<usize> {
    let root = fast::root(work::path(first));
    let work = async {
        let mut sum = 0;
        for call in first..first + TOOLS {
            sum += fast_read_file(work::path(call)).await?;
        }
        Ok(sum)
    };
    work.in_span(root).await
}

fn fastrace(dir: &Path) -> io::Result<Figures> {
    let fast = Fast::start(dir)?;
    let (figures, _) = laps(
        |first| poll::to_end(fast_run(first)),
        || {
            fast.flush();
            Ok(())
        },
    )?;
    Ok(figures)
}

#[tracing::instrument(name = "execute_tool read_file", skip_all, fields(
    gen_ai.tool.name = work::TOOL, app.path = path, app.a = work::A, app.b = work::B
))]
async fn otel_traced(path: &str) -> io::Result<usize> {
    plain_read_file(path).await
}

async fn otel_read_file(path: &str) -> io::Result<usize> {
    let begin = Instant::now();
    let result = otel_traced(path).await;
    fast::METRICS.count(begin);
    result
}

#[tracing::instrument(name = "invoke_agent coder", skip_all, fields(
    gen_ai.agent.name = work::AGENT, app.task = task, app.a = work::A, app.b = work::B
))]
async fn otel_run(task: &str, first: usize) -> io::Result<usize> {
    let mut sum = 0;
    for call in first..first + TOOLS {
        sum += otel_read_file(work::path(call)).await?;
    }
    Ok(sum)
}

fn otel(_dir: &Path) -> io::Result<Figures> {
    let otel = otel::start()?;
    // Its queue is small; a longer lap would let it drop spans, which is cheaper than keeping them.
    let (figures, _) = laps_of(
        otel::QUEUE / SPANS,
        |first| poll::to_end(otel_run(work::path(first), first)),
        || otel.flush(),
    )?;
    Ok(figures)
}

fn laps(
    burst: impl FnMut(usize) -> io::Result<usize>,
    flush: impl FnMut() -> io::Result<()>,
) -> io::Result<(Figures, usize)> {
    laps_of(LAP, burst, flush)
}

/// Nanoseconds of a burst's spans, and how many bursts were made; half of the laps are timed one
/// burst after the other, half of them as a whole.
fn laps_of(
    lap: usize,
    mut burst: impl FnMut(usize) -> io::Result<usize>,
    mut flush: impl FnMut() -> io::Result<()>,
) -> io::Result<(Figures, usize)> {
    let count = LAPS * LAP / lap;
    let (mut made, mut nanos) = (0, Vec::new());
    let mut one = |made: &mut usize| {
        *made += 1;
        burst(*made * TOOLS).map(|sum| {
            black_box(sum);
        })
    };
    for _ in 0..count {
        for _ in 0..lap {
            let mut result = Ok(());
            nanos.push(clocked(|| result = one(&mut made)));
            result?;
        }
        flush()?;
    }
    let before = used::cpu()?;
    for _ in 0..count {
        for _ in 0..lap {
            one(&mut made)?;
        }
        flush()?;
    }
    let cpu = used::cpu()? - before;
    let figures = figures([
        (CALLER, median(nanos) / SPANS as f64),
        (CPU, cpu / (count * lap * SPANS) as f64),
    ]);
    Ok((figures, made))
}
