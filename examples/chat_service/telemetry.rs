//! Where spans go: the one place that knows.

use genai_trace::{Builder, InitError, Telemetry, Views};

use super::panel::Panel;

/// Sets up telemetry as the environment says: `OTEL_TRACES_EXPORTER` is `jsonl` (the default), `sqlite`, `otlp`,
/// `console`, or a list of them. To fix it in code, put `.sqlite("traces.db")` or `.otlp()` behind `from_env()?`; nothing
/// else changes.
///
/// The panel gets the spans beside that, and the metrics have the names that chats' dashboards read.
pub(crate) fn set_up(panel: &Panel) -> Result<Telemetry, InitError> {
    Builder::from_env()?
        .default_service_name("chat_service")
        .views([Views::Default, Views::Chat])
        .also(panel.clone())
        .install()
}
