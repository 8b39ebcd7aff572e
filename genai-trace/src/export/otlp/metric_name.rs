//! What metrics and their labels are called outside of Prometheus.
//!
//! The metrics of the conventions have the conventions' own names and units there, and their labels too. All
//! others are called as in the Prometheus text, so that a dashboard finds them whichever way they went.

use std::borrow::Cow;

use genai_trace_semconv::{
    ATTRIBUTES, DEPRECATED, DEPRECATED_METRICS, METRICS, Metric, Type, attribute,
};
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};

use super::value::pair;
use crate::metrics::{LabelSet, MetricFamily, MetricKind, OVERFLOW_LABEL};
use crate::span::names;

/// The attribute of the series that takes in what has no room of its own.
const OVERFLOW: &str = "otel.metric.overflow";

/// What the conventions of HTTP have, and its unit; those of GenAI leave it out.
const METRIC_OF_HTTP: (&str, &str) = ("http.server.request.duration", "s");
const LABELS_OF_HTTP: [&str; 4] = [
    names::HTTP_METHOD,
    names::HTTP_ROUTE,
    names::HTTP_STATUS,
    names::URL_SCHEME,
];

/// How a family is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spelling<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) unit: &'static str,
    pub(super) description: Cow<'a, str>,
    /// The conventions have it.
    is_conventional: bool,
}

impl Spelling<'static> {
    pub(super) fn of(family: &MetricFamily) -> Self {
        let name = family.name.clone();
        let description = family.help.clone();
        let is_counter = family.kind == MetricKind::Counter;
        let plain = match is_counter {
            true => name.strip_suffix("_total").unwrap_or(&name),
            false => &name,
        };
        let (plain, unit) = match plain.strip_suffix("_seconds") {
            Some(plain) => (plain, Some("s")),
            None => (plain, None),
        };
        match conventional(plain) {
            Some((name, of_conventions)) => Self {
                name: name.into(),
                unit: unit.unwrap_or(of_conventions),
                description,
                is_conventional: true,
            },
            None => Self {
                unit: unit.unwrap_or_else(|| match plain.ends_with("_bytes") {
                    true => "By",
                    false => "",
                }),
                name,
                description,
                is_conventional: false,
            },
        }
    }
}

impl Spelling<'_> {
    /// The labels as attributes.
    pub(super) fn attributes(&self, labels: &LabelSet) -> Vec<KeyValue> {
        use any_value::Value::{BoolValue, IntValue, StringValue};
        let pairs = labels.iter().map(|(label, value)| {
            if label == OVERFLOW_LABEL {
                return pair(OVERFLOW, BoolValue(true));
            }
            let name = match self.is_conventional {
                true => dotted(label).unwrap_or(label),
                false => label,
            };
            let is_number = name == names::HTTP_STATUS
                || attribute(name).is_some_and(|known| known.ty == Type::Int);
            match value.parse() {
                Ok(number) if is_number => pair(name, IntValue(number)),
                _ => pair(name, StringValue(value.to_string())),
            }
        });
        pairs.collect()
    }
}

/// The conventions' name for a metric, of today or of before, and its unit.
fn conventional(underscored: &str) -> Option<(&'static str, &'static str)> {
    if is_spelt(METRIC_OF_HTTP.0, underscored) {
        return Some(METRIC_OF_HTTP);
    }
    let metric = |name: &str| METRICS.iter().find(|metric| metric.name == name);
    let of_today = METRICS
        .iter()
        .find(|metric| is_spelt(metric.name, underscored));
    let known = |metric: &'static Metric| (metric.name, metric.unit);
    of_today.map(known).or_else(|| {
        let mut of_before = DEPRECATED_METRICS.iter();
        let before = of_before.find(|before| is_spelt(before.name, underscored))?;
        let today = before.replacements.iter().find_map(|name| metric(name));
        Some((before.name, today.map_or("", |metric| metric.unit)))
    })
}

