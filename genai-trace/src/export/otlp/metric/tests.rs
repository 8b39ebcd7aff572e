//! Metrics become messages as others read them, and what has changed adds up.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use serde_json::{Value as Json, json};

use super::super::json::document;
use super::super::request::Gathered;
use super::super::signal::Signal;
use super::*;
use crate::metrics::exponential::Exponential;

const AGGREGATION: OtlpHistogramAggregation = OtlpHistogramAggregation::ExplicitBucket;
const NAME_OF_TOOLS: &str = "gen_ai_execute_tool_duration_seconds";

fn labels(tool: &str) -> LabelSet {
    vec![("gen_ai_tool_name".into(), tool.into())]
}

/// A histogram with the bounds 10 ms and 20 ms.
fn tools(tool: &str, upto: [u64; 2], nanoseconds: u64, count: u64) -> MetricFamily {
    let seconds = |units| Number::Decimal { units, decimals: 9 };
    let mut family = MetricFamily::new(NAME_OF_TOOLS, "Duration.", MetricKind::Histogram);
    let buckets = Buckets {
        upto: [10_000_000, 20_000_000]
            .map(seconds)
            .into_iter()
            .zip(upto)
            .collect(),
        sum: seconds(nanoseconds),
        count,
        exemplars: Vec::new(),
        exponential: None,
    };
    family.add(labels(tool), Value::Histogram(buckets));
    family
}

fn counter(counts: &[(&str, u64)]) -> MetricFamily {
    let mut family = MetricFamily::new("questions_total", "Questions.", MetricKind::Counter);
    for (kind, count) in counts {
        let labels = vec![("kind".into(), (*kind).into())];
        family.add(labels, Value::Single(Number::Count(*count)));
    }
    family
}

fn message(family: &MetricFamily, series: &[(LabelSet, Value)]) -> Metric {
    let spelling = Spelling::of(family);
    let span = Span {
        start: 1,
        end: 2,
        since: 1,
    };
    Metric {
        name: spelling.name.to_string(),
        description: spelling.description.to_string(),
        unit: spelling.unit.to_owned(),
        data: Some(data(family.kind, AGGREGATION, &spelling, series, 2, span)),
        ..Metric::default()
    }
}

fn request(family: &MetricFamily) -> Vec<u8> {
    let mut gathered = Gathered::default();
    let resource = Arc::new(Attributes::from_iter([("service.name", "coder")]));
    gathered.add(Item {
        resource: &resource,
        scope: None,
        schema_url: SCHEMA_URL,
        body: message(family, &family.series).encode_to_vec(),
    });
    gathered.take().encode_to_vec()
}

#[test]
fn a_histogram_has_its_buckets_apart() {
    let bytes = request(&tools("read_file", [1, 3], 85_000_000, 4));
    let request = ExportMetricsServiceRequest::decode(bytes.as_slice()).unwrap();
    let metric = &request.resource_metrics[0].scope_metrics[0].metrics[0];
    assert_eq!(metric.name, "gen_ai.execute_tool.duration");
    assert_eq!(
        (metric.unit.as_str(), metric.description.as_str()),
        ("s", "Duration.")
    );
    let Some(Data::Histogram(histogram)) = &metric.data else {
        panic!("it is a histogram");
    };
    let point = &histogram.data_points[0];
    assert_eq!(point.bucket_counts, [1, 2, 1]);
    assert_eq!(point.explicit_bounds, [0.01, 0.02]);
    assert_eq!((point.count, point.sum), (4, Some(0.085)));
    assert_eq!(point.attributes[0].key, "gen_ai.tool.name");
}

