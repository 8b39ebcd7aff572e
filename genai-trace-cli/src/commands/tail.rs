//! `genai-trace tail`

mod lines;
mod shown;

use std::collections::HashSet;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use genai_trace::open_spans_in;
use tokio::runtime::Builder;

use self::lines::Lines;
use self::shown::Shown;
use crate::interrupt::Interrupt;
use crate::out::{self, complain};
use crate::span::{Brief, Kind, records};

/// How long nothing is looked at where nothing came.
const PAUSE: Duration = Duration::from_millis(50);
/// How often it is looked what is open.
const LOOK: Duration = Duration::from_millis(250);

/// Shows spans as they end, one line each: when, how long, which trace, what, its tokens and cost, its error.
///
/// It follows files that are rotated or emptied, and waits for those that are not there yet. Of a file that is compressed,
/// and of a store, it shows the last spans that are there now.
///
/// Exits with 0 when it is interrupted, nobody reads it any longer, or nothing more can come.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Files of spans, patterns, or - for standard input
    #[arg(default_value = "traces.jsonl", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// So many of the last spans of each file come first
    #[arg(short, long, default_value_t = 10, value_name = "COUNT")]
    number: usize,
    /// Only calls of this tool
    #[arg(long, value_name = "NAME")]
    tool: Option<String>,
    /// Only calls of this model
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Only spans of the trace whose id begins so
    #[arg(long, value_name = "TRACE")]
    trace: Option<String>,
    /// Only spans that failed
    #[arg(long)]
    errors: bool,
    /// Also says when a span begins, for processes that are crash safe
    #[arg(long, conflicts_with_all = ["json", "errors"])]
    open: bool,
    /// Prints the record of each span as a line of JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<String, String> {
    let mut tail = Tail::new(arguments)?;
    let is_over = Arc::clone(&tail.is_over);
    let failed = |error: io::Error| format!("cannot start: {error}");
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(failed)?;
    // Before anything is shown: one may be interrupted at once.
    let interrupt = runtime.block_on(async { Interrupt::new() })?;
    thread::scope(|scope| {
        let (sender, done) = tokio::sync::oneshot::channel();
        let shower = scope.spawn(move || {
            let shown = tail.show();
            // It may have been interrupted.
            let _ = sender.send(());
            shown
        });
        runtime.block_on(async {
            tokio::select! {
                () = interrupt.wait() => {}
                _ = done => {}
            }
        });
        is_over.store(true, Ordering::Relaxed);
        let shown = shower
            .join()
            .map_err(|_| "a thread has failed".to_owned())?;
        match shown {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(format!("cannot write to standard output: {error}"))
            }
            _ => Ok(()),
        }
    })?;
    Ok(String::new())
}

/// What is shown, and of what.
struct Tail<'a> {
    arguments: &'a Arguments,
    lines: Vec<Lines>,
    /// The beginning of a trace's id.
    trace: Option<String>,
    /// Spans that were open at the last look.
    open: HashSet<[u8; 8]>,
    shown: Shown,
    bad_lines: u64,
    bad_spans: u64,
    is_over: Arc<AtomicBool>,
}

impl<'a> Tail<'a> {
    fn new(arguments: &'a Arguments) -> Result<Self, String> {
        let trace = arguments.trace.as_ref().map(|id| id.to_ascii_lowercase());
        Ok(Self {
            arguments,
            lines: Lines::of_all(&arguments.files, arguments.number)?,
            trace,
            open: HashSet::new(),
            shown: Shown::new(out::is_coloured()),
            bad_lines: 0,
            bad_spans: 0,
            is_over: Arc::default(),
        })
    }

    /// Shows what comes until it is over.
    fn show(&mut self) -> io::Result<()> {
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        let mut looked: Option<Instant> = None;
        let mut shown = Ok(());
        while shown.is_ok() && !self.is_over.load(Ordering::Relaxed) {
            let mut is_idle = true;
            shown = self.step(&mut out, &mut is_idle);
            if self.arguments.open && looked.is_none_or(|looked| looked.elapsed() > LOOK) {
                shown = shown.and_then(|()| self.look(&mut out));
                looked = Some(Instant::now());
            }
            if is_idle {
                shown = shown.and_then(|()| out.flush());
                if self.lines.is_empty() || out::is_unread() {
                    break;
                }
                thread::sleep(PAUSE);
            }
        }
        if self.bad_lines > 0 {
            let bad = crate::text::count(self.bad_lines, "line");
            complain(&format!("{bad} could not be read and passed over"));
        }
        if self.bad_spans > 0 {
            let bad = crate::text::count(self.bad_spans, "span");
            complain(&format!(
                "{bad} in lines of OTLP could not be read and passed over"
            ));
        }
        shown
    }

    /// Shows what has come.
    fn step(&mut self, out: &mut impl Write, is_idle: &mut bool) -> io::Result<()> {
        let mut lines = std::mem::take(&mut self.lines);
        let mut written = Ok(());
        lines.retain_mut(|lines| {
            while written.is_ok() && !self.is_over.load(Ordering::Relaxed) {
                match lines.next() {
                    Ok(Some(bytes)) => {
                        *is_idle = false;
                        written = self.show_all(&bytes, out);
                    }
                    Ok(None) => break,
                    Err(end) => {
                        if let Some(complaint) = end {
                            complain(&complaint);
                        }
                        return false;
                    }
                }
            }
            true
        });
        self.lines = lines;
        written
    }

    fn show_all(&mut self, bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
        for (_, line) in crate::input::lines(bytes) {
            if line.trim_ascii().is_empty() {
                continue;
            }
            if let Some(span) = Brief::read(line) {
                if self.wants(&span) {
                    match self.arguments.json {
                        true => out.write_all(line).and_then(|()| out.write_all(b"\n"))?,
                        false => self.shown.span(&span, out)?,
                    }
                }
                continue;
            }
            let Some(records) = records(line) else {
                self.bad_lines += 1;
                continue;
            };
            self.bad_spans += records.left_out.count;
            for record in &records.spans {
                let span = Brief::of(record);
                if self.wants(&span) {
                    match self.arguments.json {
                        true => {
                            serde_json::to_writer(&mut *out, record)?;
                            out.write_all(b"\n")?;
                        }
                        false => self.shown.span(&span, out)?,
                    }
                }
            }
        }
        Ok(())
    }

    fn wants(&self, span: &Brief<'_>) -> bool {
        let Arguments {
            tool,
            model,
            errors,
            ..
        } = self.arguments;
        let is_tool = |tool: &String| span.kind() == Kind::Tool && span.subject() == tool;
        let is_model = |model: &String| {
            let facts = &span.facts;
            let names = [&facts.model, &facts.response_model];
            names.into_iter().any(|name| name.as_deref() == Some(model))
        };
        (!errors || span.has_failed)
            && tool.as_ref().is_none_or(is_tool)
            && model.as_ref().is_none_or(is_model)
            && self.trace.as_ref().is_none_or(|trace| {
                let id = format!("{:032x}", span.trace_id);
                id.starts_with(trace)
            })
    }

    /// Says of spans that were not open at the last look that they have begun.
    fn look(&mut self, out: &mut impl Write) -> io::Result<()> {
        let mut now = HashSet::new();
        for file in &self.arguments.files {
            for span in open_spans_in(file).unwrap_or_default() {
                let id = span.span_id.to_bytes();
                let span = Brief::of_open(&span);
                if !self.open.contains(&id) && self.wants(&span) {
                    self.shown.begun(&span, out)?;
                }
                now.insert(id);
            }
        }
        self.open = now;
        out.flush()
    }
}
