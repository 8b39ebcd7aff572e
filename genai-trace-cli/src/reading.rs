//! The options of every command that reads spans, and the reading itself.

mod found;
mod period;
mod scan;

use std::path::PathBuf;

use clap::Args;
use genai_trace::SpanRecord;

use self::found::Found;
pub(crate) use self::period::{Moment, Period};
pub(crate) use self::scan::{Scan, copied};
use crate::content::Content;
use crate::findings::MOST_KEPT;
use crate::input::{Place, Reading, Source, fold_in_turn, in_order, sources};
use crate::once::{Once, Seen, Tally};
use crate::scores::Scores;
use crate::span::{Brief, Fault, PassedOver, id_of, records};
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
    /// span that say that it has ended the first counts, in the order of the files and their lines.
    pub(crate) fn each_span<A: Send>(
        &self,
        make: impl Fn() -> A + Sync,
        each: impl Fn(&mut A, &Brief<'_>) + Sync,
    ) -> Result<(Vec<A>, Reading), String> {
        let scan = Scan::of_sources(sources(&self.files)?);
        // Mostly no span stands twice. That is known when all have been read, and asking for each what other threads have
        // read would take longer than to read once more where one does.
        let is_read_once = scan.sources.iter().any(Source::is_read_once);
        if !is_read_once {
            let once = Once::default();
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
        self.in_turn(&scan, make, |value, span, _| each(value, span))
    }

    /// As [`Self::each_span`], where some spans stand twice: which of their records counts is decided block by block, in
    /// the order of the files. `each` is shown the record of a span with it where it is in the shape of others.
    fn in_turn<A: Send>(
        &self,
        scan: &Scan,
        make: impl Fn() -> A + Sync,
        each: impl Fn(&mut A, &Brief<'_>, &Found<'_>) + Sync,
    ) -> Result<(Vec<A>, Reading), String> {
        let once = Once::default();
        let (values, mut reading) = fold_in_turn(&scan.sources, make, |value, turn, lines| {
            let mut all = Vec::new();
            lines.read(|line| Found::read(line, &mut all));
            all.retain(|found| self.period.contains(found.start()));
            let counts = |found: &Found<'_>| match found {
                Found::Line(span, _) => once.counts(span),
                Found::Record(record) => once.counts(&Brief::who(record)),
            };
            turn.take(|| all.retain(counts));
            for found in &all {
                match found {
                    Found::Line(span, _) => each(value, span, found),
                    Found::Record(record) => each(value, &Brief::of(record), found),
                }
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
        let mut left_out = Vec::new();
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
                let Some(found) = records(line) else {
                    return PassedOver::Line;
                };
                for mut span in found.spans {
                    let trace_id = id_of(&span);
                    made.push(Ok((trace_id, Held::of(place, &mut span, &make))));
                }
                let faults = found.left_out.faults.iter();
                made.extend(faults.map(|fault| Err((place, fault.clone()))));
                found.left_out.into()
            },
            |made| {
                match made {
                    Ok((trace_id, span)) => {
                        for trace in traces.add(trace_id, span) {
                            take(trace, &mut judged);
                        }
                    }
                    Err(unreadable) => {
                        if left_out.len() < MOST_KEPT {
                            left_out.push(unreadable);
                        }
                    }
                }
                true
            },
        )?;
        for trace in traces.finish() {
            take(trace, &mut judged);
        }
        let scan = Scan::of_sources(sources);
        reading.again = judged.again;
        scan.complain(&reading);
        judged.bad_lines = reading.bad_lines();
        judged.bad_spans = reading.bad_spans();
        let of_line = |(place, why)| (place, Fault::of_line(why));
        judged.unreadable = reading.unreadable().map(of_line).chain(left_out).collect();
        judged.unreadable.sort_by_key(|(place, _)| *place);
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
    /// Spans that could not be read of lines in which there are others.
    pub(crate) bad_spans: u64,
    /// The first of both, in the order of the files and their lines.
    pub(crate) unreadable: Vec<(Place, Fault)>,
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
        let scan = Scan::of_sources(sources(&self.files)?);
        let once = Once::default();
        let mut reading = in_order(
            &scan.sources,
            |_, line, made| {
                let Some(found) = records(line) else {
                    return PassedOver::Line;
                };
                let spans = found.spans.into_iter();
                made.extend(spans.filter(|record| self.period.contains(record.start_unix_nano)));
                found.left_out.into()
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
        let scan = Scan::of_sources(self.sources()?);
        self.in_turn(&scan, make, |value, span, found| match found {
            Found::Line(_, line) => each(value, span, line),
            Found::Record(record) => {
                if let Ok(line) = serde_json::to_vec(record) {
                    each(value, span, &line);
                }
            }
        })
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
    /// Where there was nothing at all to judge it is an error.
    pub(crate) fn is_of_something(&self) -> Result<(), String> {
        match self.spans + self.bad_lines + self.bad_spans {
            0 => Err("there are no spans to be judged".to_owned()),
            _ => Ok(()),
        }
    }
}
