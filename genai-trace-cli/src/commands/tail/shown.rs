//! A span as one line.

use std::borrow::Cow;
use std::io::{self, Write};

use jiff::Timestamp;

use crate::pricing::{Spent, spent};
use crate::span::Brief;
use crate::text::{dollars, duration, visible};

/// More of an error's message is not shown.
const LONGEST_MESSAGE: usize = 200;
/// What begins is shown with this in the place of how long it took.
const BEGUN: &str = "begins";
const RED: &str = "\x1b[31m";
const FAINT: &str = "\x1b[2m";
const PLAIN: &str = "\x1b[0m";
/// Traces are told apart by these.
const COLOURS: [&str; 6] = [
    "\x1b[32m", "\x1b[33m", "\x1b[34m", "\x1b[35m", "\x1b[36m", "\x1b[94m",
];

/// Writes spans as lines.
#[derive(Debug)]
pub(super) struct Shown {
    is_coloured: bool,
    /// The last second, as it is written.
    second: (u64, String),
}

impl Shown {
    pub(super) fn new(is_coloured: bool) -> Self {
        Self {
            is_coloured,
            second: (0, moment(0)),
        }
    }

    /// A span that has ended.
    pub(super) fn span(&mut self, span: &Brief<'_>, out: &mut impl Write) -> io::Result<()> {
        self.front(span, span.end, &duration(span.nanoseconds()), out)?;
        let facts = &span.facts;
        if span.kind().calls_a_model() {
            if let (Some(input), Some(output)) = (facts.input_tokens, facts.output_tokens) {
                write!(out, "  {input} + {output} tokens")?;
            }
            match spent(span) {
                Spent::Dollars(usd) => write!(out, "  {}", dollars(usd))?,
                Spent::Unknown => out.write_all(b"  $?")?,
                Spent::Nothing => {}
            }
        }
        if let Some(decision) = facts.decision.as_deref().filter(|said| *said != "allow") {
            write!(out, "  {}", visible(decision))?;
        }
        let outcome = facts
            .outcome
            .as_deref()
            .or(span.has_failed.then_some("error"));
        if let Some(outcome) = outcome {
            let (red, plain) = self.colour(RED);
            write!(out, "  {red}{}", visible(outcome))?;
            if let Some(kind) = &facts.error_type {
                write!(out, " {}", visible(kind))?;
            }
            if !span.message.is_empty() {
                write!(out, ": {}", visible(&shortened(&span.message)))?;
            }
            out.write_all(plain.as_bytes())?;
        }
        out.write_all(b"\n")
    }

    /// A span that has begun.
    pub(super) fn begun(&mut self, span: &Brief<'_>, out: &mut impl Write) -> io::Result<()> {
        self.front(span, span.start, BEGUN, out)?;
        out.write_all(b"\n")
    }

    fn front(
        &mut self,
        span: &Brief<'_>,
        at: u64,
        took: &str,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let second = at / 1_000_000_000;
        if self.second.0 != second {
            self.second = (second, moment(second));
        }
        let id = span.trace_id >> 96;
        let colour = usize::try_from(id).unwrap_or(0) % COLOURS.len();
        let (faint, plain) = self.colour(FAINT);
        let (colour, _) = self.colour(COLOURS.get(colour).copied().unwrap_or_default());
        let milliseconds = at / 1_000_000 % 1_000;
        write!(
            out,
            "{faint}{}.{milliseconds:03}{plain} {took:>7} {colour}{id:08x}{plain} {}",
            self.second.1,
            visible(&span.name)
        )
    }

    /// What begins a colour, and what ends it.
    fn colour(&self, colour: &'static str) -> (&'static str, &'static str) {
        match self.is_coloured {
            true => (colour, PLAIN),
            false => ("", ""),
        }
    }
}

/// The time of day in UTC.
fn moment(second: u64) -> String {
    let time = i64::try_from(second)
        .ok()
        .and_then(|second| Timestamp::from_second(second).ok());
    time.map_or_else(
        || "??:??:??".to_owned(),
        |time| time.strftime("%H:%M:%S").to_string(),
    )
}

fn shortened(message: &str) -> Cow<'_, str> {
    match message.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => Cow::Owned(format!("{}…", message.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(message),
    }
}
