//! The options of every command that reads spans, and the reading itself.

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use genai_trace::SpanRecord;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, civil};
use tempfile::NamedTempFile;

use crate::input::{Reading, Source, fold, sources};
use crate::span::{Brief, records};

/// What is read, and of which time.
#[derive(Debug, Args)]
pub(crate) struct Input {
    /// Files of spans, patterns, or - for standard input; a file with those rotated away from it
    #[arg(default_value = "traces.jsonl", value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    period: Period,
}

/// Of which time.
#[derive(Debug, Args)]
pub(crate) struct Period {
    /// Only spans that began at this time or later: 90s, 15m, 1h or 2d ago, or 2026-11-22T10:00 (UTC)
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// Only spans that began before this time
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
}

/// A moment that an argument names, in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(u64);

/// No moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoMoment;

impl fmt::Display for NoMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a time ago like 15m, 1h or 2d, or a time like 2026-11-22T10:00 (UTC)")
    }
}

impl std::error::Error for NoMoment {}

impl FromStr for Moment {
    type Err = NoMoment;

    fn from_str(text: &str) -> Result<Self, NoMoment> {
        Self::at(text, Timestamp::now()).ok_or(NoMoment)
    }
}

impl Moment {
    /// In nanoseconds since 1970.
    pub(crate) const fn unix_nano(self) -> u64 {
        self.0
    }

    fn at(text: &str, now: Timestamp) -> Option<Self> {
        let time = match ago(text) {
            Some(ago) => now.checked_sub(ago).ok()?,
            None => timestamp(text)?,
        };
        time.as_nanosecond().try_into().ok().map(Moment)
    }
}

/// How long ago: a number with `s`, `m`, `h`, `d` or `w`.
fn ago(text: &str) -> Option<SignedDuration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    let number: u32 = number.parse().ok()?;
    Some(SignedDuration::from_secs(i64::from(number) * seconds))
}

fn timestamp(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let time: civil::DateTime = text.parse().ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

impl Period {
    /// Whether a span is of that time.
    pub(crate) fn holds(&self, span: &Brief<'_>) -> bool {
        self.since.is_none_or(|since| span.start >= since.0)
            && self.until.is_none_or(|until| span.start < until.0)
    }
}

impl Input {
    /// Shows `each` every span of the time that was asked for, on several threads, each with a value of its own that
    /// `make` has made. The values, in no order, and how the reading went.
    pub(crate) fn each_span<A: Send>(
        &self,
        make: impl Fn() -> A + Sync,
        each: impl Fn(&mut A, &Brief<'_>) + Sync,
    ) -> Result<(Vec<A>, Reading), String> {
        let scan = Scan {
            sources: sources(&self.files)?,
            _copy: None,
        };
        let (values, reading) = scan.each_span(make, |value, span| {
            if self.period.holds(span) {
                each(value, span);
            }
        })?;
        scan.complain(&reading);
        Ok((values, reading))
    }
}

/// Sources that may be read more than once.
#[derive(Debug)]
pub(crate) struct Scan {
    sources: Vec<Source>,
    /// What came on standard input, as long as it is read.
    _copy: Option<NamedTempFile>,
}

impl Scan {
    /// What the arguments name; standard input is copied first, since it can be read only once.
    pub(crate) fn of(files: &[PathBuf]) -> Result<Self, String> {
        let mut sources = sources(files)?;
        let mut copy = None;
        for source in &mut sources {
            if *source == Source::Stdin {
                let file = copied().map_err(|error| format!("cannot keep {source}: {error}"))?;
                *source = Source::File(file.path().to_owned());
                copy = Some(file);
            }
        }
        Ok(Self {
            sources,
            _copy: copy,
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
    let mut file = NamedTempFile::new()?;
    io::copy(&mut io::stdin().lock(), &mut file)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_so_long_ago_or_said_as_it_is() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let at = |text| Moment::at(text, now);
        let said = |text: &str| {
            let time: Timestamp = text.parse().unwrap();
            Some(Moment(time.as_nanosecond().try_into().unwrap()))
        };
        assert_eq!(at("90m"), said("2026-11-22T08:30:00Z"));
        assert_eq!(at("1w"), said("2026-11-15T10:00:00Z"));
        assert_eq!(at("2026-11-22T09:00"), said("2026-11-22T09:00:00Z"));
        assert_eq!(at("2026-11-22"), said("2026-11-22T00:00:00Z"));
        assert_eq!(
            at("2026-11-22T09:00:00+02:00"),
            said("2026-11-22T07:00:00Z")
        );
        for bad in ["", "h", "1y", "-1h", "soon", "1,5h"] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }
}
