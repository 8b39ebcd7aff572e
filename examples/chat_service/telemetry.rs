//! Where spans go: the one place that knows.

use std::env;

use genai_trace::prices::Prices;
use genai_trace::{Builder, InitError, Telemetry, Views};

use super::panel::Panel;

/// Sets up telemetry as the environment says: `OTEL_TRACES_EXPORTER` is `jsonl` (the default), `sqlite`, `otlp`,
/// `console`, or a list of them. To fix it in code, put `.sqlite("traces.db")` or `.otlp()` behind `from_env()?`; nothing
/// else changes.
///
/// The panel gets the spans beside that. Unless the environment says otherwise, the metrics have the names that the
/// dashboards in `deploy/` read (`GENAI_TRACE_VIEWS`), and calls have the prices that come along (`GENAI_TRACE_PRICES`).
pub(crate) fn set_up(panel: &Panel) -> Result<Telemetry, InitError> {
    let mut builder = Builder::from_env()?
        .default_service_name("chat_service")
        .also(panel.clone());
    if !is_said("GENAI_TRACE_VIEWS") {
        builder = builder.views([Views::Default, Views::Agent, Views::Chat]);
    }
    if !is_said("GENAI_TRACE_PRICES") {
        builder = builder.prices(Prices::builtin());
    }
    builder.install()
}

/// An empty variable says nothing.
fn is_said(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|value| !value.is_empty())
}
