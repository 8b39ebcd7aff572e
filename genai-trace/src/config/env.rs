//! What the environment says: the standard `OTEL_*` variables and our own `GENAI_TRACE_*`.

mod limits;
mod sampler;

use std::ffi::OsString;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::error::InitError;
use crate::metrics::Views;
use crate::process::sampler::Sampler;
use crate::record::Attributes;
use crate::span::limits::SpanLimits;

/// Bytes of a thread's buffer that make sense.
pub(super) const BUFFER_BYTES: RangeInclusive<u64> = 4096..=1 << 30;
/// Milliseconds of a deadline or an interval that make sense: up to a day.
const MILLISECONDS: RangeInclusive<u64> = 1..=86_400_000;

/// What the environment says; what it does not say is none.
#[derive(Debug, Default)]
pub(super) struct Environment {
    pub(super) disabled: bool,
    pub(super) traces: Option<Vec<TracesTo>>,
    pub(super) metrics_to_console: bool,
    pub(super) metrics_interval: Option<Duration>,
    pub(super) file: Option<PathBuf>,
    pub(super) views: Option<Vec<Views>>,
    pub(super) buffer_bytes: Option<usize>,
    pub(super) flush_timeout: Option<Duration>,
    pub(super) crash_safe: bool,
    pub(super) sampler: Option<Sampler>,
    pub(super) resource: Attributes,
    pub(super) limits: SpanLimits,
}

/// Where `OTEL_TRACES_EXPORTER` sends spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TracesTo {
    Jsonl,
    Console,
}

/// Reads variables through `lookup`, which tests replace.
struct Reader<'a>(&'a dyn Fn(&str) -> Option<OsString>);

impl Environment {
    /// Reads the environment of the process.
    pub(super) fn read() -> Result<Self, InitError> {
        Self::from(&|name| std::env::var_os(name))
    }

