//! How numbers and names are shown to people.

use std::borrow::Cow;
use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A duration in three digits or so: `1.8s`.
pub(crate) fn duration(nanoseconds: u64) -> String {
    let seconds = nanoseconds / 1_000_000_000;
    // Three digits are shown.
    #[allow(clippy::cast_precision_loss)]
    let nanos = nanoseconds as f64;
    match nanoseconds {
        0..1_000 => format!("{nanos}ns"),
        1_000..1_000_000 => format!("{:.0}µs", nanos / 1e3),
        1_000_000..10_000_000 => format!("{:.1}ms", nanos / 1e6),
        10_000_000..1_000_000_000 => format!("{:.0}ms", nanos / 1e6),
        _ if seconds < 60 => format!("{:.1}s", nanos / 1e9),
        _ if seconds < 3_600 => format!("{}m {}s", seconds / 60, seconds % 60),
        _ if seconds < 172_800 => format!("{}h {}m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{}d {}h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// From here on nobody reads a number digit by digit.
const LARGE: f64 = 1e15;
/// Nor below this.
const SMALL: f64 = 1e-6;

/// A number with all its digits, as long as one reads these.
pub(crate) fn number(number: f64) -> String {
    match number.abs() {
        0.0 | SMALL..LARGE => number.to_string(),
        _ => format!("{number:e}"),
    }
}

/// Dollars; what is not nothing is not shown as nothing.
pub(crate) fn dollars(usd: f64) -> String {
    match usd {
        0.0 => "$0".to_owned(),
        usd if usd > 0.0 && usd < 0.000_000_5 => "<$0.000001".to_owned(),
        usd if usd < 0.0 => format!("-{}", dollars(-usd)),
        usd if usd < 0.01 => format!("${usd:.6}"),
        usd if usd < 1e6 => format!("${usd:.4}"),
        usd if usd < LARGE => format!("${usd:.0}"),
        usd => format!("${usd:.3e}"),
    }
}

/// So many of something: `1 span`, `2 spans`.
pub(crate) fn count(number: u64, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {one}s"),
    }
}

/// What calls cost, of which some may have a price that nobody knows: `$0.0006+`, or `?` where no price is known.
pub(crate) fn cost(usd: f64, unpriced: u64) -> String {
    match (usd, unpriced) {
        (0.0, 1..) => "?".to_owned(),
        (usd, 0) => dollars(usd),
        (usd, _) => dollars(usd) + "+",
    }
}

/// When, in UTC, to the second.
pub(crate) fn moment(unix_nano: u64) -> String {
    match Timestamp::from_nanosecond(unix_nano.into()) {
        Ok(time) => {
            let time = time.to_zoned(TimeZone::UTC);
            time.strftime("%Y-%m-%d %H:%M:%S").to_string()
        }
        Err(_) => "?".to_owned(),
    }
}

/// `text` so that nothing in it moves the cursor or changes the colours.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c.is_control() || is_bidirectional(c) {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    shown
}

/// Whether a character turns the direction of what follows, or ends a line somewhere.
const fn is_bidirectional(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// A cell of a table holds so many characters.
const WIDEST: usize = 120;

/// The cell, or as much of it as a table shows.
fn cut(cell: &str) -> Cow<'_, str> {
    match cell.char_indices().nth(WIDEST) {
        Some((end, _)) => format!("{}…", cell.get(..end).unwrap_or_default()).into(),
        None => cell.into(),
    }
}

/// Rows below their heads, each column as wide as its widest cell; numbers stand to the right.
pub(crate) fn table(heads: &[(&str, Align)], rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = heads
        .iter()
        .enumerate()
        .map(|(column, (head, _))| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let widest = cells.map(|cell| cut(cell).chars().count()).max();
            widest.unwrap_or(0).max(head.chars().count())
        })
        .collect();
    let mut out = String::new();
    let head: Vec<String> = heads.iter().map(|(head, _)| (*head).to_owned()).collect();
    for row in std::iter::once(&head).chain(rows) {
        let mut line = String::new();
        for ((cell, width), (_, align)) in row.iter().zip(&widths).zip(heads) {
            let cell = cut(cell);
            let _ = match align {
                Align::Left => write!(line, "{cell:<width$}  "),
                Align::Right => write!(line, "{cell:>width$}  "),
            };
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// On which side of its column a cell stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_dollars_have_as_many_digits_as_one_reads() {
        assert_eq!(duration(999), "999ns");
        assert_eq!(duration(1_800_000_000), "1.8s");
        assert_eq!(duration(7_260_000_000_000), "2h 1m");
        assert_eq!(dollars(0.0), "$0");
        assert_eq!(dollars(0.000_583), "$0.000583");
        assert_eq!(dollars(1.23456), "$1.2346");
        assert_eq!(dollars(1e-9), "<$0.000001");
        assert_eq!(dollars(1_234_567.8), "$1234568");
    }

    #[test]
    fn no_number_has_more_digits_than_one_reads() {
        assert_eq!(dollars(1e308), "$1.000e308");
        assert_eq!(dollars(-1e308), "-$1.000e308");
        assert_eq!(number(1e308), "1e308");
        assert_eq!(number(-2.5e-300), "-2.5e-300");
        assert_eq!(number(0.000_583), "0.000583");
        assert_eq!(number(-123_456.75), "-123456.75");
        assert_eq!(number(0.0), "0");
        assert_eq!(number(f64::INFINITY), "inf");
        assert_eq!(duration(u64::MAX), "213503d 23h");
    }

    #[test]
    fn nothing_in_a_text_reaches_the_terminal() {
        assert_eq!(
            visible("a\x1b[31mb\n\u{202e}c"),
            "a\\u{1b}[31mb\\n\\u{202e}c"
        );
    }

    #[test]
    fn a_cell_longer_than_any_screen_is_cut() {
        let rows = [vec!["x".repeat(100_000)]];
        let table = table(&[("tool", Align::Left)], &rows);
        assert_eq!(table, format!("tool\n{}…\n", "x".repeat(WIDEST)));
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [("read_file", "7"), ("rm", "1000")]
            .map(|(name, calls)| vec![name.to_owned(), calls.to_owned()]);
        let table = table(&[("tool", Align::Left), ("calls", Align::Right)], &rows);
        assert_eq!(
            table,
            "tool       calls\nread_file      7\nrm          1000\n"
        );
    }
}
