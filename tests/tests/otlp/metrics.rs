//! Metrics leave the process by OTLP, and say what the Prometheus text says.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::LONG;
use crate::backend::{Answer, Backend};
use crate::folder::Folder;
use genai_trace::{
    MemoryExporter, OtlpHistogramAggregation, OtlpOptions, OtlpProtocol, OtlpTemporality, Report,
    Telemetry, current, genai_tool,
};
use genai_trace_tests::turn;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogramDataPoint, HistogramDataPoint, Metric, NumberDataPoint, exemplar,
    metric::Data,
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

fn exponential_histogram(metric: &Metric) -> (i32, &[ExponentialHistogramDataPoint]) {
    match &metric.data {
        Some(Data::ExponentialHistogram(of)) => (of.aggregation_temporality, &of.data_points),
        other => panic!("{other:?} is no exponential histogram"),
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

/// Numbers of all sizes from a millionth to a million, on both sides of zero.
fn scores() -> impl Iterator<Item = f64> {
    (0..500).map(|place| {
        let place = f64::from(place);
        (place * 1.7).sin() * 10_f64.powf((place * 0.31).sin() * 6.0)
    })
}

#[test]
fn exponential_histograms_have_the_buckets_that_the_sdk_of_opentelemetry_has() {
    use opentelemetry::metrics::MeterProvider;
    use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};
    use opentelemetry_sdk::metrics::{
        Aggregation, InMemoryMetricExporter, Instrument, PeriodicReader, SdkMeterProvider, Stream,
    };

    let _turn = turn();
    let exporter = InMemoryMetricExporter::default();
    let aggregated = |_: &Instrument| {
        let aggregation = Aggregation::Base2ExponentialHistogram {
            max_size: 160,
            max_scale: 20,
            record_min_max: false,
        };
        Stream::builder().with_aggregation(aggregation).build().ok()
    };
    let provider = SdkMeterProvider::builder()
        .with_reader(PeriodicReader::builder(exporter.clone()).build())
        .with_view(aggregated)
        .build();
    let theirs = provider.meter("eval").f64_histogram("eval_score").build();
    for protocol in [OtlpProtocol::HttpProtobuf, OtlpProtocol::HttpJson] {
        let (backend, folder) = (Backend::new(), Folder::new("otlp-exponential"));
        let options = options(&backend, &folder)
            .protocol(protocol)
            .histogram_aggregation(OtlpHistogramAggregation::Base2ExponentialBucket);
        let telemetry = install(options);
        let registry = telemetry.registry();
        let ours = registry.histogram("eval_score", "Score.", &[0.5]).unwrap();
        let ours = ours.with(&[]).unwrap();
        for score in scores() {
            ours.observe(score);
            if protocol == OtlpProtocol::HttpProtobuf {
                theirs.record(score, &[]);
            }
        }
        read_file();
        std::thread::spawn(read_file).join().unwrap();
        drop(telemetry);

        let metrics = backend.everything().metrics;
        let [durations] = called(&metrics, "gen_ai.execute_tool.duration")[..] else {
            panic!("tools took time");
        };
        let (temporality, points) = exponential_histogram(durations);
        assert_eq!((temporality, points[0].count), (CUMULATIVE, 2));
        assert!(!points[0].exemplars.is_empty());
        let [calls] = called(&metrics, "eval_score")[..] else {
            panic!("there are scores");
        };
        let (_, points) = exponential_histogram(calls);
        let point = &points[0];

        provider.force_flush().unwrap();
        let said = exporter.get_finished_metrics().unwrap();
        let metric = said[0].scope_metrics().next().unwrap();
        let metric = metric.metrics().next().unwrap();
        let AggregatedMetrics::F64(MetricData::ExponentialHistogram(theirs)) = metric.data() else {
            panic!("it is an exponential histogram");
        };
        let theirs = theirs.data_points().next().unwrap();
        assert_eq!(point.count, theirs.count() as u64);
        assert_eq!(point.scale, i32::from(theirs.scale()));
        assert_eq!(point.zero_count, theirs.zero_count());
        let sides = [
            (&point.positive, theirs.positive_bucket()),
            (&point.negative, theirs.negative_bucket()),
        ];
        for (ours, theirs) in sides {
            let ours = ours.as_ref().unwrap();
            assert_eq!(ours.offset, theirs.offset());
            let counts: Vec<u64> = theirs.counts().collect();
            assert_eq!(ours.bucket_counts, counts);
        }
    }
}

#[test]
fn exponential_deltas_follow_upon_each_other_and_add_up() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-exponential-deltas"));
    let options = options(&backend, &folder)
        .temporality(OtlpTemporality::Delta)
        .histogram_aggregation(OtlpHistogramAggregation::Base2ExponentialBucket);
    let telemetry = install(options);
    let size = telemetry
        .registry()
        .histogram("answer_bytes", "Size.", &[100.0])
        .unwrap();
    let size = size.with(&[]).unwrap();
    for round in [1.0, 2.0, 64.0, 1_000_000.0, 0.0] {
        size.observe(round);
        size.observe(round);
        assert!(telemetry.flush(LONG).complete);
    }
    drop(telemetry);
    let metrics = backend.everything().metrics;
    let rounds: Vec<_> = called(&metrics, "answer_bytes")
        .into_iter()
        .map(|metric| {
            let (temporality, points) = exponential_histogram(metric);
            assert_eq!((temporality, points.len()), (DELTA, 1));
            let positive = points[0].positive.clone().unwrap_or_default();
            assert_eq!(points[0].count, 2);
            (points[0].scale, positive.offset, positive.bucket_counts)
        })
        .collect();
    let two = vec![2];
    assert_eq!(
        rounds,
        [
            (20, -1, two.clone()),
            (7, 127, two.clone()),
            (4, 95, two.clone()),
            (2, 79, two),
            (2, 0, vec![]),
        ]
    );
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
    let report = telemetry.shutdown(Duration::from_secs(5));
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
