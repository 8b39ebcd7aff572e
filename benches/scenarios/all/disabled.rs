//! Nothing is recorded: because nothing is installed, or because the environment says so.

use std::hint::black_box;
use std::io;
use std::path::Path;

use fastrace::future::FutureExt;
use genai_trace::genai_tool;

use crate::ours;
use crate::paired::batches;
use crate::poll;
use crate::scenario::{
    Contender, Figures, Medians, Run, Scenario, Wanted, aside, column, contender, figures, tenths,
};
use crate::work;

const PLAIN: &str = "plain, ns a call";
const SYNC: &str = "over plain, ns a call";
const ASYNC: &str = "async, over plain, ns";

const SDK_DISABLED: &str = "OTEL_SDK_DISABLED=true";
const TRACING: &str = "tracing, no subscriber";

pub const SCENARIO: Scenario = Scenario {
    name: "disabled",
    title: "A call of the tool where nothing is recorded",
    contenders: &[
        contender(ours::NAME, ours),
        Contender {
            name: SDK_DISABLED,
            env: &[("OTEL_SDK_DISABLED", "true")],
            measure: sdk_disabled,
        },
        contender("fastrace, no reporter", fastrace),
        contender(TRACING, tracing),
    ],
    columns: &[
        aside(PLAIN, tenths),
        column(SYNC, tenths),
        column(ASYNC, tenths),
    ],
    wanted: &[
        Wanted {
            what: "disabled: over the plain function, ns",
            got: |of| of.get(ours::NAME, SYNC),
            most: |of| wanted(of, SYNC),
            show: tenths,
        },
        Wanted {
            what: "disabled by the environment: over the plain function, ns",
            got: |of| of.get(SDK_DISABLED, SYNC),
            most: |of| wanted(of, SYNC),
            show: tenths,
        },
        Wanted {
            what: "disabled: over the plain async function, ns",
            got: |of| of.get(ours::NAME, ASYNC),
            most: |of| wanted(of, ASYNC),
            show: tenths,
        },
    ],
    run: Some(Run {
        unit: "disabled call",
        work: profiled,
    }),
};

/// 2 ns, or what `tracing` costs where that is less.
fn wanted(of: &Medians, column: &str) -> Option<f64> {
    Some(of.get(TRACING, column)?.clamp(0.0, 2.0))
}

const CALLS: usize = 2_000;

#[inline(never)]
fn plain(path: &str) -> io::Result<usize> {
    work::read(path)
}

async fn plain_async(path: &str) -> io::Result<usize> {
    work::read(path)
}

#[genai_tool("read_file", fields("app.path" = path, "app.a" = "interactive", "app.b" = "sandbox"))]
#[inline(never)]
fn read_file(path: &str) -> io::Result<usize> {
    work::read(path)
}

#[genai_tool("read_file", fields("app.path" = path, "app.a" = "interactive", "app.b" = "sandbox"))]
async fn read_file_async(path: &str) -> io::Result<usize> {
    work::read(path)
}

#[inline(never)]
fn fastrace_read_file(path: &str) -> io::Result<usize> {
    crate::fast::traced(path)
}

#[tracing::instrument(name = "execute_tool read_file", skip_all, fields(
    gen_ai.tool.name = work::TOOL, app.path = path, app.a = work::A, app.b = work::B
))]
#[inline(never)]
fn tracing_read_file(path: &str) -> io::Result<usize> {
    work::read(path)
}

#[tracing::instrument(name = "execute_tool read_file", skip_all, fields(
    gen_ai.tool.name = work::TOOL, app.path = path, app.a = work::A, app.b = work::B
))]
async fn tracing_read_file_async(path: &str) -> io::Result<usize> {
    work::read(path)
}

fn calls<T>(mut call: impl FnMut(&'static str) -> T) {
    for number in 0..CALLS {
        black_box(call(black_box(work::path(number))));
    }
}

fn compared<F: Future>(
    sync: fn(&str) -> io::Result<usize>,
    future: impl Fn(&'static str) -> F,
) -> Figures {
    let sync = batches(CALLS, || calls(plain), || calls(sync));
    let future = batches(
        CALLS,
        || calls(|path| poll::to_end(plain_async(path))),
        || calls(|path| poll::to_end(future(path))),
    );
    figures([(PLAIN, sync.plain), (SYNC, sync.over), (ASYNC, future.over)])
}

fn ours(_dir: &Path) -> io::Result<Figures> {
    Ok(compared(read_file, read_file_async))
}

fn sdk_disabled(_dir: &Path) -> io::Result<Figures> {
    let _telemetry = genai_trace::init().map_err(io::Error::other)?;
    Ok(compared(read_file, read_file_async))
}

fn profiled(_dir: &Path, times: usize) -> io::Result<()> {
    for number in 0..times {
        black_box(read_file(black_box(work::path(number)))?);
    }
    Ok(())
}

fn fastrace(_dir: &Path) -> io::Result<Figures> {
    Ok(compared(fastrace_read_file, |path| {
        let span = fastrace::Span::enter_with_local_parent(crate::fast::READ_FILE)
            .with_properties(|| crate::fast::tool_properties(path));
        plain_async(path).in_span(span)
    }))
}

fn tracing(_dir: &Path) -> io::Result<Figures> {
    Ok(compared(tracing_read_file, tracing_read_file_async))
}
