//! Exporters of their SDK, as exporters of ours.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use genai_trace::bridge::opentelemetry::SdkExporter;
use genai_trace::{
    Carrier, ExporterReport, Report, SpanRecord, Telemetry, current, genai_tool, span,
};
use opentelemetry::trace::{Link, Span, SpanKind, Status, Tracer};
use opentelemetry::{Array, Key, KeyValue, StringValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData, SpanExporter};

use super::{Theirs, id, recorded_with, turn};

const SOON: Duration = Duration::from_secs(30);

/// What an exporter was asked for, to be looked at after its shutdown.
#[derive(Clone, Debug, Default)]
struct Asked(Arc<Mutex<Calls>>);

#[derive(Debug, Default)]
struct Calls {
    batches: Vec<Vec<SpanData>>,
    resource: Option<Resource>,
    flushes: usize,
    /// The times that shutdowns were given.
    shutdowns: Vec<Duration>,
}

impl SpanExporter for Asked {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().batches.push(batch);
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.lock().unwrap().flushes += 1;
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.lock().unwrap().shutdowns.push(timeout);
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.lock().unwrap().resource = Some(resource.clone());
    }
}

#[genai_tool("fails", fields("why" = "quota"))]
fn fails() -> Result<(), std::fmt::Error> {
    let current = current();
    current.set("texts", &["a", "b"].as_slice());
    current.set("ints", &[1_i64, 9_007_199_254_740_993].as_slice());
    current.event("retry", |event| {
        event.set("attempt", &2_i64);
    });
    Err(std::fmt::Error)
}

#[test]
fn everything_of_a_span_arrives() {
    let asked = Asked::default();
    let exporter = asked.clone();
    let recorded = recorded_with(
        |builder| {
            let exporter = SdkExporter::new(exporter);
            builder.service_name("coder").exporter(exporter)
        },
        |_| {
            let sender: Carrier = [
                (
                    "traceparent",
                    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                ),
                ("tracestate", "vendor=1"),
            ]
            .into_iter()
            .collect();
            sender.run(|| {
                span("turn").run(|| {
                    current().link(sender.context().unwrap());
                    let _ = fails();
                });
            });
        },
    );
    let calls = asked.0.lock().unwrap();
    let spans: Vec<_> = calls.batches.iter().flatten().collect();
    let named = |name: &str| *spans.iter().find(|span| span.name == name).unwrap();
    assert_eq!(spans.len(), recorded.spans.len());

    let (ours, turn) = (recorded.span("turn"), named("turn"));
    assert_same_place(turn, ours);
    assert_eq!(id(turn.parent_span_id), "00f067aa0ba902b7");
    assert_eq!(turn.span_context.trace_state().get("vendor"), Some("1"));
    assert!(turn.span_context.is_sampled());
    assert_eq!(
        (&turn.span_kind, &turn.status),
        (&SpanKind::Internal, &Status::Unset)
    );
    let to = turn
        .links
        .iter()
        .map(|Link { span_context, .. }| id(span_context.span_id()));
    assert_eq!(to.collect::<Vec<_>>(), ["00f067aa0ba902b7"]);

    let (ours, tool) = (
        recorded.span("execute_tool fails"),
        named("execute_tool fails"),
    );
    assert_same_place(tool, ours);
    assert_eq!(tool.parent_span_id, turn.span_context.span_id());
    assert_eq!(tool.attributes.len(), ours.attributes.len());
    let said = |key: &'static str| {
        let mut pairs = tool.attributes.iter();
        pairs
            .find(|pair| pair.key.as_str() == key)
            .map(|pair| pair.value.clone())
    };
    let texts: Vec<StringValue> = vec!["a".into(), "b".into()];
    assert_eq!(said("texts"), Some(Value::Array(Array::String(texts))));
    let ints = vec![1, 9_007_199_254_740_993];
    assert_eq!(said("ints"), Some(Value::Array(Array::I64(ints))));
    assert_eq!(said("why"), Some("quota".into()));
    assert_eq!(said("gen_ai.tool.name"), Some("fails".into()));
    assert_eq!(tool.status, Status::error(ours.status_message.clone()));
    let events: Vec<_> = tool
        .events
        .iter()
        .map(|event| event.name.as_ref())
        .collect();
    assert_eq!(events, ["retry", "exception"]);
    assert_eq!(tool.events[0].attributes, [KeyValue::new("attempt", 2_i64)]);
    assert_eq!(tool.instrumentation_scope.name(), "genai-trace");

    let resource = calls.resource.as_ref().unwrap();
    let told = |key: &'static str| resource.get(&Key::new(key)).map(|it| it.to_string());
    assert_eq!(told("service.name").as_deref(), Some("coder"));
    assert_eq!(told("telemetry.sdk.language").as_deref(), Some("rust"));
}

