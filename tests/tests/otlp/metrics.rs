//! Metrics leave the process by OTLP, and say what the Prometheus text says.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::LONG;
use crate::backend::{Answer, Backend};
use crate::folder::Folder;
use genai_trace::{
    MemoryExporter, OtlpOptions, OtlpProtocol, OtlpTemporality, Report, Telemetry, current,
    genai_tool,
};
use genai_trace_tests::turn;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, HistogramDataPoint, Metric, NumberDataPoint, exemplar, metric::Data,
};

const CUMULATIVE: i32 = 2;
const DELTA: i32 = 1;

/// Nothing is collected but by flushes and at the end.
fn options(backend: &Backend, folder: &Folder) -> OtlpOptions {
    OtlpOptions::default()
        .endpoint(backend.url_of("metrics"))
        .spool(folder.path())
        .every(Duration::from_secs(3600))
}

fn install(options: OtlpOptions) -> Telemetry {
    Telemetry::builder()
        .memory(&MemoryExporter::new())
        .flush_timeout(LONG)
        .metrics_otlp_with(options)
        .install()
        .unwrap()
}

#[genai_tool("read_file")]
fn read_file() {}

/// Calls the tool; the ids of its span.
fn span_of_read_file() -> (Vec<u8>, Vec<u8>) {
    #[genai_tool("read_file")]
    fn seen() -> Option<(Vec<u8>, Vec<u8>)> {
        let (trace, span) = (current().trace_id()?, current().span_id()?);
        Some((trace.to_bytes().to_vec(), span.to_bytes().to_vec()))
    }
    seen().unwrap()
}

fn called<'a>(metrics: &'a [Metric], name: &str) -> Vec<&'a Metric> {
    metrics
        .iter()
        .filter(|metric| metric.name == name)
        .collect()
}

fn sum(metric: &Metric) -> (i32, &[NumberDataPoint]) {
    match &metric.data {
        Some(Data::Sum(sum)) if sum.is_monotonic => (sum.aggregation_temporality, &sum.data_points),
        other => panic!("{other:?} is no sum that only grows"),
    }
}

fn histogram(metric: &Metric) -> (i32, &[HistogramDataPoint]) {
    match &metric.data {
        Some(Data::Histogram(of)) => (of.aggregation_temporality, &of.data_points),
        other => panic!("{other:?} is no histogram"),
    }
}

fn int(point: &NumberDataPoint) -> i64 {
    match point.value {
        Some(Value::AsInt(number)) => number,
        other => panic!("{other:?} is no integer"),
    }
}

#[test]
fn a_bucket_names_a_span_that_fell_into_it_since_the_last_time() {
    let _turn = turn();
    for protocol in [OtlpProtocol::HttpProtobuf, OtlpProtocol::HttpJson] {
        let (backend, folder) = (Backend::new(), Folder::new("otlp-exemplars"));
        let telemetry = install(options(&backend, &folder).protocol(protocol));
        let before = std::time::SystemTime::now();
        let (trace_id, span_id) = span_of_read_file();
        // What a flush collects has ended before it, but is drained beside it.
        assert!(telemetry.flush(LONG).complete && telemetry.flush(LONG).complete);
        let arrived = |metrics: &[Metric]| -> Vec<Exemplar> {
            let of_tools = called(metrics, "gen_ai.execute_tool.duration");
            let points = of_tools.iter().flat_map(|metric| histogram(metric).1);
            points.flat_map(|point| point.exemplars.clone()).collect()
        };
        let metrics = backend.everything().metrics;
        let [exemplar] = &arrived(&metrics)[..] else {
            panic!("one span stands for the tools: {:?}", arrived(&metrics));
        };
        assert_eq!(exemplar.trace_id, trace_id);
        assert_eq!(exemplar.span_id, span_id);
        let since_1970 = before.duration_since(std::time::UNIX_EPOCH).unwrap();
        assert!(u128::from(exemplar.time_unix_nano) >= since_1970.as_nanos());
        let Some(exemplar::Value::AsDouble(seconds)) = exemplar.value else {
            panic!("{:?} is no duration", exemplar.value);
        };
        assert!(seconds > 0.0 && seconds < 60.0, "{seconds}");
        assert!(telemetry.shutdown(LONG).complete);
    }
}