    fn from(lookup: &dyn Fn(&str) -> Option<OsString>) -> Result<Self, InitError> {
        let reader = Reader(lookup);
        reader.refuse_what_is_to_come()?;
        reader.one_of("GENAI_TRACE_FORMAT", &["jsonl"])?;
        reader.one_of("OTEL_LOGS_EXPORTER", &["none"])?;
        let metrics = reader.list("OTEL_METRICS_EXPORTER", &["prometheus", "console", "none"])?;
        Ok(Self {
            disabled: reader.sdk_disabled()?,
            traces: reader.traces()?,
            metrics_to_console: metrics.is_some_and(|list| list.iter().any(|to| to == "console")),
            metrics_interval: reader.duration("OTEL_METRIC_EXPORT_INTERVAL")?,
            file: reader.0("GENAI_TRACE_FILE")
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
            views: reader.views()?,
            buffer_bytes: reader
                .number("GENAI_TRACE_BUFFER_BYTES", BUFFER_BYTES)?
                .and_then(|n| n.try_into().ok()),
            flush_timeout: reader.duration("GENAI_TRACE_FLUSH_TIMEOUT_MS")?,
            crash_safe: reader.crash_safe()?,
            sampler: reader.sampler()?,
            resource: reader.resource()?,
            limits: reader.limits()?,
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

    /// Variables of parts that this build does not have: passed over in silence they would lie.
    fn refuse_what_is_to_come(&self) -> Result<(), InitError> {
        self.one_of("GENAI_TRACE_PROFILE", &["jsonl=latest", "console=latest"])?;
        if let Some(value) = self.text("GENAI_TRACE_PRICES")? {
            return Err(refused(
                "GENAI_TRACE_PRICES",
                value,
                "unset: this version computes no cost",
            ));
        }
        Ok(())
    }

    /// `OTEL_SDK_DISABLED` is true only for `true`, in any case; the specification has every other
    /// value mean false, and a warning. Ours is an error.
    fn sdk_disabled(&self) -> Result<bool, InitError> {
        const NAME: &str = "OTEL_SDK_DISABLED";
        self.text(NAME)?
            .map_or(Ok(false), |value| boolean(NAME, &value))
    }

    fn crash_safe(&self) -> Result<bool, InitError> {
        const NAME: &str = "GENAI_TRACE_CRASH_SAFE";
        self.text(NAME)?
            .map_or(Ok(false), |value| boolean(NAME, &value))
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
            .map(|word| word.trim().to_owned())
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

    fn traces(&self) -> Result<Option<Vec<TracesTo>>, InitError> {
        let list = self.list("OTEL_TRACES_EXPORTER", &["jsonl", "console", "none"])?;
        Ok(list.map(|list| {
            let mut to: Vec<TracesTo> = Vec::new();
            for word in list {
                match word.as_str() {
                    "jsonl" if !to.contains(&TracesTo::Jsonl) => to.push(TracesTo::Jsonl),
                    "console" if !to.contains(&TracesTo::Console) => to.push(TracesTo::Console),
                    _ => {}
                }
            }
            to
        }))
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

fn boolean(name: &'static str, value: &str) -> Result<bool, InitError> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(refused(name, value, "true, false, 1 or 0")),
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

    #[test]
    fn every_value_that_means_nothing_is_named_with_what_is_allowed() {
        let refusals = [
            ("OTEL_SDK_DISABLED", "yes"),
            ("OTEL_TRACES_EXPORTER", "jsonl,zipkin"),
            ("OTEL_METRICS_EXPORTER", "statsd"),
            ("OTEL_LOGS_EXPORTER", "otlp"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "0"),
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name"),
            ("OTEL_RESOURCE_ATTRIBUTES", "a=%zz"),
            ("GENAI_TRACE_FORMAT", "otlp"),
            ("GENAI_TRACE_VIEWS", "default,tokens"),
            ("GENAI_TRACE_BUFFER_BYTES", "1 MB"),
            ("GENAI_TRACE_FLUSH_TIMEOUT_MS", "-5"),
            ("GENAI_TRACE_CRASH_SAFE", "maybe"),
            ("GENAI_TRACE_PROFILE", "jsonl=langfuse"),
            ("GENAI_TRACE_PRICES", "prices.json"),
            ("OTEL_TRACES_SAMPLER", "traceid"),
            ("OTEL_TRACES_SAMPLER", "xray"),
        ]
        .map(|(name, value)| read(&[(name, value)]).unwrap_err().to_string());
        assert_eq!(
            refusals.join("\n"),
            "\
OTEL_SDK_DISABLED is \"yes\": expected true, false, 1 or 0
OTEL_TRACES_EXPORTER is \"zipkin\": expected a list of jsonl, console, none
OTEL_METRICS_EXPORTER is \"statsd\": expected a list of prometheus, console, none
OTEL_LOGS_EXPORTER is \"otlp\": expected none
OTEL_METRIC_EXPORT_INTERVAL is \"0\": expected an integer from 1 to 86400000
OTEL_RESOURCE_ATTRIBUTES is \"service.name\": expected a list of key=value, with values percent-encoded
OTEL_RESOURCE_ATTRIBUTES is \"a=%zz\": expected a list of key=value, with values percent-encoded
GENAI_TRACE_FORMAT is \"otlp\": expected jsonl
GENAI_TRACE_VIEWS is \"tokens\": expected a list of default, agent, chat, llm, gen_ai_1_41
GENAI_TRACE_BUFFER_BYTES is \"1 MB\": expected an integer from 4096 to 1073741824
GENAI_TRACE_FLUSH_TIMEOUT_MS is \"-5\": expected an integer from 1 to 86400000
GENAI_TRACE_CRASH_SAFE is \"maybe\": expected true, false, 1 or 0
GENAI_TRACE_PROFILE is \"jsonl=langfuse\": expected a list of jsonl=latest, console=latest
GENAI_TRACE_PRICES is \"prices.json\": expected unset: this version computes no cost
OTEL_TRACES_SAMPLER is \"traceid\": expected always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or parentbased_traceidratio
OTEL_TRACES_SAMPLER is \"xray\": expected always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or parentbased_traceidratio: no service is asked which traces to keep"
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
