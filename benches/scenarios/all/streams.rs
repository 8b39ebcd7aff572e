//! A stream of a thousand chunks, returned by a function in a span.

use std::hint::black_box;
use std::io;
use std::path::Path;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use fastrace_futures::StreamExt;
use futures_core::Stream;
use genai_trace::genai_tool;

use crate::fast::{self, Fast};
use crate::ours::{self, Made, Ours};
use crate::paired::{clocked, times};
use crate::scenario::{Figures, Run, Scenario, aside, column, contender, figures, tenths};
use crate::work;

const PLAIN: &str = "plain, ns a chunk";
const OVER: &str = "over plain, ns a chunk";

pub const SCENARIO: Scenario = Scenario {
    name: "streams",
    title: "A stream of 1,000 chunks in a span",
    contenders: &[contender(ours::NAME, ours), contender(fast::NAME, fastrace)],
    columns: &[aside(PLAIN, tenths), column(OVER, tenths)],
    wanted: &[],
    run: Some(Run {
        unit: "chunk of a stream",
        work: profiled,
    }),
};

const CHUNKS: usize = 1_000;

/// Gives so many chunks.
struct Chunks(usize);

impl Stream for Chunks {
    type Item = usize;

    fn poll_next(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<usize>> {
        match self.0 {
            0 => Poll::Ready(None),
            left => {
                self.0 = left - 1;
                Poll::Ready(Some(left))
            }
        }
    }
}

#[genai_tool("read_file", fields("app.path" = path, "app.a" = "interactive", "app.b" = "sandbox"))]
fn read_file(path: &str) -> impl Stream<Item = usize> + use<> {
    let _ = path;
    Chunks(CHUNKS)
}

/// Nanoseconds of all chunks but the first, and without the end, which ends the span.
fn chunks(mut stream: Pin<&mut dyn Stream<Item = usize>>) -> f64 {
    let mut cx = Context::from_waker(Waker::noop());
    let _ = stream.as_mut().poll_next(&mut cx);
    let nanos = clocked(|| {
        for _ in 1..CHUNKS {
            let _ = black_box(stream.as_mut().poll_next(&mut cx));
        }
    });
    let _ = black_box(stream.poll_next(&mut cx));
    nanos
}

fn compared(mut traced: impl FnMut() -> f64) -> (Figures, usize) {
    let mut made = 0;
    let paired = times(
        CHUNKS - 1,
        || chunks(pin!(Chunks(CHUNKS))),
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
    let (figures, made) = compared(|| chunks(pin!(read_file(work::path(0)))));
    ours.finish(Made::tools(made))?;
    Ok(figures)
}

fn profiled(dir: &Path, times: usize) -> io::Result<()> {
    let _ours = Ours::start(dir)?;
    for _ in 0..times.div_ceil(CHUNKS) {
        chunks(pin!(read_file(work::path(0))));
    }
    Ok(())
}

fn fastrace(dir: &Path) -> io::Result<Figures> {
    let _fast = Fast::start(dir)?;
    let (figures, _) = compared(|| {
        let root = fast::root(work::path(0));
        chunks(pin!(Chunks(CHUNKS).in_span(root)))
    });
    Ok(figures)
}
