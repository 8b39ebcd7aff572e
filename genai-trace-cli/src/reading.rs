//! The options of every command that reads spans, and the reading itself.

mod period;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use clap::Args;
use genai_trace::SpanRecord;
use tempfile::NamedTempFile;

pub(crate) use self::period::{Moment, Period};
use crate::content::Content;
use crate::input::{Place, Reading, Source, fold, in_order, sources};
use crate::once::{Once, Seen, Tally};
use crate::scores::Scores;
use crate::span::{Brief, id_of, records};
use crate::traces::{Held, Trace, Traces};

/// What is read, and of which time.
#[derive(Debug, Args)]
pub(crate) struct Input {
    /// Files of spans, patterns, or - for standard input; a file with those rotated away from it
    #[arg(default_value = "traces.jsonl", value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    period: Period,
}

impl Input {
    /// The scores that lie beside what is read.
    pub(crate) fn scores(&self) -> Result<Scores, String> {
        Scores::beside(&self.files)
    }

    /// The content that is kept beside what is read.
    pub(crate) fn content(&self) -> Result<Content, String> {
        Content::beside(&self.files, None)
    }

    /// Shows `each` every span of the time that was asked for once, when it has ended, on several threads, each with a
    /// value of its own that `make` has made. The values, in no order, and how the reading went. Of several records of a
    /// span the first counts that is read.
    pub(crate) fn each_span<A: Send>(
        &self,
        make: impl Fn() -> A + Sync,
        each: impl Fn(&mut A, &Brief<'_>) + Sync,
    ) -> Result<(Vec<A>, Reading), String> {
        let scan = Scan {
            sources: sources(&self.files)?,
            _copies: Vec::new(),
        };
        let once = Once::default();
        // Mostly no span stands twice. That is known when all have been read, and asking for each what other threads have
        // read would take longer than to read once more where one does.
        let is_read_once = scan.sources.iter().any(Source::is_read_once);
        if !is_read_once {
            let make = || (make(), Seen::default());
            let (parts, mut reading) = scan.each_span(make, |(value, seen), span| {
                if self.period.holds(span) && once.note(span, seen) {
                    each(value, span);
                }
            })?;
            let (values, seen) = parts.into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
            reading.take(Tally::of(seen));
            if reading.again == 0 {
                scan.complain(&reading);
                return Ok((values, reading));
            }
        }
        let (values, mut reading) = scan.each_span(make, |value, span| {
            if self.period.holds(span) && once.counts(span) {
                each(value, span);
            }
        })?;
        reading.take(once.tally());
        scan.complain(&reading);
        Ok((values, reading))
    }

    /// Has `make` make something of every record, on several threads, and puts it together to traces, in the order of
    /// the lines, of which each has its spans once; `judge` gets those that began in the time that was asked for.
    pub(crate) fn each_trace<T: Send>(
        &self,
        make: impl Fn(Place, &mut SpanRecord) -> T + Sync,
        mut judge: impl FnMut(Trace<T>),
    ) -> Result<Judged, String> {
        let sources = sources(&self.files)?;
        let mut traces = Traces::default();
        let mut judged = Judged::default();
        let mut take = |trace: Trace<T>, judged: &mut Judged| {
            if !self.period.contains(trace.start) {
                return;
            }
            judged.again += trace.again;
            // Of a trace that was let go nothing but copies may have come.
            if !trace.spans.is_empty() || !trace.others.is_empty() {
                judged.traces += u64::from(!trace.is_rest);
                judged.spans += u64::try_from(trace.spans.len()).unwrap_or(u64::MAX);
                judged.in_parts += u64::from(trace.is_rest);
                judge(trace);
            }
        };
        let mut reading = in_order(
            &sources,
            |place, line, made| {
                let found = records(line);
                let is_readable = found.is_some();
                for mut span in found.into_iter().flatten() {
                    let trace_id = id_of(&span);
                    made.push((trace_id, Held::of(place, &mut span, &make)));
                }
                is_readable
            },
            |(trace_id, span)| {
                for trace in traces.add(trace_id, span) {
                    take(trace, &mut judged);
                }
                true
            },
        )?;
        for trace in traces.finish() {
            take(trace, &mut judged);
        }
        let scan = Scan {
            sources,
            _copies: Vec::new(),
        };
        reading.again = judged.again;
        scan.complain(&reading);
        judged.bad_lines = reading.bad_lines();
        judged.sources = scan.sources;
        Ok(judged)
    }
}

/// What was read of traces.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    pub(crate) traces: u64,
    pub(crate) spans: u64,
    /// How often spans of a trace came so late that they were judged by themselves.
    pub(crate) in_parts: u64,
    pub(crate) bad_lines: u64,
    /// How many records there were of spans that had ended in another one already.
    pub(crate) again: u64,
    pub(crate) sources: Vec<Source>,
}

impl Input {
    /// The files, to be read more than once.
    pub(crate) fn scan(&self) -> Result<Scan, String> {
        Scan::of(&self.files)
    }

    /// Whether a span is of the time that was asked for.
    pub(crate) fn holds(&self, span: &Brief<'_>) -> bool {
        self.period.holds(span)
    }