fn assert_same_place(theirs: &SpanData, ours: &SpanRecord) {
    assert_eq!(id(theirs.span_context.trace_id()), id(ours.trace_id));
    assert_eq!(id(theirs.span_context.span_id()), id(ours.span_id));
    let since_1970 = |time: std::time::SystemTime| {
        let since = time.duration_since(std::time::UNIX_EPOCH).unwrap();
        u64::try_from(since.as_nanos()).unwrap()
    };
    assert_eq!(since_1970(theirs.start_time), ours.start_unix_nano);
    assert_eq!(since_1970(theirs.end_time), ours.end_unix_nano);
}

#[genai_tool]
fn step() {}

/// What becomes of `work` with this exporter alone.
fn reported<E: SpanExporter + 'static>(
    exporter: SdkExporter<E>,
    work: impl FnOnce(&Telemetry),
) -> Report {
    let _turn = turn();
    let telemetry = Telemetry::builder().exporter(exporter).install().unwrap();
    work(&telemetry);
    telemetry.shutdown(SOON)
}

fn alone(report: &Report) -> &ExporterReport {
    let [exporter] = report.exporters.as_slice() else {
        panic!("{report}");
    };
    exporter
}

#[test]
fn many_spans_come_in_batches_of_a_size_in_their_order() {
    let asked = Asked::default();
    let exporter = SdkExporter::new(asked.clone()).max_batch(100);
    let report = reported(exporter, |_| {
        span("turn").run(|| (0..2_345).for_each(|_| step()));
    });
    assert_eq!(alone(&report).written, 2_346, "{report}");
    let calls = asked.0.lock().unwrap();
    assert!(
        calls
            .batches
            .iter()
            .all(|batch| (1..=100).contains(&batch.len()))
    );
    let ends: Vec<_> = calls
        .batches
        .iter()
        .flatten()
        .map(|span| span.end_time)
        .collect();
    assert_eq!(ends.len(), 2_346);
    assert!(ends.is_sorted());
}

#[test]
fn a_flush_and_a_shutdown_reach_it_with_the_time_that_is_left() {
    let asked = Asked::default();
    let report = reported(SdkExporter::new(asked.clone()), |telemetry| {
        step();
        let report = telemetry.flush(SOON);
        assert!(report.complete, "{report}");
        let calls = asked.0.lock().unwrap();
        assert_eq!((calls.batches.len(), calls.flushes), (1, 1));
        assert!(calls.shutdowns.is_empty());
    });
    assert!(!report.has_losses(), "{report}");
    let calls = asked.0.lock().unwrap();
    let [given] = calls.shutdowns.as_slice() else {
        panic!("{calls:?}");
    };
    assert!((Duration::from_secs(1)..=SOON).contains(given), "{given:?}");
}

/// Fails every other time, and panics every third.
#[derive(Debug, Default)]
struct Moody(Mutex<usize>);

impl SpanExporter for Moody {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        let time = {
            let mut times = self.0.lock().unwrap();
            *times += 1;
            *times
        };
        match time % 3 {
            0 => panic!("out of temper"),
            1 => Err(OTelSdkError::InternalFailure("refused".to_owned())),
            _ => Ok(()),
        }
    }
}

#[test]
fn failures_and_panics_are_counted_and_what_follows_arrives() {
    let report = reported(SdkExporter::new(Moody::default()), |telemetry| {
        for _ in 0..6 {
            step();
            step();
            assert!(telemetry.flush(SOON).complete);
        }
        let text = telemetry.metrics_text();
        let count = "genai_trace_export_errors_total{exporter=\"opentelemetry\"} 4";
        assert!(text.contains(count), "{text}");
    });
    let exporter = alone(&report);
    assert_eq!(
        (exporter.written, exporter.failed, exporter.dropped),
        (4, 8, 0)
    );
    let error = exporter.last_error.as_deref();
    assert_eq!(error, Some("the exporter panicked: out of temper"));
}

