//! Counter and histogram of the prometheus-client crate, for peers that bring no metrics of their
//! own: the cheapest crate for metrics that was found.
//!
//! Their labels are looked up once and the handles kept, as its documentation advises.

use std::sync::LazyLock;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::exposition;
use crate::work;

type Labels = [(&'static str, &'static str); 1];

struct Handles {
    registry: Registry,
    calls: Counter,
    latency: Histogram,
}

static HANDLES: LazyLock<Handles> = LazyLock::new(|| {
    let calls = Family::<Labels, Counter>::default();
    let latency =
        Family::<Labels, Histogram>::new_with_constructor(|| Histogram::new(work::BUCKETS));
    let mut registry = Registry::default();
    registry.register(
        "tools_called",
        "Tool executions, whatever their outcome",
        calls.clone(),
    );
    registry.register(
        "tool_latency_ms",
        "Duration of tool executions in milliseconds",
        latency.clone(),
    );
    let labels = [("tool", work::TOOL)];
    Handles {
        registry,
        calls: calls.get_or_create_owned(&labels),
        latency: latency.get_or_create_owned(&labels),
    }
});

/// Counts a call of the tool that took so long.
#[inline]
pub fn count(took: Duration) {
    HANDLES.calls.inc();
    HANDLES.latency.observe(took.as_secs_f64() * 1000.0);
}

/// What counter and histogram have counted.
pub fn counted() -> Option<(u64, u64)> {
    let mut text = String::new();
    encode(&mut text, &HANDLES.registry).ok()?;
    exposition::tool_calls(&text)
}