#[test]
fn counters_gauges_and_histograms_arrive_over_each_protocol() {
    let _turn = turn();
    for protocol in [OtlpProtocol::HttpProtobuf, OtlpProtocol::HttpJson] {
        let (backend, folder) = (Backend::new(), Folder::new("otlp-metrics"));
        let telemetry = install(options(&backend, &folder).protocol(protocol));
        let registry = telemetry.registry();
        let depth = registry
            .gauge("queue_depth", "Questions that wait.")
            .unwrap();
        depth.with(&[]).unwrap().set(2.5);
        let size = registry
            .histogram("answer_bytes", "Size.", &[100.0, 1000.0])
            .unwrap();
        size.with(&[("kind", "todo")]).unwrap().observe(100.0);
        read_file();
        read_file();
        assert!(telemetry.shutdown(LONG).complete);

        let metrics = backend.everything().metrics;
        let [calls] = called(&metrics, "tools_called_total")[..] else {
            panic!("tools were called");
        };
        let (temporality, points) = sum(calls);
        assert_eq!(
            (temporality, points.len(), int(&points[0])),
            (CUMULATIVE, 1, 2)
        );
        assert!(points[0].start_time_unix_nano < points[0].time_unix_nano);

        let [durations] = called(&metrics, "gen_ai.execute_tool.duration")[..] else {
            panic!("tools took time");
        };
        assert_eq!(durations.unit, "s");
        let (temporality, points) = histogram(durations);
        assert_eq!((temporality, points[0].count), (CUMULATIVE, 2));
        assert_eq!(points[0].bucket_counts.len(), 15);
        assert_eq!(points[0].explicit_bounds[..2], [0.01, 0.02]);
        let keys: Vec<_> = points[0]
            .attributes
            .iter()
            .map(|pair| pair.key.as_str())
            .collect();
        assert_eq!(keys, ["gen_ai.tool.name", "gen_ai.tool.type"]);

        let [depth] = called(&metrics, "queue_depth")[..] else {
            panic!("there is a gauge");
        };
        let Some(Data::Gauge(gauge)) = &depth.data else {
            panic!("it is a gauge");
        };
        assert_eq!(gauge.data_points[0].value, Some(Value::AsDouble(2.5)));
        let [size] = called(&metrics, "answer_bytes")[..] else {
            panic!("there is a histogram");
        };
        let (_, points) = histogram(size);
        assert_eq!(size.unit, "By");
        assert_eq!(
            (points[0].sum, points[0].bucket_counts.as_slice()),
            (Some(100.0), &[1, 0, 0][..])
        );
        let head = &backend.seen()[0].head;
        assert!(head.starts_with("post /v1/metrics http/1.1\r\n"), "{head}");
    }
}

#[test]
fn deltas_follow_upon_each_other_and_add_up_to_the_text() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-deltas"));
    // A backend that is down for a while costs nothing.
    backend.answer([503, 503].map(|status| Answer::Status(status, "")));
    let telemetry = install(options(&backend, &folder).temporality(OtlpTemporality::Delta));
    let asked = telemetry
        .registry()
        .counter("questions_total", "Questions.")
        .unwrap();
    let registry = telemetry.registry();
    let size = registry
        .histogram("answer_bytes", "Size.", &[100.0])
        .unwrap();
    for round in 1..=5_u64 {
        for _ in 0..round {
            read_file();
        }
        asked.with(&[]).unwrap().add(round);
        size.with(&[]).unwrap().observe(64.0 * round as f64);
        assert!(telemetry.flush(LONG).complete);
    }
    // Nothing has changed of most of them.
    assert!(telemetry.flush(LONG).complete);
    let text = telemetry.metrics_text();
    drop(telemetry);

    let metrics = backend.everything().metrics;
    let mut said: BTreeMap<&str, f64> = BTreeMap::new();
    for name in ["questions_total", "tools_called_total"] {
        let rounds = called(&metrics, name);
        assert_eq!(rounds.len(), 5, "{name}");
        let mut last = None;
        for (round, metric) in (1..).zip(rounds) {
            let (temporality, points) = sum(metric);
            assert_eq!((temporality, int(&points[0])), (DELTA, round));
            assert!(last.is_none_or(|last| last == points[0].start_time_unix_nano));
            last = Some(points[0].time_unix_nano);
            *said.entry(name).or_default() += int(&points[0]) as f64;
        }
    }
    for metric in called(&metrics, "answer_bytes") {
        let (temporality, points) = histogram(metric);
        assert_eq!((temporality, points[0].count), (DELTA, 1));
        *said.entry("answer_bytes_sum").or_default() += points[0].sum.unwrap();
        *said.entry("answer_bytes_count").or_default() += points[0].count as f64;
        let upto = points[0].bucket_counts[0];
        *said.entry("answer_bytes_bucket{le=\"100\"}").or_default() += upto as f64;
    }
    for (name, sum) in said {
        let line = match name {
            "tools_called_total" => format!("{name}{{tool=\"read_file\"}} {sum}"),
            _ => format!("{name} {sum}"),
        };
        assert!(
            text.lines().any(|said| said == line),
            "{line} is not in\n{text}"
        );
    }
}