/// The conventions' name for a label.
fn dotted(label: &str) -> Option<&'static str> {
    let of_today = ATTRIBUTES.iter().map(|attribute| attribute.name);
    let of_today = of_today.chain(LABELS_OF_HTTP);
    let of_before = DEPRECATED.iter().map(|attribute| attribute.name);
    of_today.chain(of_before).find(|name| is_spelt(name, label))
}

/// Whether a name with underscores for dots is `underscored`.
fn is_spelt(name: &str, underscored: &str) -> bool {
    let one = |letter: u8| if letter == b'.' { b'_' } else { letter };
    name.bytes().map(one).eq(underscored.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelling(name: &'static str, kind: MetricKind) -> (String, &'static str) {
        let spelling = Spelling::of(&MetricFamily::new(name, "Help.", kind));
        (spelling.name.into_owned(), spelling.unit)
    }

    #[test]
    fn metrics_of_the_conventions_have_their_names_and_units() {
        use MetricKind::{Counter, Histogram};
        for (name, kind, dotted, unit) in [
            (
                "gen_ai_execute_tool_duration_seconds",
                Histogram,
                "gen_ai.execute_tool.duration",
                "s",
            ),
            (
                "gen_ai_client_inference_usage_input_tokens_total",
                Counter,
                "gen_ai.client.inference.usage.input_tokens",
                "{token}",
            ),
            (
                "gen_ai_client_token_usage",
                Histogram,
                "gen_ai.client.token.usage",
                "{token}",
            ),
            (
                "http_server_request_duration_seconds",
                Histogram,
                "http.server.request.duration",
                "s",
            ),
        ] {
            assert_eq!(spelling(name, kind), (dotted.to_owned(), unit));
        }
    }

    #[test]
    fn labels_of_http_have_their_names_and_the_status_is_a_number() {
        let name = "http_server_request_duration_seconds";
        let family = MetricFamily::new(name, "Help.", MetricKind::Histogram);
        let labels: LabelSet = vec![
            ("http_request_method".into(), "GET".into()),
            ("http_response_status_code".into(), "200".into()),
            ("url_scheme".into(), "https".into()),
        ];
        let attributes = Spelling::of(&family).attributes(&labels);
        let wanted = [
            pair(
                "http.request.method",
                any_value::Value::StringValue("GET".to_owned()),
            ),
            pair("http.response.status_code", any_value::Value::IntValue(200)),
            pair(
                "url.scheme",
                any_value::Value::StringValue("https".to_owned()),
            ),
        ];
        assert_eq!(attributes, wanted);
    }

    #[test]
    fn all_others_are_called_as_in_the_text() {
        use MetricKind::{Counter, Histogram};
        for (name, kind, unit) in [
            ("tools_called_total", Counter, ""),
            ("tool_latency_ms", Histogram, ""),
            ("answer_bytes", Histogram, "By"),
            ("genai_trace_drain_busy_seconds_total", Counter, "s"),
        ] {
            assert_eq!(spelling(name, kind), (name.to_owned(), unit));
        }
    }

    #[test]
    fn labels_have_the_types_of_their_attributes() {
        use any_value::Value::{BoolValue, IntValue, StringValue};
        let labels: LabelSet = vec![
            ("gen_ai_tool_name".into(), "read_file".into()),
            (OVERFLOW_LABEL.into(), "true".into()),
            ("server_port".into(), "443".into()),
        ];
        let name = "gen_ai_execute_tool_duration_seconds";
        let family = MetricFamily::new(name, "Help.", MetricKind::Histogram);
        let expected = [
            pair("gen_ai.tool.name", StringValue("read_file".to_owned())),
            pair("otel.metric.overflow", BoolValue(true)),
            pair("server.port", IntValue(443)),
        ];
        assert_eq!(Spelling::of(&family).attributes(&labels), expected);
        let family = MetricFamily::new("mine", "Help.", MetricKind::Gauge);
        let labels = vec![("gen_ai_tool_name".into(), "7".into())];
        let expected = [pair("gen_ai_tool_name", StringValue("7".to_owned()))];
        assert_eq!(Spelling::of(&family).attributes(&labels), expected);
    }
}
