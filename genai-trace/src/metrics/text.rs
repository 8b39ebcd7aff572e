//! The Prometheus text format, version 0.0.4.

use std::fmt::{self, Write};

use super::exposition::{Snapshot, collect};
use super::family::{LabelSet, MetricFamily, Value};
use super::number::Number;

/// The exposition of `snapshot`: families by name, series by labels, each family once.
pub(crate) fn render(snapshot: &Snapshot<'_>) -> String {
    let mut out = String::new();
    for family in collect(snapshot) {
        // A string takes every write.
        let _ = write_family(&mut out, &family);
    }
    out
}

fn write_family(out: &mut String, family: &MetricFamily) -> fmt::Result {
    let name = &family.name;
    write!(out, "# HELP {name} ")?;
    escape(out, &family.help, false);
    writeln!(out, "\n# TYPE {name} {}", family.kind)?;
    for (labels, value) in &family.series {
        match value {
            Value::Single(number) => write_sample(out, name, "", labels, None, *number)?,
            Value::Histogram(buckets) => {
                let last = (Number::Float(f64::INFINITY), buckets.count);
                for (bound, count) in buckets.upto.iter().chain([&last]) {
                    let count = Number::Count(*count);
                    write_sample(out, name, "_bucket", labels, Some(*bound), count)?;
                }
                write_sample(out, name, "_sum", labels, None, buckets.sum)?;
                let count = Number::Count(buckets.count);
                write_sample(out, name, "_count", labels, None, count)?;
            }
        }
    }
    Ok(())
}

/// Writes one line; `bound` is the value of `le`, which comes after the other labels.
fn write_sample(
    out: &mut String,
    name: &str,
    suffix: &str,
    labels: &LabelSet,
    bound: Option<Number>,
    value: Number,
) -> fmt::Result {
    write!(out, "{name}{suffix}")?;
    let mut before = '{';
    for (label, text) in labels {
        write!(out, "{before}{label}=\"")?;
        escape(out, text, true);
        out.push('"');
        before = ',';
    }
    if let Some(bound) = bound {
        write!(out, "{before}le=\"{bound}\"")?;
        before = ',';
    }
    if before == ',' {
        out.push('}');
    }
    writeln!(out, " {value}")
}

fn escape(out: &mut String, text: &str, quoted: bool) {
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' if quoted => out.push_str("\\\""),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::family::Buckets;
    use crate::metrics::kind::MetricKind;

    fn written(family: &MetricFamily) -> String {
        let mut out = String::new();
        assert_eq!(write_family(&mut out, family), Ok(()));
        out
    }

    #[test]
    fn help_and_label_values_are_escaped() {
        let mut family = MetricFamily::new("x_total", "a \"b\" \\ \n c", MetricKind::Counter);
        let labels = vec![("tool".into(), "say \"hi\"\\\n".into())];
        family.add(labels, Value::Single(Number::Count(1)));
        assert_eq!(
            written(&family),
            "# HELP x_total a \"b\" \\\\ \\n c\n\
             # TYPE x_total counter\n\
             x_total{tool=\"say \\\"hi\\\"\\\\\\n\"} 1\n"
        );
    }

    #[test]
    fn a_histogram_ends_in_infinity_sum_and_count() {
        let mut family = MetricFamily::new("x_seconds", "X.", MetricKind::Histogram);
        let seconds = |units| Number::Decimal { units, decimals: 9 };
        let buckets = Buckets {
            upto: vec![(seconds(10_000_000), 1), (seconds(2_500_000_000), 2)],
            sum: seconds(4_020_000_000),
            count: 3,
        };
        family.add(Vec::new(), Value::Histogram(buckets.clone()));
        family.add(vec![("tool".into(), "t".into())], Value::Histogram(buckets));
        assert_eq!(
            written(&family),
            "# HELP x_seconds X.\n\
             # TYPE x_seconds histogram\n\
             x_seconds_bucket{le=\"0.01\"} 1\n\
             x_seconds_bucket{le=\"2.5\"} 2\n\
             x_seconds_bucket{le=\"+Inf\"} 3\n\
             x_seconds_sum 4.02\n\
             x_seconds_count 3\n\
             x_seconds_bucket{tool=\"t\",le=\"0.01\"} 1\n\
             x_seconds_bucket{tool=\"t\",le=\"2.5\"} 2\n\
             x_seconds_bucket{tool=\"t\",le=\"+Inf\"} 3\n\
             x_seconds_sum{tool=\"t\"} 4.02\n\
             x_seconds_count{tool=\"t\"} 3\n"
        );
    }
}