#[test]
fn documents_are_written_as_the_specification_has_them() {
    let read = |family: &MetricFamily| {
        let document: Json =
            serde_json::from_slice(&document(Signal::Metrics, &request(family)).unwrap()).unwrap();
        document["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0].clone()
    };
    let pair = |key: &str, text: &str| json!({ "key": key, "value": { "stringValue": text } });
    let expected = json!({
        "name": "gen_ai.execute_tool.duration",
        "description": "Duration.",
        "unit": "s",
        "histogram": {
            "aggregationTemporality": 2,
            "dataPoints": [{
                "attributes": [pair("gen_ai.tool.name", "read_file")],
                "startTimeUnixNano": "1",
                "timeUnixNano": "2",
                "count": "4",
                "sum": 0.085,
                "bucketCounts": ["1", "2", "1"],
                "explicitBounds": [0.01, 0.02],
            }],
        },
    });
    assert_eq!(read(&tools("read_file", [1, 3], 85_000_000, 4)), expected);
    let expected = json!({
        "name": "questions_total",
        "description": "Questions.",
        "sum": {
            "aggregationTemporality": 2,
            "isMonotonic": true,
            "dataPoints": [{
                "attributes": [pair("kind", "todo")],
                "startTimeUnixNano": "1",
                "timeUnixNano": "2",
                "asInt": "7",
            }],
        },
    });
    assert_eq!(read(&counter(&[("todo", 7)])), expected);
    let mut gauge = MetricFamily::new("queue_depth", "Depth.", MetricKind::Gauge);
    gauge.add(Vec::new(), Value::Single(Number::Float(f64::INFINITY)));
    let expected = json!({
        "name": "queue_depth",
        "description": "Depth.",
        "gauge": { "dataPoints": [{ "timeUnixNano": "2", "asDouble": "Infinity" }] },
    });
    assert_eq!(read(&gauge), expected);
}

#[test]
fn an_exponential_histogram_is_written_as_the_specification_has_it() {
    let mut family = tools("read_file", [1, 3], 85_000_000, 4);
    let exponential = Exponential {
        scale: 3,
        zeros: 1,
        positive: exponential::Buckets {
            first: -7,
            counts: vec![1, 0, 2],
        },
        negative: exponential::Buckets::default(),
    };
    for (_, value) in &mut family.series {
        if let Value::Histogram(buckets) = value {
            buckets.exponential = Some(exponential.clone());
        }
    }
    let spelling = Spelling::of(&family);
    let points = exponential_histograms(
        &spelling,
        &family.series,
        Span {
            start: 1,
            end: 2,
            since: 1,
        },
    );
    let metric = Metric {
        name: "x".to_owned(),
        data: Some(Data::ExponentialHistogram(ExponentialHistogram {
            data_points: points,
            aggregation_temporality: 2,
        })),
        ..Metric::default()
    };
    assert_eq!(Signal::Metrics.count_of(&metric.encode_to_vec()), 1);
    if let Some(Data::ExponentialHistogram(of)) = &metric.data {
        let mut several = of.clone();
        several.data_points = vec![of.data_points[0].clone(); 3];
        let data = Some(Data::ExponentialHistogram(several));
        let metric = Metric {
            data,
            ..metric.clone()
        };
        assert_eq!(Signal::Metrics.count_of(&metric.encode_to_vec()), 3);
    }
    let mut gathered = Gathered::default();
    let resource = Arc::new(Attributes::from_iter([("service.name", "coder")]));
    gathered.add(Item {
        resource: &resource,
        scope: None,
        schema_url: SCHEMA_URL,
        body: metric.encode_to_vec(),
    });
    let request = gathered.take().encode_to_vec();
    let document: Json =
        serde_json::from_slice(&document(Signal::Metrics, &request).unwrap()).unwrap();
    let pair = json!({ "key": "gen_ai.tool.name", "value": { "stringValue": "read_file" } });
    assert_eq!(
        document["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0],
        json!({
            "name": "x",
            "exponentialHistogram": {
                "aggregationTemporality": 2,
                "dataPoints": [{
                    "attributes": [pair],
                    "startTimeUnixNano": "1",
                    "timeUnixNano": "2",
                    "count": "4",
                    "sum": 0.085,
                    "scale": 3,
                    "zeroCount": "1",
                    "positive": { "offset": -7, "bucketCounts": ["1", "0", "2"] },
                }],
            },
        })
    );
}

#[test]
fn what_has_changed_adds_up_to_what_there_is_and_nothing_is_said_of_the_rest() {
    let mut deltas = Deltas::since(5);
    assert_eq!((deltas.turn(6), deltas.turn(7)), (5, 6));
    let single = |count| Value::Single(Number::Count(count));
    let kind = |kind: &str| vec![("kind".into(), kind.into())];
    let first = deltas.of(counter(&[("idea", 0), ("todo", 3)]));
    assert_eq!(first, [(kind("todo"), single(3))]);
    let second = deltas.of(counter(&[("bug", 2), ("idea", 0), ("todo", 7)]));
    assert_eq!(
        second,
        [(kind("bug"), single(2)), (kind("todo"), single(4))]
    );
    assert_eq!(
        deltas.of(counter(&[("bug", 2), ("idea", 0), ("todo", 7)])),
        []
    );

    deltas.of(tools("read_file", [1, 3], 85_000_000, 4));
    let changed = deltas.of(tools("read_file", [1, 4], 100_000_000, 6));
    let Some((_, Value::Histogram(buckets))) = changed.first() else {
        panic!("it has changed");
    };
    assert_eq!(apart(buckets), [0, 1, 1]);
    assert_eq!(buckets.sum.as_f64(), 0.015);
    assert_eq!(deltas.of(tools("read_file", [1, 4], 100_000_000, 6)), []);
}

#[test]
fn each_temporality_asks_for_what_its_name_says() {
    let asked = |temporality: OtlpTemporality| {
        [
            counter(&[]),
            tools("x", [0, 0], 0, 0),
            MetricFamily::new("genai_trace_spans_total", "Spans.", MetricKind::Counter),
            MetricFamily::new("queue_depth", "Depth.", MetricKind::Gauge),
        ]
        .map(|family| temporality.is_delta(&family))
    };
    assert_eq!(asked(OtlpTemporality::Cumulative), [false; 4]);
    assert_eq!(asked(OtlpTemporality::Delta), [true, true, true, false]);
    assert_eq!(
        asked(OtlpTemporality::LowMemory),
        [true, true, false, false]
    );
}
