//! tracing with tracing-subscriber's lines of JSON, written by tracing-appender's thread.
//!
//! A line is written when a span closes. tracing has no ids for traces, so the spans are given some
//! as fields; a tool's line repeats the agent's fields, its only word of the parent. Target and level
//! are left out.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::fmt::format::FmtSpan;

use super::line::CHUNK_BYTES;
use super::{Contender, counting};
use crate::work::{self, SPANS};

#[derive(Default)]
pub struct TracingJson {
    running: Option<Running>,
    bursts: Cell<usize>,
}

struct Running {
    written: Arc<Written>,
    dropped: ErrorCounter,
    _worker: WorkerGuard,
}

/// How many lines are in the file; tracing-appender itself has no flush that waits.
#[derive(Default)]
struct Written {
    lines: Mutex<usize>,
    more: Condvar,
}

struct CountedLines {
    file: BufWriter<File>,
    lines: usize,
    written: Arc<Written>,
}

impl Write for CountedLines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.file.write_all(line)?;
        self.lines += 1;
        Ok(line.len())
    }

    // The worker calls this whenever nothing waits for it any more.
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()?;
        *self
            .written
            .lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = self.lines;
        self.written.more.notify_all();
        Ok(())
    }
}

#[tracing::instrument(
    name = "execute_tool read_file",
    skip_all,
    fields(
        span_id = %format_args!("{:016x}", fastrand::u64(..)),
        gen_ai.tool.name = work::TOOL, app.a = work::A, app.b = work::B, app.path = path
    )
)]
fn traced(path: &str) -> io::Result<usize> {
    work::read(path)
}

fn read_file(path: &str) -> io::Result<usize> {
    let begin = Instant::now();
    let result = traced(path);
    counting::count(begin.elapsed());
    result
}

#[tracing::instrument(
    name = "invoke_agent coder",
    skip_all,
    fields(
        trace_id = %format_args!("{:032x}", fastrand::u128(..)),
        span_id = %format_args!("{:016x}", fastrand::u64(..)),
        gen_ai.agent.name = work::AGENT, app.a = work::A, app.b = work::B, app.task = task
    )
)]
fn run(task: &str, first: usize) -> io::Result<usize> {
    work::each_tool(first, read_file)
}

impl Contender for TracingJson {
    fn start(&mut self, file: &Path) -> io::Result<()> {
        let file = File::options().append(true).create(true).open(file)?;
        let written = Arc::new(Written::default());
        let lines = CountedLines {
            file: BufWriter::with_capacity(CHUNK_BYTES, file),
            lines: 0,
            written: Arc::clone(&written),
        };
        let (writer, worker) = NonBlockingBuilder::default().finish(lines);
        let dropped = writer.error_counter();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_span_events(FmtSpan::CLOSE)
            .with_target(false)
            .with_level(false)
            .with_writer(writer)
            .finish();
        tracing::subscriber::set_global_default(subscriber).map_err(io::Error::other)?;
        self.running = Some(Running {
            written,
            dropped,
            _worker: worker,
        });
        Ok(())
    }

    fn burst(&self, first: usize) -> io::Result<usize> {
        self.bursts.set(self.bursts.get() + 1);
        run(work::path(first), first)
    }

    fn flush(&self) -> io::Result<()> {
        let Some(running) = &self.running else {
            return Ok(());
        };
        let made = self.bursts.get() * SPANS;
        let Written { lines, more } = &*running.written;
        let waiting = lines.lock().unwrap_or_else(PoisonError::into_inner);
        let (written, waited) = more
            .wait_timeout_while(waiting, Duration::from_secs(60), |written| {
                *written + running.dropped.dropped_lines() < made
            })
            .unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return Err(io::Error::other(format!("{} lines of {made}", *written)));
        }
        Ok(())
    }

    fn counted(&self) -> Option<(u64, u64)> {
        counting::counted()
    }

    fn disabled(&self, path: &'static str) -> io::Result<usize> {
        traced(path)
    }
}
