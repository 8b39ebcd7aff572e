//! The bridge to `tracing` in a process of its own: without telemetry, and with more names than it keeps.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use genai_trace::bridge::tracing::{WithTraceIds, layer};
use genai_trace::{MemoryExporter, Operation, Telemetry, current, span};
use tracing::subscriber::with_default;
use tracing::{field, info, info_span};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Registry, fmt};

/// Only one of these tests has telemetry, and both see that of the process.
static TURN: Mutex<()> = Mutex::new(());

#[test]
fn without_telemetry_nothing_happens() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let lines = fmt::layer()
        .with_test_writer()
        .event_format(WithTraceIds::new(fmt::format()));
    with_default(Registry::default().with(layer()).with(lines), || {
        let span = info_span!("query", rows = 1, late = field::Empty);
        span.record("late", 2);
        span.in_scope(|| {
            info!("found");
            assert_eq!(current().trace_id(), None);
        });
    });
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn of_too_many_names_the_last_ones_stand_in_a_field() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = fmt()
        .with_ansi(false)
        .without_time()
        .with_writer(move || writer.clone())
        .finish();
    let telemetry = Telemetry::builder()
        .exporter(MemoryExporter::new())
        .tracing_spans(true)
        .install()
        .unwrap();
    with_default(subscriber, || {
        for number in 0..1100 {
            let step = span(format!("step {number}")).operation(Operation::Gate);
            step.run(|| info!("here"));
        }
    });
    drop(telemetry);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let (first, last) = (text.lines().next().unwrap(), text.lines().last().unwrap());
    assert!(first.contains(" gate step 0{trace_id="), "{first}");
    let general = " gate{otel.name=\"gate step 1099\" trace_id=";
    assert!(last.contains(general), "{last}");
}