    /// Gives `each` the record of every span of the time that was asked for, in the order of the files, until it wants
    /// no more. Of a span that has ended it is the first that says so; a record that one has begun is given as long as
    /// nothing has said that it has ended.
    /// What could not be read is said.
    pub(crate) fn in_order(
        &self,
        each: &mut dyn FnMut(SpanRecord) -> bool,
    ) -> Result<Reading, String> {
        let scan = Scan {
            sources: sources(&self.files)?,
            _copies: Vec::new(),
        };
        let once = Once::default();
        let mut reading = in_order(
            &scan.sources,
            |_, line, made| {
                let found = records(line);
                let is_readable = found.is_some();
                let found = found.into_iter().flatten();
                made.extend(found.filter(|record| self.period.contains(record.start_unix_nano)));
                is_readable
            },
            |record: SpanRecord| {
                let span = Brief::who(&record);
                let is_wanted = match span.has_ended() {
                    true => once.counts(&span),
                    false => !once.has_ended(&span),
                };
                !is_wanted || each(record)
            },
        )?;
        reading.again = once.tally().again;
        scan.complain(&reading);
        Ok(reading)
    }

    /// What is read.
    pub(crate) fn sources(&self) -> Result<Vec<Source>, String> {
        sources(&self.files)
    }

    /// Whether spans of every time are read.
    pub(crate) fn is_of_any_time(&self) -> bool {
        self.period.is_any()
    }

    /// As [`Self::each_span`], with the line of each span, which for one in the shape of others is that of its record.
    pub(crate) fn each_line<A: Send>(
        &self,
        make: impl Fn() -> A + Sync,
        each: impl Fn(&mut A, &Brief<'_>, &[u8]) + Sync,
    ) -> Result<(Vec<A>, Reading), String> {
        let scan = Scan {
            sources: self.sources()?,
            _copies: Vec::new(),
        };
        let once = Once::default();
        let counts = |span: &Brief<'_>| self.period.holds(span) && once.counts(span);
        let (values, mut reading) = fold(&scan.sources, make, |value, line| {
            if let Some(span) = Brief::read(line) {
                if counts(&span) {
                    each(value, &span, line);
                }
                return true;
            }
            let found = records(line);
            for record in found.iter().flatten() {
                let span = Brief::of(record);
                if counts(&span)
                    && let Ok(line) = serde_json::to_vec(record)
                {
                    each(value, &span, &line);
                }
            }
            found.is_some()
        })?;
        reading.take(once.tally());
        scan.complain(&reading);
        Ok((values, reading))
    }
}

impl Reading {
    /// What came of counting each span once.
    fn take(&mut self, tally: Tally) {
        self.again = tally.again;
        self.open = tally.open;
    }
}

impl Judged {
    /// Whether there are lines that nobody could read, which may not be, unless it is `allowed`. Where there was nothing
    /// at all to judge it is an error.
    pub(crate) fn hides_something(&self, allowed: &[&str]) -> Result<bool, String> {
        if self.spans == 0 && self.bad_lines == 0 {
            return Err("there are no spans to be judged".to_owned());
        }
        Ok(self.bad_lines > 0 && !allowed.contains(&"unreadable"))
    }
}

/// Sources that may be read more than once.
#[derive(Debug)]
pub(crate) struct Scan {
    sources: Vec<Source>,
    /// What came on standard input, as long as it is read.
    _copies: Vec<NamedTempFile>,
}

impl Scan {
    /// What the arguments name; standard input is copied first, since it can be read only once.
    pub(crate) fn of(files: &[PathBuf]) -> Result<Self, String> {
        let mut sources = sources(files)?;
        let mut copies = Vec::new();
        for source in &mut sources {
            let failed = |error: io::Error| format!("cannot keep {source}: {error}");
            let copy = match &*source {
                Source::File(path) if Source::File(path.clone()).is_read_once() => {
                    copied_from(&mut File::open(path).map_err(failed)?).map_err(failed)?
                }
                Source::File(_) => continue,
                Source::Stdin => copied().map_err(failed)?,
            };
            *source = Source::File(copy.path().to_owned());
            copies.push(copy);
        }
        Ok(Self {
            sources,
            _copies: copies,
        })
    }

    /// Shows `each` every span.
    pub(crate) fn each_span<A: Send>(
        &self,
        make: impl Fn() -> A + Sync,
        each: impl Fn(&mut A, &Brief<'_>) + Sync,
    ) -> Result<(Vec<A>, Reading), String> {
        fold(&self.sources, make, |value, line| {
            if let Some(span) = Brief::read(line) {
                each(value, &span);
                return true;
            }
            let found = records(line);
            for record in found.iter().flatten() {
                each(value, &Brief::of(record));
            }
            found.is_some()
        })
    }

    /// Gives `each` the records of the spans that are `wanted`.
    pub(crate) fn each_record<A: Send>(
        &self,
        make: impl Fn() -> A + Sync,
        wanted: impl Fn(&Brief<'_>) -> bool + Sync,
        each: impl Fn(&mut A, SpanRecord) + Sync,
    ) -> Result<(Vec<A>, Reading), String> {
        fold(&self.sources, make, |value, line| {
            if Brief::read(line).is_some_and(|span| !wanted(&span)) {
                return true;
            }
            let found = records(line);
            let is_readable = found.is_some();
            for record in found.into_iter().flatten() {
                if wanted(&Brief::of(&record)) {
                    each(value, record);
                }
            }
            is_readable
        })
    }

    /// Says on standard error what could not be read.
    pub(crate) fn complain(&self, reading: &Reading) {
        for complaint in reading.complaints(&self.sources) {
            // Where that is closed nobody wants to know.
            let _ = writeln!(io::stderr(), "genai-trace: {complaint}");
        }
    }
}

/// What comes on standard input, in a file.
pub(crate) fn copied() -> io::Result<NamedTempFile> {
    copied_from(&mut io::stdin().lock())
}

fn copied_from(reader: &mut dyn Read) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new()?;
    io::copy(reader, &mut file)?;
    Ok(file)
}