#[test]
fn metrics_are_sent_every_so_often_without_being_asked() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-periodic"));
    let telemetry = install(options(&backend, &folder).every(Duration::from_millis(20)));
    backend.wait_for_requests(3);
    drop(telemetry);
    assert!(backend.everything().metrics.len() > 10);
}

#[test]
fn what_is_too_large_is_sent_in_parts() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-metrics-413"));
    backend.take_at_most(3);
    let telemetry = install(options(&backend, &folder));
    read_file();
    drop(telemetry);
    let metrics = backend.everything().metrics;
    let mut names: Vec<_> = metrics.iter().map(|metric| metric.name.as_str()).collect();
    assert!(names.contains(&"tools_called_total") && names.len() > 6);
    names.sort_unstable();
    let before = names.len();
    names.dedup();
    assert_eq!(names.len(), before, "each came once");
}

#[test]
fn data_points_that_a_backend_rejects_or_refuses_are_losses_of_the_report() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-metrics-partly"));
    backend.answer([Answer::Partly(2, "too old"), Answer::Status(400, "")]);
    let telemetry = install(options(&backend, &folder));
    read_file();
    let of_points = |report: &Report| {
        let [of_otlp] = &report.data_points[..] else {
            panic!("metrics have one exporter: {report:?}");
        };
        of_otlp.clone()
    };
    let report = telemetry.flush(LONG);
    let first = of_points(&report);
    assert_eq!((first.name.as_str(), first.failed), ("otlp", 2));
    assert!(first.written > 5 && report.complete && report.has_losses());
    let line = format!(
        "; otlp: {} data points written, 0 dropped, 2 failed (http://",
        first.written
    );
    assert!(report.to_string().contains(&line), "{report}");

    let second = of_points(&telemetry.flush(LONG));
    assert_eq!(second.written, first.written);
    assert!(second.failed > 7 && second.last_error.unwrap().contains("status 400"));
    let text = telemetry.metrics_text();
    let counted = format!(
        "genai_trace_export_failed_data_points_total{{exporter=\"otlp\"}} {}\n",
        second.failed
    );
    assert!(text.contains(&counted), "{counted} is not in\n{text}");
    drop(telemetry);
}

#[test]
fn data_points_that_wait_at_the_end_without_a_spool_are_losses_of_the_report() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-metrics-down"));
    let options = options(&backend, &folder).no_spool();
    drop(backend);
    let telemetry = install(options);
    read_file();
    let report = telemetry.shutdown(Duration::from_secs(1));
    assert_eq!(report.data_points[0].written, 0);
    assert!(
        report.data_points[0].failed > 7 && report.has_losses(),
        "{report}"
    );
}

#[test]
fn metrics_that_a_backend_cannot_take_wait_for_the_next_start() {
    let _turn = turn();
    let folder = Folder::new("otlp-metrics-next");
    let backend = Backend::new();
    let (port, options) = (backend.port(), options(&backend, &folder));
    drop(backend);
    let telemetry = install(options.clone());
    read_file();
    drop(telemetry);
    let backend = Backend::at(port);
    drop(install(options));
    backend.wait_for_requests(2);
    let metrics = backend.everything().metrics;
    assert_eq!(called(&metrics, "tools_called_total").len(), 1);
}
