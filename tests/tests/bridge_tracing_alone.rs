//! The bridge to `tracing` in a process without telemetry.

use genai_trace::bridge::tracing::{WithTraceIds, layer};
use genai_trace::current;
use tracing::subscriber::with_default;
use tracing::{field, info, info_span};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Registry, fmt};

#[test]
fn without_telemetry_nothing_happens() {
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
