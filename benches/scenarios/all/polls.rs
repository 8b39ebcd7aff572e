//! A future that is polled a thousand times before it is ready, inside a function in a span.

use std::future::Future;
use std::hint::black_box;
use std::io;
use std::path::Path;
use std::pin::{Pin, pin};

use fastrace::future::FutureExt;
use genai_trace::genai_tool;

use crate::fast::{self, Fast};
use crate::ours::{self, Made, Ours};
use crate::paired::{clocked, times};
use crate::poll::{self, Pending};
use crate::scenario::{Figures, Run, Scenario, Wanted, aside, column, contender, figures, tenths};
use crate::{otel, work};

const PLAIN: &str = "plain, ns a poll";
const OVER: &str = "over plain, ns a poll";

pub const SCENARIO: Scenario = Scenario {
    name: "polls",
    title: "A future in a span that is polled 1,000 times before it is ready",
    contenders: &[
        contender(ours::NAME, ours),
        contender(fast::NAME, fastrace),
        contender(otel::NAME, otel),
    ],
    columns: &[aside(PLAIN, tenths), column(OVER, tenths)],
    wanted: &[Wanted {
        what: "polls: over the plain future, ns a poll",
        got: |of| of.get(ours::NAME, OVER),
        most: |_| Some(10.0),
        show: tenths,
    }],
    run: Some(Run {
        unit: "forwarding poll",
        work: profiled,
    }),
};

const POLLS: usize = 1_000;

async fn plain(path: &str) -> io::Result<usize> {
    Pending(POLLS).await;
    work::read(path)
}

#[genai_tool("read_file", fields("app.path" = path, "app.a" = "interactive", "app.b" = "sandbox"))]
async fn read_file(path: &str) -> io::Result<usize> {
    Pending(POLLS).await;
    work::read(path)
}

#[tracing::instrument(name = "execute_tool read_file", skip_all, fields(
    gen_ai.tool.name = work::TOOL, app.path = path, app.a = work::A, app.b = work::B
))]
async fn otel_read_file(path: &str) -> io::Result<usize> {
    plain(path).await
}

/// Nanoseconds of the polls that are pending, but for the first, which may begin the span. What is
/// polled is behind a pointer, so that the compiler takes no poll for another.
fn polls(mut future: Pin<&mut dyn Future<Output = io::Result<usize>>>) -> f64 {
    let _ = poll::once(future.as_mut());
    let nanos = clocked(|| {
        for _ in 1..POLLS {
            let _ = black_box(poll::once(future.as_mut()));
        }
    });
    let _ = black_box(poll::once(future));
    nanos
}

/// How many futures `compared` polled of each kind.
fn compared(mut traced: impl FnMut() -> f64) -> (Figures, usize) {
    let mut made = 0;
    let paired = times(
        POLLS - 1,
        || polls(pin!(plain(work::path(0)))),
        || {
            made += 1;
            traced()
        },
    );
    let figures = figures([(PLAIN, paired.plain), (OVER, paired.over)]);
    (figures, made)
}

fn ours(dir: &Path) -> io::Result<Figures> {
    let ours = Ours::start(dir)?;
    let (figures, made) = compared(|| polls(pin!(read_file(work::path(0)))));
    ours.finish(Made::tools(made))?;
    Ok(figures)
}

fn profiled(dir: &Path, times: usize) -> io::Result<()> {
    let _ours = Ours::start(dir)?;
    for _ in 0..times.div_ceil(POLLS) {
        polls(pin!(read_file(work::path(0))));
    }
    Ok(())
}

fn fastrace(dir: &Path) -> io::Result<Figures> {
    let _fast = Fast::start(dir)?;
    let (figures, _) = compared(|| {
        let root = fast::root(work::path(0));
        polls(pin!(plain(work::path(0)).in_span(root)))
    });
    Ok(figures)
}

fn otel(_dir: &Path) -> io::Result<Figures> {
    let _otel = otel::start()?;
    let (figures, _) = compared(|| polls(pin!(otel_read_file(work::path(0)))));
    Ok(figures)
}
