//! An agent that has ten thousand tools at work at once, each a task of tokio's.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::Instant;

use fastrace::Span;
use fastrace::future::FutureExt;
use genai_trace::{InCurrentSpan, genai_agent, genai_tool};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinSet, yield_now};
use tracing::Instrument;

use crate::fast::{self, Fast};
use crate::ours::{self, Made, Ours};
use crate::scenario::{Figures, Scenario, column, contender, figures, whole};
use crate::stats::median;
use crate::{heap, otel, used, work};

const CURRENT: &str = "one thread, ns a task";
const MULTI: &str = "two workers, ns a task";
const CPU: &str = "two workers, CPU, ns a task";
const HEAP: &str = "heap, bytes a task";

pub const SCENARIO: Scenario = Scenario {
    name: "tasks",
    title: "10,000 tasks of tokio at once, each a tool that yields four times",
    contenders: &[
        contender("plain", plain),
        contender(ours::NAME, ours),
        contender(fast::NAME, fastrace),
        contender(otel::NAME, otel),
    ],
    columns: &[
        column(CURRENT, whole),
        column(MULTI, whole),
        column(CPU, whole),
        column(HEAP, whole),
    ],
    wanted: &[],
    run: None,
};

const TASKS: usize = 10_000;
const YIELDS: usize = 4;
/// Runs on each runtime.
const RUNS: usize = 5;

/// Where tasks yield, and wait for all others where it is shut.
#[derive(Default)]
struct Gate {
    is_shut: AtomicBool,
    begun: AtomicUsize,
    /// What the heap held when the last task had begun.
    live: AtomicI64,
}

impl Gate {
    async fn pass(&self) {
        for _ in 0..YIELDS {
            yield_now().await;
        }
        if !self.is_shut.load(Ordering::Relaxed) {
            return;
        }
        if self.begun.fetch_add(1, Ordering::Relaxed) + 1 == TASKS {
            self.live.store(heap::live(), Ordering::Relaxed);
            self.is_shut.store(false, Ordering::Relaxed);
        }
        while self.is_shut.load(Ordering::Relaxed) {
            yield_now().await;
        }
    }
}

/// A function that has all tools at work and comes back when all are done.
trait FanOut: AsyncFn(&Arc<Gate>) {}
impl<F: AsyncFn(&Arc<Gate>)> FanOut for F {}

fn compared(fan_out: impl FanOut, flush: impl Fn() -> io::Result<()>) -> io::Result<Figures> {
    let one = Builder::new_current_thread().build()?;
    let two = Builder::new_multi_thread().worker_threads(2).build()?;
    let (current, _) = runs(&one, &fan_out, &flush)?;
    let (multi, cpu) = runs(&two, &fan_out, &flush)?;
    let heap = heap_of(&one, &fan_out);
    flush()?;
    Ok(figures([
        (CURRENT, current),
        (MULTI, multi),
        (CPU, cpu),
        (HEAP, heap),
    ]))
}

/// How many runs [`compared`] makes.
const ALL_RUNS: usize = 2 * RUNS + 1;

fn runs(
    runtime: &Runtime,
    fan_out: &impl FanOut,
    flush: &impl Fn() -> io::Result<()>,
) -> io::Result<(f64, f64)> {
    let (mut wall, mut cpu) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let gate = Arc::default();
        let (begin, before) = (Instant::now(), used::cpu()?);
        runtime.block_on(fan_out(&gate));
        wall.push(begin.elapsed().as_nanos() as f64 / TASKS as f64);
        flush()?;
        cpu.push((used::cpu()? - before) / TASKS as f64);
    }
    Ok((median(wall), median(cpu)))
}

/// Bytes of the heap for each task, when all of them have begun.
fn heap_of(runtime: &Runtime, fan_out: &impl FanOut) -> f64 {
    let gate = Arc::new(Gate::default());
    gate.is_shut.store(true, Ordering::Relaxed);
    heap::begin();
    runtime.block_on(fan_out(&gate));
    heap::end();
    gate.live.load(Ordering::Relaxed) as f64 / TASKS as f64
}

async fn all(mut set: JoinSet<io::Result<usize>>) {
    while set.join_next().await.is_some() {}
}

async fn plain_read_file(path: &str, gate: Arc<Gate>) -> io::Result<usize> {
    gate.pass().await;
    work::read(path)
}

async fn plain_run(gate: &Arc<Gate>) {
    let mut set = JoinSet::new();
    for task in 0..TASKS {
        set.spawn(plain_read_file(work::path(task), Arc::clone(gate)));
    }
    all(set).await;
}

fn plain(_dir: &Path) -> io::Result<Figures> {
    compared(plain_run, || Ok(()))
}

#[genai_tool("read_file", fields("app.path" = path, "app.a" = "interactive", "app.b" = "sandbox"))]
async fn read_file(path: &str, gate: Arc<Gate>) -> io::Result<usize> {
    gate.pass().await;
    work::read(path)
}

#[genai_agent("coder")]
async fn run(gate: &Arc<Gate>) {
    let mut set = JoinSet::new();
    for task in 0..TASKS {
        let tool = read_file(work::path(task), Arc::clone(gate));
        set.spawn(InCurrentSpan::in_current_span(tool));
    }
    all(set).await;
}

fn ours(dir: &Path) -> io::Result<Figures> {
    let ours = Ours::start(dir)?;
    let figures = compared(run, || ours.flush())?;
    let tools = (ALL_RUNS * TASKS) as u64;
    ours.finish(Made {
        spans: tools + ALL_RUNS as u64,
        tools,
    })?;
    Ok(figures)
}

async fn fast_read_file(path: &str, gate: Arc<Gate>) -> io::Result<usize> {
    let begin = fastant::Instant::now();
    let result = plain_read_file(path, gate).await;
    fast::METRICS.count(begin);
    result
}

async fn fast_run(gate: &Arc<Gate>) {
    let work = async {
        let mut set = JoinSet::new();
        for task in 0..TASKS {
            let path = work::path(task);
            let span = Span::enter_with_local_parent(fast::READ_FILE)
                .with_properties(|| fast::tool_properties(path));
            set.spawn(fast_read_file(path, Arc::clone(gate)).in_span(span));
        }
        all(set).await;
    };
    work.in_span(fast::root(work::path(0))).await;
}

fn fastrace(dir: &Path) -> io::Result<Figures> {
    let fast = Fast::start(dir)?;
    compared(fast_run, || {
        fast.flush();
        Ok(())
    })
}

#[tracing::instrument(name = "execute_tool read_file", skip_all, fields(
    gen_ai.tool.name = work::TOOL, app.path = path, app.a = work::A, app.b = work::B
))]
async fn otel_traced(path: &str, gate: Arc<Gate>) -> io::Result<usize> {
    plain_read_file(path, gate).await
}

async fn otel_read_file(path: &str, gate: Arc<Gate>) -> io::Result<usize> {
    let begin = fastant::Instant::now();
    let result = otel_traced(path, gate).await;
    fast::METRICS.count(begin);
    result
}

#[tracing::instrument(name = "invoke_agent coder", skip_all)]
async fn otel_run(gate: &Arc<Gate>) {
    let mut set = JoinSet::new();
    for task in 0..TASKS {
        let tool = otel_read_file(work::path(task), Arc::clone(gate));
        set.spawn(Instrument::in_current_span(tool));
    }
    all(set).await;
}

fn otel(_dir: &Path) -> io::Result<Figures> {
    let otel = otel::start()?;
    compared(otel_run, || otel.flush())
}
