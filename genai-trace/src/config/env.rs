//! What the environment says: the standard `OTEL_*` variables and our own `GENAI_TRACE_*`.

mod baggage;
mod content;
mod costs;
mod exemplars;
mod limits;
#[cfg(feature = "otlp")]
mod otlp;
mod profiles;
#[cfg(feature = "serve")]
mod prometheus;
mod sampler;

use std::ffi::OsString;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

pub(super) use self::content::ContentVariables;
#[cfg(feature = "otlp")]
pub(super) use self::otlp::{MetricSettings, otlp_metric_settings, otlp_settings};
#[cfg(feature = "serve")]
pub(crate) use self::prometheus::metrics_place;
use super::error::InitError;
use crate::metrics::Views;
use crate::prices::Prices;
use crate::process::sampler::Sampler;
use crate::profile::Profile;
use crate::propagate::baggage::Allowed;
use crate::record::Attributes;
use crate::span::limits::SpanLimits;
#[cfg(feature = "serve")]
use crate::telemetry::MetricsPlace;

/// Bytes of a thread's buffer that make sense.
pub(super) const BUFFER_BYTES: RangeInclusive<u64> = 4096..=1 << 30;
/// Milliseconds of a deadline or an interval that make sense: up to a day.
const MILLISECONDS: RangeInclusive<u64> = 1..=86_400_000;

/// What the environment says; what it does not say is none.
#[derive(Debug, Default)]
pub(super) struct Environment {
    pub(super) disabled: bool,
    pub(super) traces: Option<Vec<TracesTo>>,
    /// Where events go that are no part of a span.
    pub(super) events: Vec<EventsTo>,
    pub(super) metrics_to_console: bool,
    #[cfg(feature = "otlp")]
    pub(super) metrics_to_otlp: bool,
    /// Where they are served for Prometheus.
    #[cfg(feature = "serve")]
    pub(super) metrics_served: Option<MetricsPlace>,
    pub(super) metrics_interval: Option<Duration>,
    pub(super) file: Option<PathBuf>,
    /// The store of the exporter `sqlite`.
    #[cfg(feature = "sqlite")]
    pub(super) store: Option<PathBuf>,
    pub(super) views: Option<Vec<Views>>,
    pub(super) buffer_bytes: Option<usize>,
    pub(super) flush_timeout: Option<Duration>,
    pub(super) crash_safe: bool,
    pub(super) stacktraces: bool,
    pub(super) exemplars: bool,
    pub(super) sampler: Option<Sampler>,
    pub(super) resource: Attributes,
    pub(super) limits: SpanLimits,
    pub(super) content: ContentVariables,
    pub(super) profiles: Vec<(String, Profile)>,
    pub(super) prices: Option<Prices>,
    pub(super) cost_on_spans: bool,
    pub(super) baggage: Allowed,
}

/// Where `OTEL_TRACES_EXPORTER` sends spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TracesTo {
    Jsonl,
    #[cfg(feature = "otlp")]
    Otlp,
    #[cfg(feature = "sqlite")]
    Sqlite,
    Console,
}

/// Where `OTEL_LOGS_EXPORTER` sends events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EventsTo {
    Jsonl,
    #[cfg(feature = "otlp")]
    Otlp,
    #[cfg(feature = "sqlite")]
    Sqlite,
}

/// What `OTEL_TRACES_EXPORTER` may name.
const TRACES_TO: &[&str] = &["jsonl", "otlp", "sqlite", "console", "none"];
/// What `OTEL_LOGS_EXPORTER` may name.
const EVENTS_TO: &[&str] = &["jsonl", "otlp", "sqlite", "none"];
/// What `OTEL_METRICS_EXPORTER` may name.
const METRICS_TO: &[&str] = &["prometheus", "otlp", "console", "none"];
/// What this build lacks of all that, and the feature that brings it.
const LACKED: &[(&str, &str)] = &[
    #[cfg(not(feature = "otlp"))]
    ("otlp", "otlp"),
    #[cfg(not(feature = "serve"))]
    ("prometheus", "serve"),
    #[cfg(not(feature = "sqlite"))]
    ("sqlite", "sqlite"),
];

/// Reads variables through `lookup`, which tests replace.
struct Reader<'a>(&'a dyn Fn(&str) -> Option<OsString>);

impl Environment {
    /// Reads the environment of the process.
    pub(super) fn read() -> Result<Self, InitError> {
        Self::from(&|name| std::env::var_os(name))
    }

