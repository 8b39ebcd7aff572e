//! The metrics in the form that a request asks for.

use super::{Exposition, Installed, Telemetry};

const OPEN_METRICS: &str = "application/openmetrics-text";
const OPEN_METRICS_CONTENT_TYPE: &str =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The page on which a web server hands out the metrics: [`Telemetry::metrics_page`].
///
/// ```
/// use genai_trace::{MemoryExporter, Telemetry};
///
/// let telemetry = Telemetry::builder().memory(&MemoryExporter::new()).install()?;
/// let page = telemetry.metrics_page();
/// // in a handler, with the header `Accept` of the request
/// let (content_type, body) = page.answer(Some("application/openmetrics-text;version=1.0.0"));
/// assert_eq!(content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
/// assert!(body.ends_with("# EOF\n"));
/// # Ok::<(), genai_trace::InitError>(())
/// ```
#[derive(Clone, Debug)]
pub struct MetricsPage {
    installed: Installed,
    exposition: Exposition,
}

impl MetricsPage {
    pub(super) fn new(installed: Installed, exposition: Exposition) -> Self {
        if let Some(recorder) = installed.recorder() {
            recorder.exemplars().want();
        }
        Self {
            installed,
            exposition,
        }
    }

    /// The `Content-Type` and the body for a request with this `Accept`: OpenMetrics 1.0 where that is
    /// asked for and not rather taken as plain text, else the Prometheus text format 0.0.4.
    pub fn answer(&self, accept: Option<&str>) -> (&'static str, String) {
        let recorder = self.installed.recorder();
        match prefers_open_metrics(accept.unwrap_or_default()) {
            true => (
                OPEN_METRICS_CONTENT_TYPE,
                self.exposition.open_text(recorder),
            ),
            false => (
                Telemetry::METRICS_CONTENT_TYPE,
                self.exposition.text(recorder),
            ),
        }
    }
}

/// Whether OpenMetrics is wanted as much as plain text, and named: who takes anything knows the older form.
fn prefers_open_metrics(accept: &str) -> bool {
    let (mut open, mut plain) = (0.0_f64, 0.0_f64);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let mut weight = 1.0;
        let mut has_version = true;
        for (key, value) in parts.filter_map(|part| part.split_once('=')) {
            if key.eq_ignore_ascii_case("q") {
                weight = value.parse().unwrap_or(0.0);
            } else if key.eq_ignore_ascii_case("version") {
                has_version = ["1.0.0", "0.0.1"].contains(&value.trim_matches('"'));
            }
        }
        if name.eq_ignore_ascii_case(OPEN_METRICS) && has_version {
            open = open.max(weight);
        } else if name.eq_ignore_ascii_case("text/plain") {
            plain = plain.max(weight);
        }
    }
    open > 0.0 && open >= plain
}

#[cfg(test)]
mod tests {
    use super::prefers_open_metrics;

    #[test]
    fn open_metrics_is_for_who_asks_for_it() {
        for (accept, wanted) in [
            ("", false),
            ("*/*", false),
            ("text/html,*/*;q=0.8", false),
            ("text/plain;version=0.0.4;q=1,*/*;q=0.1", false),
            ("application/openmetrics-text", true),
            ("application/openmetrics-text; version=\"1.0.0\"", true),
            (
                "Application/OpenMetrics-Text;version=0.0.1;q=0.5,text/plain;q=0.4",
                true,
            ),
            ("application/openmetrics-text;q=0.3,text/plain;q=0.4", false),
            ("application/openmetrics-text;q=0", false),
            ("application/openmetrics-text;version=2.0.0", false),
            (
                // Prometheus 3
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
                 application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;q=0.3,\
                 text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                true,
            ),
        ] {
            assert_eq!(prefers_open_metrics(accept), wanted, "{accept}");
        }
    }
}
