//! The time of day, in the names of rotated files and where a reader wants it as text.

use std::time::{SystemTime, UNIX_EPOCH};

/// How long a stamp of the years 0 to 9999 is.
pub(crate) const STAMP_LEN: usize = "2026-11-21T11-43-00.123Z".len();

/// The time in UTC, as in `2026-11-21T11-43-00.123Z`: no colon, which some file systems do not have,
/// and later times sort behind earlier ones.
pub(crate) fn stamp(time: SystemTime) -> String {
    let since_1970 = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = since_1970.subsec_millis();
    format!("{}.{millis:03}Z", second(since_1970.as_secs(), '-'))
}

/// Nanoseconds since 1970 as text, as in `2026-11-21T11:43:00.123456Z`.
pub(crate) fn iso_micros(unix_nano: u64) -> String {
    let micros = unix_nano / 1000 % 1_000_000;
    format!("{}.{micros:06}Z", second(unix_nano / 1_000_000_000, ':'))
}

/// The second that is so many after 1970, with `between` hours, minutes and seconds.
fn second(seconds: u64, between: char) -> String {
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}{between}{minute:02}{between}{second:02}")
}

/// Whether `text` looks like a stamp.
pub(crate) fn is_stamp(text: &[u8]) -> bool {
    let form = b"0000-00-00T00-00-00.000Z";
    text.len() == form.len()
        && text.iter().zip(form).all(|(is, wanted)| match wanted {
            b'0' => is.is_ascii_digit(),
            wanted => is == wanted,
        })
}

/// Year, month and day of the day that is so many days after 1970-01-01.
fn date(days: u64) -> (u64, u64, u64) {
    let (mut year, mut day) = (1970, days);
    while day >= 365 + u64::from(is_leap(year)) {
        day -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    (year, month, day + 1)
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64, millis: u64) -> String {
        stamp(UNIX_EPOCH + Duration::from_secs(seconds) + Duration::from_millis(millis))
    }

    #[test]
    fn a_moment_as_text_has_its_microseconds() {
        assert_eq!(iso_micros(0), "1970-01-01T00:00:00.000000Z");
        let moment = 1_774_210_621_137_264_999;
        assert_eq!(iso_micros(moment), "2026-03-22T20:17:01.137264Z");
    }

    #[test]
    fn a_stamp_says_the_time_in_utc() {
        // What `date -u` says of the same seconds.
        assert_eq!(at(0, 0), "1970-01-01T00-00-00.000Z");
        assert_eq!(at(951_782_399, 999), "2000-02-28T23-59-59.999Z");
        assert_eq!(at(951_782_400, 0), "2000-02-29T00-00-00.000Z");
        assert_eq!(at(1_735_689_599, 1), "2024-12-31T23-59-59.001Z");
        assert_eq!(at(4_107_542_400, 0), "2100-03-01T00-00-00.000Z");
    }

    #[test]
    fn a_stamp_is_known_by_its_form() {
        assert!(is_stamp(at(1_790_000_000, 123).as_bytes()));
        assert_eq!(at(1_790_000_000, 123).len(), STAMP_LEN);
        assert!(!is_stamp(b"2026-11-21T11:43:00.123Z"));
        assert!(!is_stamp(b"2026-11-21"));
    }
}