    fn from(lookup: &dyn Fn(&str) -> Option<OsString>) -> Result<Self, InitError> {
        let reader = Reader(lookup);
        // A variable of what this build does not have: passed over in silence it would lie.
        reader.one_of("GENAI_TRACE_FORMAT", &["jsonl"])?;
        let metrics = reader.exporters("OTEL_METRICS_EXPORTER", METRICS_TO)?;
        let metrics_to = |name| {
            let mut list = metrics.iter().flatten();
            list.any(|word| word == name)
        };
        Ok(Self {
            disabled: reader.boolean("OTEL_SDK_DISABLED")?,
            traces: reader.traces()?,
            events: reader.events()?,
            metrics_to_console: metrics_to("console"),
            #[cfg(feature = "otlp")]
            metrics_to_otlp: metrics_to("otlp"),
            #[cfg(feature = "serve")]
            metrics_served: Some(reader.metrics_place()?).filter(|_| metrics_to("prometheus")),
            metrics_interval: reader.duration("OTEL_METRIC_EXPORT_INTERVAL")?,
            file: reader.path("GENAI_TRACE_FILE"),
            #[cfg(feature = "sqlite")]
            store: reader.path("GENAI_TRACE_SQLITE"),
            views: reader.views()?,
            buffer_bytes: reader
                .number("GENAI_TRACE_BUFFER_BYTES", BUFFER_BYTES)?
                .and_then(|n| n.try_into().ok()),
            flush_timeout: reader.duration("GENAI_TRACE_FLUSH_TIMEOUT_MS")?,
            crash_safe: reader.boolean("GENAI_TRACE_CRASH_SAFE")?,
            stacktraces: reader.boolean("GENAI_TRACE_STACKTRACES")?,
            exemplars: reader.exemplars()?,
            sampler: reader.sampler()?,
            resource: reader.resource()?,
            limits: reader.limits()?,
            content: reader.content()?,
            profiles: reader.profiles()?,
            prices: reader.prices()?,
            cost_on_spans: reader.boolean("GENAI_TRACE_COST_ON_SPANS")?,
            baggage: reader.baggage()?,
        })
    }
}

fn refused(name: &'static str, value: impl Into<String>, expected: impl Display) -> InitError {
    InitError::Variable {
        name,
        value: value.into(),
        expected: expected.to_string(),
    }
}