#[derive(Debug)]
struct Hangs;

impl SpanExporter for Hangs {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        pending().await
    }
}

#[test]
fn an_exporter_that_hangs_is_left_when_the_time_is_up() {
    let begun = Instant::now();
    let report = reported(SdkExporter::new(Hangs), |telemetry| {
        step();
        let _ = telemetry.flush(Duration::from_millis(200));
    });
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(alone(&report).failed, 1, "{report}");
    let error = alone(&report).last_error.as_deref();
    assert_eq!(error, Some("the export was not done in time"));

    let slow = SdkExporter::new(Hangs).timeout(Duration::from_millis(10));
    let report = reported(slow, |telemetry| {
        step();
        let report = telemetry.flush(SOON);
        assert_eq!(alone(&report).failed, 1, "{report}");
    });
    assert_eq!(alone(&report).failed, 1, "{report}");
}

/// Does nothing without tokio: it sleeps, has a task of its own, and asks a socket.
#[derive(Clone, Debug, Default)]
struct OfTokio(Asked);

impl SpanExporter for OfTokio {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        tokio::time::sleep(Duration::from_millis(1)).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move { listener.accept().await.map(|_| ()) });
        tokio::net::TcpStream::connect(address).await.unwrap();
        server.await.unwrap().unwrap();
        self.0.export(batch).await
    }
}

#[test]
fn an_exporter_that_needs_tokio_is_run_by_a_runtime_of_its_own() {
    let exporter = OfTokio::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let sink = SdkExporter::new(exporter.clone())
        .run_by(move |export| runtime.block_on(export))
        .timeout(Duration::MAX);
    let report = reported(sink, |_| step());
    assert_eq!(alone(&report).written, 1, "{report}");
    assert_eq!(exporter.0.0.lock().unwrap().batches.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_exporter_that_needs_tokio_is_run_by_the_runtime_of_the_program() {
    let exporter = OfTokio::default();
    let handle = tokio::runtime::Handle::current();
    let sink = SdkExporter::new(exporter.clone()).run_by(move |export| handle.block_on(export));
    let report = reported(sink, |_| step());
    assert_eq!(alone(&report).written, 1, "{report}");
}

#[test]
fn an_exporter_that_misses_its_runtime_says_so_and_harms_nobody() {
    let report = reported(SdkExporter::new(OfTokio::default()), |_| step());
    let exporter = alone(&report);
    assert_eq!(exporter.failed, 1, "{report}");
    let error = exporter.last_error.as_deref().unwrap();
    assert!(error.contains("Tokio"), "{error}");
}

#[test]
fn a_runtime_that_waits_for_ever_is_left_when_the_time_is_up() {
    let begun = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let sink = SdkExporter::new(Hangs).run_by(move |export| runtime.block_on(export));
    let report = reported(sink, |telemetry| {
        step();
        let report = telemetry.flush(Duration::from_millis(200));
        assert_eq!(report.exporters[0].failed, 1, "{report}");
    });
    assert!(begun.elapsed() < Duration::from_secs(20), "{report}");
}

/// Is itself instrumented by theirs and by ours.
#[derive(Debug)]
struct Instrumented<T>(T, InMemorySpanExporter);

impl<T> SpanExporter for Instrumented<T>
where
    T: Tracer<Span = opentelemetry_sdk::trace::Span> + Send + Sync + std::fmt::Debug,
{
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.start("POST /v1/traces").end();
        step();
        self.1.export(batch).await
    }
}

#[test]
fn what_an_exporter_does_itself_is_traced_by_nobody() {
    use opentelemetry::trace::TracerProvider;
    let (theirs, seen) = (Theirs::new(), InMemorySpanExporter::default());
    let exporter = Instrumented(theirs.provider.tracer("client"), seen.clone());
    let report = reported(SdkExporter::new(exporter), |telemetry| {
        step();
        for _ in 0..3 {
            assert!(telemetry.flush(SOON).complete);
        }
        assert_eq!(seen.get_finished_spans().unwrap().len(), 1);
    });
    assert!(
        theirs.spans().is_empty() && !report.has_losses(),
        "{report}"
    );
}
