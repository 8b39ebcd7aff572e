//! The metrics as a table for people.

use std::fmt::Write;

use super::exposition::{Snapshot, collect};
use super::family::{Buckets, LabelSet, MetricFamily, Value};
use super::number::Number;

/// A table of `snapshot`: each family's name, below it the labels and the value of each series.
///
/// A histogram is shown as its count, its mean, and the bounds under which half and 95 % of
/// the values lie.
pub(crate) fn render(snapshot: &Snapshot<'_>) -> String {
    let mut out = String::new();
    for family in collect(snapshot) {
        write_family(&mut out, &family);
    }
    out
}

fn write_family(out: &mut String, family: &MetricFamily) {
    let unit = unit(&family.name);
    let rows: Vec<(String, String)> = family
        .series
        .iter()
        .map(|(labels, value)| (in_words(labels), value_in_words(value, unit)))
        .collect();
    let widths = rows.iter().map(|(labels, _)| labels.chars().count());
    let width = widths.max().unwrap_or(0);
    // A string takes every write.
    let _ = writeln!(out, "{}", family.name);
    for (labels, value) in rows {
        let _ = if width == 0 {
            writeln!(out, "  {value}")
        } else {
            writeln!(out, "  {labels:width$}  {value}")
        };
    }
}

/// The unit of a family, which the end of its name tells.
fn unit(name: &str) -> &'static str {
    match name.trim_end_matches("_total") {
        name if name.ends_with("_seconds") => " s",
        name if name.ends_with("_ms") => " ms",
        _ => "",
    }
}

fn in_words(labels: &LabelSet) -> String {
    let pairs: Vec<String> = labels
        .iter()
        .map(|(label, value)| format!("{label}={}", value.escape_debug()))
        .collect();
    pairs.join(" ")
}

fn value_in_words(value: &Value, unit: &str) -> String {
    match value {
        Value::Single(number) => format!("{number}{unit}"),
        Value::Histogram(buckets) => format!(
            "count {}, mean {}{unit}, p50 {}{unit}, p95 {}{unit}",
            buckets.count,
            rounded(buckets.sum.as_f64() / buckets.count.max(1) as f64),
            percentile(buckets, 0.50),
            percentile(buckets, 0.95),
        ),
    }
}

/// The bound under which `share` of the values lie. A line through the bucket would show digits
/// that nobody has measured.
fn percentile(buckets: &Buckets, share: f64) -> String {
    let rank = share * buckets.count as f64;
    let bounds = || buckets.upto.iter().map(|(bound, _)| bound.as_f64());
    let reached = buckets
        .upto
        .iter()
        .position(|(_, count)| *count as f64 >= rank);
    match reached.and_then(|place| bounds().nth(place)) {
        Some(bound) => format!("≤{}", rounded(bound)),
        None => format!(">{}", rounded(bounds().next_back().unwrap_or(0.0))),
    }
}

/// At most three significant digits.
fn rounded(value: f64) -> String {
    let value = format!("{value:.2e}").parse().unwrap_or(value);
    Number::Float(value).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 100 values: 50 up to 1, 45 more up to 2, 5 above.
    fn buckets() -> Buckets {
        Buckets {
            upto: vec![(Number::Float(1.0), 50), (Number::Float(2.0), 95)],
            sum: Number::Float(123.456),
            count: 100,
            exemplars: Vec::new(),
            exponential: None,
        }
    }

    #[test]
    fn a_histogram_is_told_in_one_line() {
        assert_eq!(
            value_in_words(&Value::Histogram(buckets()), " s"),
            "count 100, mean 1.23 s, p50 ≤1 s, p95 ≤2 s"
        );
    }

    #[test]
    fn a_percentile_is_the_bound_that_holds_it() {
        assert_eq!(percentile(&buckets(), 0.25), "≤1");
        assert_eq!(percentile(&buckets(), 0.725), "≤2");
        assert_eq!(percentile(&buckets(), 0.96), ">2");
    }

    #[test]
    fn units_are_read_from_names() {
        assert_eq!(unit("tool_latency_ms"), " ms");
        assert_eq!(unit("genai_trace_drain_busy_seconds_total"), " s");
        assert_eq!(unit("tools_called_total"), "");
    }

    #[test]
    fn values_of_any_size_stay_short() {
        assert_eq!(rounded(7717.2), "7720");
        assert_eq!(rounded(0.000_123_456), "0.000123");
        assert_eq!(rounded(1e300), "1e300");
        assert_eq!(rounded(0.0), "0");
        assert_eq!(rounded(f64::NAN), "NaN");
    }
}
