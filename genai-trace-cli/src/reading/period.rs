//! Of which time spans are read.

use std::fmt;
use std::str::FromStr;

use clap::Args;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, civil};

use crate::span::Brief;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoMoment {
    /// It is no time.
    NoTime,
    /// It is one that no span has: they count nanoseconds from 1970 in 64 bits.
    OutOfRange,
}

impl fmt::Display for NoMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoTime => {
                "expected a time ago like 15m, 1h or 2d, or a time like 2026-11-22T10:00 (UTC)"
            }
            Self::OutOfRange => {
                "the time is out of range: expected one from 1970-01-01 to 2554-07-21 (UTC)"
            }
        })
    }
}

impl std::error::Error for NoMoment {}

impl FromStr for Moment {
    type Err = NoMoment;

    fn from_str(text: &str) -> Result<Self, NoMoment> {
        Self::at(text, Timestamp::now())
    }
}

impl Moment {
    /// In nanoseconds since 1970.
    pub(crate) const fn unix_nano(self) -> u64 {
        self.0
    }

    fn at(text: &str, now: Timestamp) -> Result<Self, NoMoment> {
        let time = match ago(text) {
            Some(ago) => ago.and_then(|ago| now.checked_sub(ago).ok()),
            None => Some(timestamp(text).ok_or(NoMoment::NoTime)?),
        };
        let nanoseconds = time.and_then(|time| time.as_nanosecond().try_into().ok());
        nanoseconds.map(Moment).ok_or(NoMoment::OutOfRange)
    }
}

/// How long ago: a number with `s`, `m`, `h`, `d` or `w`. Within that none where it is longer than can be said.
fn ago(text: &str) -> Option<Option<SignedDuration>> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    let ago = number.parse::<u32>().ok();
    let ago = ago.map(|number| SignedDuration::from_secs(i64::from(number) * seconds));
    is_number.then_some(ago)
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
        self.contains(span.start)
    }

    /// Whether that is all the time there is.
    pub(super) const fn is_any(&self) -> bool {
        self.since.is_none() && self.until.is_none()
    }

    /// Whether a moment is of that time, in nanoseconds since 1970.
    pub(crate) fn contains(&self, moment: u64) -> bool {
        self.since.is_none_or(|since| moment >= since.0)
            && self.until.is_none_or(|until| moment < until.0)
    }
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
            Ok(Moment(time.as_nanosecond().try_into().unwrap()))
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
            assert_eq!(at(bad), Err(NoMoment::NoTime), "{bad}");
        }
    }

    #[test]
    fn a_time_that_no_span_can_have_is_out_of_range() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        for far in [
            "9999999w",
            "99999999999999999999h",
            "3000w",
            "1969-12-31",
            "2600-01-01T00:00",
        ] {
            assert_eq!(Moment::at(far, now), Err(NoMoment::OutOfRange), "{far}");
        }
        let last = Timestamp::from_nanosecond(u64::MAX.into()).unwrap();
        assert!(last.to_string().starts_with("2554-07-21"), "{last}");
    }
}
