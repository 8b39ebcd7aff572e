//! Spans with much text.

use std::borrow::Cow;
use std::hint::black_box;
use std::io;
use std::path::Path;

use fastant::Instant;
use fastrace::local::LocalSpan;
use genai_trace::{genai_tool, span};

use crate::fast::{self, Fast};
use crate::ours::{self, Made, Ours};
use crate::paired::clocked;
use crate::scenario::{Figures, Scenario, column, contender, micros};
use crate::stats::median;
use crate::{used, work};

/// A length of a text, how many spans with one wait for a flush, and the columns.
struct Size {
    bytes: usize,
    lap: usize,
    caller: &'static str,
    cpu: &'static str,
}

const SIZES: [Size; 2] = [
    Size {
        bytes: 4 * 1024,
        lap: 400,
        caller: "4 KB, caller, us",
        cpu: "4 KB, CPU, us",
    },
    Size {
        bytes: 100 * 1024,
        lap: 80,
        caller: "100 KB, caller, us",
        cpu: "100 KB, CPU, us",
    },
];

pub const SCENARIO: Scenario = Scenario {
    name: "content",
    title: "A tool span with a text of 4 KB or 100 KB, with a line end every 64 bytes",
    contenders: &[contender(ours::NAME, ours), contender(fast::NAME, fastrace)],
    columns: &[
        column(SIZES[0].caller, micros),
        column(SIZES[0].cpu, micros),
        column(SIZES[1].caller, micros),
        column(SIZES[1].cpu, micros),
    ],
    wanted: &[],
    run: None,
};

const LAPS: usize = 10;

fn text(bytes: usize) -> String {
    let line = format!(
        "{}\n",
        "let x = 12; ".repeat(6).get(..63).unwrap_or_default()
    );
    line.repeat(bytes / line.len())
}

/// Times calls of `lap`, which makes a root span with so many calls inside it, each timed.
fn compared(
    lap: impl Fn(&str, usize) -> Vec<f64>,
    mut flush: impl FnMut() -> io::Result<()>,
) -> io::Result<Figures> {
    let mut figures = Figures::new();
    for size in SIZES {
        let text = text(size.bytes);
        let mut nanos = Vec::new();
        let before = used::cpu()?;
        for _ in 0..LAPS {
            nanos.extend(lap(&text, size.lap));
            flush()?;
        }
        let cpu = used::cpu()? - before;
        figures.insert(size.cpu.to_owned(), cpu / nanos.len() as f64);
        figures.insert(size.caller.to_owned(), median(nanos));
    }
    Ok(figures)
}

fn each(calls: usize, mut call: impl FnMut(&'static str) -> io::Result<usize>) -> Vec<f64> {
    let one = |number| {
        clocked(|| {
            let _ = black_box(call(work::path(number)));
        })
    };
    (0..calls).map(one).collect()
}

#[genai_tool("read_file", fields("app.path" = path, "app.text" = text))]
fn read_file(path: &str, text: &str) -> io::Result<usize> {
    let _ = text;
    work::read(path)
}

fn ours(dir: &Path) -> io::Result<Figures> {
    let ours = Ours::start(dir)?;
    let lap = |text: &str, calls| span("lap").run(|| each(calls, |path| read_file(path, text)));
    let mut bytes = 0;
    let figures = compared(lap, || {
        ours.flush()?;
        bytes = bytes.max(ours.bytes()?);
        Ok(())
    })?;
    let wanted: usize = SIZES.iter().map(|size| LAPS * size.lap * size.bytes).sum();
    if bytes < wanted as u64 {
        return Err(io::Error::other(format!("{bytes} bytes hold no {wanted}")));
    }
    let calls: usize = SIZES.iter().map(|size| LAPS * size.lap).sum();
    let mut made = Made::tools(calls);
    made.spans += (LAPS * SIZES.len()) as u64;
    ours.finish(made)?;
    Ok(figures)
}

fn fast_read_file(path: &str, text: &str) -> io::Result<usize> {
    let begin = Instant::now();
    let span = LocalSpan::enter_with_local_parent(fast::READ_FILE).with_properties(|| {
        [
            ("app.path", Cow::Owned(path.to_owned())),
            ("app.text", Cow::Owned(text.to_owned())),
        ]
    });
    let result = work::read(path);
    drop(span);
    fast::METRICS.count(begin);
    result
}

fn fastrace(dir: &Path) -> io::Result<Figures> {
    let fast = Fast::start(dir)?;
    let lap = |text: &str, calls| {
        let root = fast::root(work::path(0));
        let _guard = root.set_local_parent();
        each(calls, |path| fast_read_file(path, text))
    };
    compared(lap, || {
        fast.flush();
        Ok(())
    })
}
