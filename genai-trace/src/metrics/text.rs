//! The Prometheus text format, version 0.0.4, and OpenMetrics 1.0, which came of it.

use std::fmt::{self, Display, Write};

use super::exposition::{Snapshot, collect};
use super::family::{LabelSet, MetricFamily, Shown, Value};
use super::kind::MetricKind;
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

/// The same in the format OpenMetrics 1.0. It names the family of a counter without its `_total`, and knows no
/// counter without one.
pub(crate) fn render_open(snapshot: &Snapshot<'_>) -> String {
    let mut out = String::new();
    let families = collect(snapshot);
    for family in &families {
        let named = family.name.strip_suffix("_total");
        let named = named.filter(|name| families.iter().all(|other| other.name != *name));
        // A string takes every write.
        let _ = write_open_family(&mut out, family, named);
    }
    out.push_str("# EOF\n");
    out
}

fn write_family(out: &mut String, family: &MetricFamily) -> fmt::Result {
    write_head(out, &family.name, &family.kind, &family.help, false)?;
    write_series(out, family, false)
}

/// Writes a family, which is called `named` where it is a counter and nothing else is called so.
fn write_open_family(out: &mut String, family: &MetricFamily, named: Option<&str>) -> fmt::Result {
    let (name, kind): (&str, &dyn Display) = match (family.kind, named) {
        (MetricKind::Counter, Some(named)) => (named, &family.kind),
        (MetricKind::Counter, None) => (&family.name, &"unknown"),
        _ => (&family.name, &family.kind),
    };
    write_head(out, name, kind, &family.help, true)?;
    write_series(out, family, true)
}

/// Writes the two lines before a family's series; OpenMetrics has quotes in a help escaped.
fn write_head(
    out: &mut String,
    name: &str,
    kind: &dyn Display,
    help: &str,
    quoted: bool,
) -> fmt::Result {
    write!(out, "# HELP {name} ")?;
    escape(out, help, quoted);
    writeln!(out, "\n# TYPE {name} {kind}")
}

/// Writes the samples of a family, in OpenMetrics with the spans that stand for buckets.
fn write_series(out: &mut String, family: &MetricFamily, exemplars: bool) -> fmt::Result {
    let name = &family.name;
    for (labels, value) in &family.series {
        match value {
            Value::Single(number) => {
                write_sample(out, name, "", labels, None, *number)?;
                out.push('\n');
            }
            Value::Histogram(buckets) => {
                let last = (Number::Float(f64::INFINITY), buckets.count);
                let mut shown = buckets.exemplars.iter().filter(|_| exemplars);
                for (bound, count) in buckets.upto.iter().chain([&last]) {
                    let count = Number::Count(*count);
                    write_sample(out, name, "_bucket", labels, Some(*bound), count)?;
                    if let Some(Some(shown)) = shown.next() {
                        write_exemplar(out, shown)?;
                    }
                    out.push('\n');
                }
                write_sample(out, name, "_sum", labels, None, buckets.sum)?;
                out.push('\n');
                let count = Number::Count(buckets.count);
                write_sample(out, name, "_count", labels, None, count)?;
                out.push('\n');
            }
        }
    }
    Ok(())
}

/// Writes one line without its end; `bound` is the value of `le`, which comes after the other labels.
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
    write!(out, " {value}")
}

/// Writes which span stands for a bucket: its ids, its value, and when it ended, in seconds since 1970.
fn write_exemplar(out: &mut String, shown: &Shown) -> fmt::Result {
    let Shown { exemplar, value } = shown;
    let ended = Number::Decimal {
        units: exemplar.ended,
        decimals: 9,
    };
    write!(
        out,
        " # {{trace_id=\"{}\",span_id=\"{}\"}} {value} {ended}",
        exemplar.trace_id, exemplar.span_id
    )
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
    fn a_counter_has_its_name_without_total_in_open_metrics_unless_that_is_taken() {
        let mut family = MetricFamily::new("x_total", "An \"x\".", MetricKind::Counter);
        family.add(Vec::new(), Value::Single(Number::Count(1)));
        let written = |named| {
            let mut out = String::new();
            assert_eq!(write_open_family(&mut out, &family, named), Ok(()));
            out
        };
        assert_eq!(
            written(Some("x")),
            "# HELP x An \\\"x\\\".\n# TYPE x counter\nx_total 1\n"
        );
        assert_eq!(
            written(None),
            "# HELP x_total An \\\"x\\\".\n# TYPE x_total unknown\nx_total 1\n"
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
            exemplars: Vec::new(),
            exponential: None,
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