impl Reader<'_> {
    /// The value of a variable; an empty one counts as unset, as OpenTelemetry has it.
    fn text(&self, name: &'static str) -> Result<Option<String>, InitError> {
        let Some(value) = (self.0)(name).filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        value
            .into_string()
            .map(|value| Some(value.trim().to_owned()))
            .map_err(|value| refused(name, value.to_string_lossy(), "valid utf-8"))
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        let said = (self.0)(name).filter(|path| !path.is_empty());
        said.map(PathBuf::from)
    }

    /// Whether a variable is true; not unless it says so. The specification has a value that means nothing
    /// be false, and a warning: here it is an error.
    fn boolean(&self, name: &'static str) -> Result<bool, InitError> {
        self.text(name)?
            .map_or(Ok(false), |value| boolean(name, &value))
    }

    fn one_of(&self, name: &'static str, allowed: &[&str]) -> Result<(), InitError> {
        self.list(name, allowed).map(|_| ())
    }

    /// A list separated by commas, of words that are allowed.
    fn list(&self, name: &'static str, allowed: &[&str]) -> Result<Option<Vec<String>>, InitError> {
        let Some(value) = self.text(name)? else {
            return Ok(None);
        };
        let words: Vec<String> = value
            .split(',')
            .map(|word| word.trim().to_ascii_lowercase())
            .filter(|word| !word.is_empty())
            .collect();
        if words.is_empty() {
            return Ok(None);
        }
        match words.iter().find(|word| !allowed.contains(&word.as_str())) {
            None => Ok(Some(words)),
            Some(word) => Err(refused(
                name,
                word,
                match allowed {
                    [only] => (*only).to_owned(),
                    several => format!("a list of {}", several.join(", ")),
                },
            )),
        }
    }

    /// A list of exporters, of which a build may lack some.
    fn exporters(
        &self,
        name: &'static str,
        allowed: &[&str],
    ) -> Result<Option<Vec<String>>, InitError> {
        let lacks = |to: &str| LACKED.iter().find(|(lacked, _)| *lacked == to);
        let others = allowed.iter().copied();
        let others: Vec<_> = others.filter(|to| lacks(to).is_none()).collect();
        let said = self.text(name)?.unwrap_or_default().to_ascii_lowercase();
        let mut said = said.split(',').map(str::trim);
        if let Some((to, feature)) = said.find_map(|to| lacks(to).filter(|_| allowed.contains(&to)))
        {
            let others = others.join(", ");
            let expected =
                format_args!("a list of {others}, or a build with the feature `{feature}`");
            return Err(refused(name, *to, expected));
        }
        self.list(name, &others)
    }

    fn traces(&self) -> Result<Option<Vec<TracesTo>>, InitError> {
        let list = self.exporters("OTEL_TRACES_EXPORTER", TRACES_TO)?;
        Ok(list.map(|list| {
            let mut to: Vec<TracesTo> = Vec::new();
            for word in list {
                match word.as_str() {
                    "jsonl" if !to.contains(&TracesTo::Jsonl) => to.push(TracesTo::Jsonl),
                    #[cfg(feature = "otlp")]
                    "otlp" if !to.contains(&TracesTo::Otlp) => to.push(TracesTo::Otlp),
                    #[cfg(feature = "sqlite")]
                    "sqlite" if !to.contains(&TracesTo::Sqlite) => to.push(TracesTo::Sqlite),
                    "console" if !to.contains(&TracesTo::Console) => to.push(TracesTo::Console),
                    _ => {}
                }
            }
            to
        }))
    }

    fn events(&self) -> Result<Vec<EventsTo>, InitError> {
        let list = self.exporters("OTEL_LOGS_EXPORTER", EVENTS_TO)?;
        let mut to: Vec<EventsTo> = Vec::new();
        for word in list.unwrap_or_default() {
            match word.as_str() {
                "jsonl" if !to.contains(&EventsTo::Jsonl) => to.push(EventsTo::Jsonl),
                #[cfg(feature = "otlp")]
                "otlp" if !to.contains(&EventsTo::Otlp) => to.push(EventsTo::Otlp),
                #[cfg(feature = "sqlite")]
                "sqlite" if !to.contains(&EventsTo::Sqlite) => to.push(EventsTo::Sqlite),
                _ => {}
            }
        }
        Ok(to)
    }

    fn views(&self) -> Result<Option<Vec<Views>>, InitError> {
        const NAME: &str = "GENAI_TRACE_VIEWS";
        let Some(value) = self.text(NAME)? else {
            return Ok(None);
        };
        value
            .split(',')
            .map(|word| {
                let word = word.trim();
                word.parse().map_err(|_| {
                    refused(
                        NAME,
                        word,
                        "a list of default, agent, chat, llm, gen_ai_1_41",
                    )
                })
            })
            .collect::<Result<_, _>>()
            .map(Some)
    }

    fn number(
        &self,
        name: &'static str,
        range: RangeInclusive<u64>,
    ) -> Result<Option<u64>, InitError> {
        let Some(value) = self.text(name)? else {
            return Ok(None);
        };
        match value.parse() {
            Ok(number) if range.contains(&number) => Ok(Some(number)),
            _ => {
                let (low, high) = range.into_inner();
                Err(refused(
                    name,
                    value,
                    format_args!("an integer from {low} to {high}"),
                ))
            }
        }
    }

    fn duration(&self, name: &'static str) -> Result<Option<Duration>, InitError> {
        Ok(self.number(name, MILLISECONDS)?.map(Duration::from_millis))
    }

    /// How long something may take: 0 is no limit, as the specification has it for its own variables.
    #[cfg(feature = "otlp")]
    fn timeout(&self, name: &'static str) -> Result<Option<Duration>, InitError> {
        let longest = *MILLISECONDS.end();
        let said = self.number(name, 0..=longest)?;
        let milliseconds = said.map(|said| if said == 0 { longest } else { said });
        Ok(milliseconds.map(Duration::from_millis))
    }

    /// `OTEL_RESOURCE_ATTRIBUTES` (`key=value,..`, values percent-encoded), and `OTEL_SERVICE_NAME`, which wins.
    fn resource(&self) -> Result<Attributes, InitError> {
        const NAME: &str = "OTEL_RESOURCE_ATTRIBUTES";
        let mut resource = Attributes::default();
        for pair in self.text(NAME)?.unwrap_or_default().split(',') {
            let pair = pair.trim();
            if pair.is_empty() {
                continue;
            }
            let expected = "a list of key=value, with values percent-encoded";
            let (key, value) = pair
                .split_once('=')
                .filter(|(key, _)| !key.trim().is_empty())
                .ok_or_else(|| refused(NAME, pair, expected))?;
            let value =
                percent_decoded(value.trim()).ok_or_else(|| refused(NAME, pair, expected))?;
            resource.insert(key.trim(), value);
        }
        if let Some(name) = self.text("OTEL_SERVICE_NAME")? {
            resource.insert("service.name", name);
        }
        Ok(resource)
    }
}

