//! How families are registered, refused and counted.

#![allow(clippy::unwrap_used)]

use super::{MetricError, Registry};
use crate::metrics::family::{MetricFamily, OVERFLOW_LABEL, Value};
use crate::metrics::number::Number;

const HELP: &str = "Questions.";

fn values(family: &MetricFamily) -> impl Iterator<Item = &Value> {
    family.series.iter().map(|(_, value)| value)
}

fn refusal<T: std::fmt::Debug>(result: Result<T, MetricError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn asking_twice_gives_the_same_family() {
    let registry = Registry::default();
    let first = registry.counter("asked_total", HELP).unwrap();
    first.with(&[("kind", "a"), ("size", "b")]).unwrap().inc();
    let second = registry.clone().counter("asked_total", "Other.").unwrap();
    second.with(&[("size", "b"), ("kind", "a")]).unwrap().add(4);
    let families = registry.families();
    let values: Vec<_> = families.iter().flat_map(values).collect();
    assert_eq!(values, [&Value::Single(Number::Count(5))]);
    assert!(families.iter().all(|family| family.help == HELP));
}

#[test]
fn an_empty_value_is_the_same_as_no_label() {
    let registry = Registry::default();
    let family = registry.counter("asked_total", HELP).unwrap();
    family.with(&[("kind", "")]).unwrap().inc();
    family.with(&[]).unwrap().inc();
    let families = registry.families();
    let values: Vec<_> = families.iter().flat_map(values).collect();
    assert_eq!(values, [&Value::Single(Number::Count(2))]);
}

#[test]
fn another_kind_or_other_bounds_are_an_error_that_names_them() {
    let registry = Registry::default();
    registry.gauge("depth", HELP).unwrap();
    assert_eq!(
        refusal(registry.histogram("depth", HELP, &[])),
        "`depth` is a gauge already, not a histogram"
    );
    registry.histogram("size", HELP, &[1.0, 2.0]).unwrap();
    registry.histogram("size", HELP, &[1.0, 2.0]).unwrap();
    assert_eq!(
        refusal(registry.histogram("size", HELP, &[1.0])),
        "histogram `size` is registered with other bounds"
    );
}

#[test]
fn names_that_would_not_be_shown_well_are_refused() {
    let registry = Registry::default();
    for (name, fault) in [
        ("", "is no prometheus name"),
        ("9lives_total", "is no prometheus name"),
        ("a b_total", "is no prometheus name"),
        ("größe_total", "is no prometheus name"),
        ("tools_called_total", "is the name of a built-in metric"),
        ("chat_requests_total", "is the name of a built-in metric"),
        ("genai_trace_mine_total", "is the name of a built-in metric"),
        ("x_count", "must not end in `_bucket`"),
        ("asked", "must end in `_total`"),
    ] {
        let message = refusal(registry.counter(name, HELP));
        let start = format!("counter `{name}` {fault}");
        assert!(message.starts_with(&start), "{message}");
    }
    assert_eq!(
        refusal(registry.gauge("x_total", HELP)),
        "gauge `x_total` must not end in `_total`, which counters do"
    );
    assert_eq!(
        refusal(registry.gauge("x", " ")),
        "gauge `x` needs a help text"
    );
    assert!(registry.families().is_empty());
}

#[test]
fn labels_without_limit_and_ill_named_ones_are_refused() {
    let family = Registry::default().counter("asked_total", HELP).unwrap();
    for label in [
        "user_id",
        "user.id",
        "User_ID",
        "enduser.id",
        "conversation_id",
        "gen_ai.conversation.id",
        "trace_id",
    ] {
        let message = refusal(family.with(&[(label, "x")]));
        assert!(
            message.ends_with("label values must be bounded"),
            "{message}"
        );
    }
    for label in ["", "a-b", "1a", "__name__", "le", "a:b"] {
        assert!(family.with(&[(label, "x")]).is_err(), "{label}");
    }
    assert_eq!(
        refusal(family.with(&[("a.b", "x"), ("a_b", "y")])),
        "metric `asked_total`: label `a_b` is given twice"
    );
    assert!(family.with(&[("valid", "x"), ("region", "y")]).is_ok());
}

#[test]
fn bounds_must_be_finite_and_increase() {
    let registry = Registry::default();
    for (bounds, fault) in [
        (&[1.0, 1.0][..], "bound 1 does not increase"),
        (&[2.0, -1.0], "bound -1 does not increase"),
        (&[f64::NAN], "bound NaN is not finite"),
        (&[1.0, f64::INFINITY], "bound inf is not finite"),
    ] {
        let message = refusal(registry.histogram("size", HELP, bounds));
        assert_eq!(message, format!("histogram `size`: {fault}"));
    }
}

#[test]
fn values_are_counted_at_or_below_their_bound_and_odd_ones_stay_out_of_the_sum() {
    let registry = Registry::default();
    let family = registry.histogram("size", HELP, &[-1.0, 0.0, 1.5]).unwrap();
    let size = family.with(&[]).unwrap();
    for value in [
        -1.0,
        -0.0,
        1.5,
        1.6,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ] {
        size.observe(value);
    }
    let families = registry.families();
    let shown = families.iter().flat_map(values);
    let Some(Value::Histogram(buckets)) = shown.last() else {
        unreachable!("the histogram is shown");
    };
    let counts: Vec<u64> = buckets.upto.iter().map(|(_, count)| *count).collect();
    assert_eq!(counts, [2, 3, 4]);
    assert_eq!(buckets.count, 7);
    assert_eq!(buckets.sum, Number::Float(-1.0 + 1.5 + 1.6));
}

#[test]
fn beyond_two_thousand_series_counts_go_to_one_and_none_is_lost() {
    let registry = Registry::default();
    let family = registry.counter("asked_total", HELP).unwrap();
    for number in 0..5_000 {
        let name = number.to_string();
        family.with(&[("name", &name)]).unwrap().inc();
    }
    let families = registry.families();
    let series: Vec<_> = families.iter().flat_map(|family| &family.series).collect();
    assert_eq!(series.len(), 2_001);
    let overflow = series.iter().find(|(labels, _)| {
        labels
            .iter()
            .any(|(label, value)| label == OVERFLOW_LABEL && &**value == "true")
    });
    let expected = Value::Single(Number::Count(3_000));
    assert_eq!(overflow.map(|(_, value)| value), Some(&expected));
}

#[test]
fn threads_count_together() {
    let registry = Registry::default();
    let asked = registry
        .counter("asked_total", HELP)
        .unwrap()
        .with(&[])
        .unwrap();
    let depth = registry.gauge("depth", HELP).unwrap().with(&[]).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..1_000 {
                    asked.inc();
                    depth.add(1.0);
                    depth.sub(0.5);
                }
            });
        }
    });
    let families = registry.families();
    let values: Vec<_> = families.iter().flat_map(values).collect();
    let (count, level) = (Number::Count(4_000), Number::Float(2_000.0));
    assert_eq!(values, [&Value::Single(count), &Value::Single(level)]);
}