/// The specification has one word for true, and forbids others for its own variables.
fn boolean(name: &'static str, value: &str) -> Result<bool, InitError> {
    let is_own = !name.starts_with("OTEL_");
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        "1" if is_own => Ok(true),
        "0" if is_own => Ok(false),
        _ if is_own => Err(refused(name, value, "true, false, 1 or 0")),
        _ => Err(refused(name, value, "true or false")),
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
            bytes.push(u8::try_from(high << 4 | low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Environment, InitError> {
        Environment::from(&|name| {
            variables
                .iter()
                .find(|(variable, _)| *variable == name)
                .map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn an_empty_environment_says_nothing() {
        let environment = read(&[]).unwrap();
        assert!(!environment.disabled && environment.traces.is_none());
        assert!(environment.resource.is_empty());
        assert!(
            read(&[("OTEL_TRACES_EXPORTER", "")])
                .unwrap()
                .traces
                .is_none()
        );
    }

    #[test]
    fn what_is_said_is_taken() {
        let environment = read(&[
            ("OTEL_TRACES_EXPORTER", "console, jsonl,jsonl"),
            ("OTEL_METRICS_EXPORTER", "console"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "250"),
            ("GENAI_TRACE_FILE", "/tmp/x.jsonl"),
            ("GENAI_TRACE_BUFFER_BYTES", "65536"),
            (
                "OTEL_RESOURCE_ATTRIBUTES",
                "service.name=a,deployment.environment.name=test%20bed",
            ),
            ("OTEL_SERVICE_NAME", "coder"),
        ])
        .unwrap();
        assert_eq!(
            environment.traces,
            Some(vec![TracesTo::Console, TracesTo::Jsonl])
        );
        assert!(environment.metrics_to_console);
        assert_eq!(
            environment.metrics_interval,
            Some(Duration::from_millis(250))
        );
        assert_eq!(environment.buffer_bytes, Some(65536));
        assert_eq!(environment.resource.str("service.name"), Some("coder"));
        assert_eq!(
            environment.resource.str("deployment.environment.name"),
            Some("test bed")
        );
        assert_eq!(
            read(&[("OTEL_TRACES_EXPORTER", "none")]).unwrap().traces,
            Some(vec![])
        );
    }

    #[cfg(feature = "otlp")]
    #[test]
    fn each_signal_goes_by_otlp_where_its_variable_says_so() {
        let environment = read(&[
            ("OTEL_TRACES_EXPORTER", "otlp,jsonl"),
            ("OTEL_LOGS_EXPORTER", "jsonl, otlp,otlp"),
            ("OTEL_METRICS_EXPORTER", "otlp"),
        ])
        .unwrap();
        let traces = Some(vec![TracesTo::Otlp, TracesTo::Jsonl]);
        assert_eq!(environment.traces, traces);
        assert_eq!(environment.events, [EventsTo::Jsonl, EventsTo::Otlp]);
        assert!(environment.metrics_to_otlp && !environment.metrics_to_console);
    }

    #[cfg(not(feature = "otlp"))]
    #[test]
    fn otlp_is_refused_where_the_build_lacks_it() {
        let refusals = [
            "OTEL_TRACES_EXPORTER",
            "OTEL_LOGS_EXPORTER",
            "OTEL_METRICS_EXPORTER",
        ]
        .map(|name| read(&[(name, "none,otlp")]).unwrap_err().to_string());
        assert_eq!(
            refusals.join("\n").replace(" prometheus,", "").replace(" sqlite,", ""),
            "\
OTEL_TRACES_EXPORTER is \"otlp\": expected a list of jsonl, console, none, or a build with the feature `otlp`
OTEL_LOGS_EXPORTER is \"otlp\": expected a list of jsonl, none, or a build with the feature `otlp`
OTEL_METRICS_EXPORTER is \"otlp\": expected a list of console, none, or a build with the feature `otlp`"
        );
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn spans_and_events_go_to_the_store_that_is_named() {
        let environment = read(&[
            ("OTEL_TRACES_EXPORTER", "sqlite,jsonl"),
            ("OTEL_LOGS_EXPORTER", "sqlite"),
            ("GENAI_TRACE_SQLITE", "/var/lib/agent.db"),
        ])
        .unwrap();
        let traces = Some(vec![TracesTo::Sqlite, TracesTo::Jsonl]);
        assert_eq!(environment.traces, traces);
        assert_eq!(environment.events, [EventsTo::Sqlite]);
        assert_eq!(environment.store, Some("/var/lib/agent.db".into()));
    }

    #[cfg(not(feature = "sqlite"))]
    #[test]
    fn a_store_is_refused_where_the_build_lacks_it() {
        let refusal = read(&[("OTEL_LOGS_EXPORTER", "sqlite")]).unwrap_err();
        assert_eq!(
            refusal.to_string().replace(" otlp,", ""),
            "OTEL_LOGS_EXPORTER is \"sqlite\": expected a list of jsonl, none, or a build with the feature `sqlite`"
        );
    }

    #[cfg(not(feature = "serve"))]
    #[test]
    fn prometheus_is_refused_where_the_build_cannot_serve_it() {
        let refusal = read(&[("OTEL_METRICS_EXPORTER", "console, prometheus")]).unwrap_err();
        assert_eq!(
            refusal.to_string().replace(" otlp,", ""),
            "OTEL_METRICS_EXPORTER is \"prometheus\": expected a list of console, none, or a build with the \
             feature `serve`"
        );
    }

    #[cfg(feature = "serve")]
    #[test]
    fn metrics_are_served_where_the_variables_of_prometheus_say() {
        let served = |variables: &[(&str, &str)]| {
            let environment = read(variables);
            environment.map(|environment| environment.metrics_served)
        };
        const TO: (&str, &str) = ("OTEL_METRICS_EXPORTER", "console,prometheus");
        const AT: (&str, &str) = ("OTEL_EXPORTER_PROMETHEUS_PORT", "8000");
        let host = ("OTEL_EXPORTER_PROMETHEUS_HOST", "0.0.0.0");
        let place = |host: Option<&str>, port| MetricsPlace::new(host.map(str::to_owned), port);
        assert_eq!(served(&[AT]).unwrap(), None);
        assert_eq!(served(&[TO]).unwrap(), Some(place(None, None)));
        assert_eq!(
            served(&[TO, AT, host]).unwrap(),
            Some(place(Some("0.0.0.0"), Some(8000)))
        );
        for port in ["80 00", "-1", "65536", "http"] {
            let refusal = served(&[("OTEL_EXPORTER_PROMETHEUS_PORT", port)]).unwrap_err();
            assert_eq!(
                refusal.to_string(),
                format!(
                    "OTEL_EXPORTER_PROMETHEUS_PORT is \"{port}\": expected an integer from 0 to 65535, where 0 is \
                     one that is free"
                )
            );
        }
    }

    #[test]
    fn every_value_that_means_nothing_is_named_with_what_is_allowed() {
        let refusals = [
            ("OTEL_SDK_DISABLED", "yes"),
            ("OTEL_TRACES_EXPORTER", "jsonl,zipkin"),
            ("OTEL_METRICS_EXPORTER", "statsd"),
            ("OTEL_LOGS_EXPORTER", "console"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "0"),
            ("OTEL_METRICS_EXEMPLAR_FILTER", "some"),
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name"),
            ("OTEL_RESOURCE_ATTRIBUTES", "a=%zz"),
            ("GENAI_TRACE_FORMAT", "otlp"),
            ("GENAI_TRACE_VIEWS", "default,tokens"),
            ("GENAI_TRACE_BUFFER_BYTES", "1 MB"),
            ("GENAI_TRACE_FLUSH_TIMEOUT_MS", "-5"),
            ("GENAI_TRACE_CRASH_SAFE", "maybe"),
            ("GENAI_TRACE_PRICES", "no/such/prices.json"),
            ("GENAI_TRACE_COST_ON_SPANS", "always"),
            ("GENAI_TRACE_STACKTRACES", "full"),
            ("OTEL_TRACES_SAMPLER", "traceid"),
            ("OTEL_TRACES_SAMPLER", "xray"),
        ]
        .map(|(name, value)| read(&[(name, value)]).unwrap_err().to_string());
        assert_eq!(
            refusals.join("\n").replace(" otlp,", "").replace(" prometheus,", "").replace(" sqlite,", ""),
            "\
OTEL_SDK_DISABLED is \"yes\": expected true or false
OTEL_TRACES_EXPORTER is \"zipkin\": expected a list of jsonl, console, none
OTEL_METRICS_EXPORTER is \"statsd\": expected a list of console, none
OTEL_LOGS_EXPORTER is \"console\": expected a list of jsonl, none
OTEL_METRIC_EXPORT_INTERVAL is \"0\": expected an integer from 1 to 86400000
OTEL_METRICS_EXEMPLAR_FILTER is \"some\": expected trace_based, always_on or always_off
OTEL_RESOURCE_ATTRIBUTES is \"service.name\": expected a list of key=value, with values percent-encoded
OTEL_RESOURCE_ATTRIBUTES is \"a=%zz\": expected a list of key=value, with values percent-encoded
GENAI_TRACE_FORMAT is \"otlp\": expected jsonl
GENAI_TRACE_VIEWS is \"tokens\": expected a list of default, agent, chat, llm, gen_ai_1_41
GENAI_TRACE_BUFFER_BYTES is \"1 MB\": expected an integer from 4096 to 1073741824
GENAI_TRACE_FLUSH_TIMEOUT_MS is \"-5\": expected an integer from 1 to 86400000
GENAI_TRACE_CRASH_SAFE is \"maybe\": expected true, false, 1 or 0
cannot read the prices in \"no/such/prices.json\": No such file or directory (os error 2)
GENAI_TRACE_COST_ON_SPANS is \"always\": expected true, false, 1 or 0
GENAI_TRACE_STACKTRACES is \"full\": expected true, false, 1 or 0
OTEL_TRACES_SAMPLER is \"traceid\": expected always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or parentbased_traceidratio
OTEL_TRACES_SAMPLER is \"xray\": expected always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or parentbased_traceidratio: no service is asked which traces to keep"
        );
    }

    #[test]
    fn an_unknown_profile_is_named_with_those_of_this_build() {
        let refusal = read(&[("GENAI_TRACE_PROFILE", "jsonl=seed_001,console=zipkin")]);
        let expected = match cfg!(feature = "profiles") {
            true => {
                "latest, gen_ai_1_41, gen_ai_1_36, openinference, langfuse, mlflow, datadog, langsmith, seed_000, \
                 seed_001, seed_002, seed_003 or seed_004"
            }
            false => {
                "latest, gen_ai_1_41, gen_ai_1_36, seed_000, seed_001, seed_002, seed_003 or seed_004 (and those \
                 of backends, with the feature `profiles`)"
            }
        };
        assert_eq!(
            refusal.unwrap_err().to_string(),
            format!(
                "GENAI_TRACE_PROFILE is \"console=zipkin\": expected a list of exporter=profile, with a profile \
                 {expected}"
            )
        );
    }

    #[test]
    fn every_sampler_of_the_specification_is_known() {
        let sampler = |name, argument| {
            let variables = [
                ("OTEL_TRACES_SAMPLER", name),
                ("OTEL_TRACES_SAMPLER_ARG", argument),
            ];
            read(&variables).map(|environment| environment.sampler)
        };
        let ratio = Sampler::trace_id_ratio(0.25);
        for (name, expected) in [
            ("always_on", Sampler::always_on()),
            ("always_off", Sampler::always_off()),
            ("traceidratio", ratio),
            ("parentbased_always_on", Sampler::default()),
            (
                "parentbased_always_off",
                Sampler::parent_based(Sampler::always_off()),
            ),
            ("ParentBased_TraceIdRatio", Sampler::parent_based(ratio)),
        ] {
            assert_eq!(sampler(name, "0.25").unwrap(), Some(expected), "{name}");
        }
        assert_eq!(
            sampler("traceidratio", "").unwrap(),
            Some(Sampler::always_on())
        );
        assert_eq!(sampler("", "0.25").unwrap(), None);
        for argument in ["1.5", "-0.1", "NaN", "ten percent"] {
            assert_eq!(
                sampler("traceidratio", argument).unwrap_err().to_string(),
                format!("OTEL_TRACES_SAMPLER_ARG is \"{argument}\": expected a ratio from 0 to 1")
            );
        }
    }
}
