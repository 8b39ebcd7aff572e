//! Where spans go by OTLP, and how, as the variables of the OpenTelemetry specification say it.
//!
//! A variable of a signal goes before the general one. What is said in code goes before both, and what is wrong is
//! an error even then: it is wrong for the next exporter too.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Reader, percent_decoded, refused};
use crate::config::InitError;
use crate::export::otlp::settings::{
    Batches, DEFAULT_ENDPOINT, DEFAULT_SPOOL_BYTES, DEFAULT_TIMEOUT, HEADERS, Headers, Identity,
    Pem, Settings, SpoolSettings, URL, base_url, certificates, header, private_key, proxy,
    set_header, shown, url, url_at_base,
};
#[cfg(feature = "otlp-grpc")]
use crate::export::otlp::settings::{DEFAULT_TARGET, TARGET, target};
use crate::export::otlp::{
    OtlpHistogramAggregation, OtlpOptions, OtlpProtocol, OtlpTemporality, Signal, SpoolTo,
};
use ureq::tls::Certificate;

const MOST_ITEMS: u64 = 2_147_483_647;
const DEFAULT_INTERVAL: Duration = Duration::from_secs(60);
const DEFAULT_EXPORT_TIMEOUT: Duration = Duration::from_secs(30);

/// What an exporter of `signal` goes by: what was said in code, then what the environment says.
pub(in crate::config) fn otlp_settings(
    signal: Signal,
    options: OtlpOptions,
) -> Result<Settings, InitError> {
    Reader(&|name| std::env::var_os(name)).otlp(signal, options)
}

/// What an exporter of metrics goes by.
#[derive(Debug)]
pub(in crate::config) struct MetricSettings {
    pub(in crate::config) settings: Settings,
    pub(in crate::config) every: Duration,
    pub(in crate::config) temporality: OtlpTemporality,
    pub(in crate::config) aggregation: OtlpHistogramAggregation,
}

/// What an exporter of metrics goes by.
pub(in crate::config) fn otlp_metric_settings(
    options: OtlpOptions,
) -> Result<MetricSettings, InitError> {
    Reader(&|name| std::env::var_os(name)).otlp_metrics(options)
}

/// A variable of each signal, which goes before the general one.
struct Variable {
    traces: &'static str,
    metrics: &'static str,
    logs: &'static str,
    general: &'static str,
}

#[cfg(not(feature = "otlp-grpc"))]
const PROTOCOLS: &str = "http/protobuf or http/json";
#[cfg(feature = "otlp-grpc")]
const PROTOCOLS: &str = "http/protobuf, http/json or grpc";

/// The variables that end so.
macro_rules! variable {
    ($end:literal) => {
        Variable {
            traces: concat!("OTEL_EXPORTER_OTLP_TRACES_", $end),
            metrics: concat!("OTEL_EXPORTER_OTLP_METRICS_", $end),
            logs: concat!("OTEL_EXPORTER_OTLP_LOGS_", $end),
            general: concat!("OTEL_EXPORTER_OTLP_", $end),
        }
    };
}

impl Variable {
    const fn of(&self, signal: Signal) -> &'static str {
        match signal {
            Signal::Traces => self.traces,
            Signal::Metrics => self.metrics,
            Signal::Logs => self.logs,
        }
    }
}

const ENDPOINT: Variable = variable!("ENDPOINT");
const PROTOCOL: Variable = variable!("PROTOCOL");
const HEADERS_OF: Variable = variable!("HEADERS");
const TIMEOUT: Variable = variable!("TIMEOUT");
const COMPRESSION: Variable = variable!("COMPRESSION");
const INSECURE: Variable = variable!("INSECURE");
const CERTIFICATE: Variable = variable!("CERTIFICATE");
const CLIENT_CERTIFICATE: Variable = variable!("CLIENT_CERTIFICATE");
const CLIENT_KEY: Variable = variable!("CLIENT_KEY");

impl Reader<'_> {
    fn otlp(&self, signal: Signal, options: OtlpOptions) -> Result<Settings, InitError> {
        let from_environment = self.otlp_protocol(signal)?;
        let protocol = options.protocol.or(from_environment).unwrap_or_default();
        let insecure = self.of(signal, &INSECURE)?;
        let insecure = insecure.map(|(name, value)| super::boolean(name, &value));
        // Of gRPC alone, where a host stands without a scheme.
        let is_insecure = insecure.transpose()?.unwrap_or_default();
        let url = self.otlp_endpoint(signal, protocol, is_insecure, options.endpoint.as_deref())?;
        let timeout = self.otlp_timeout(signal)?;
        if let Some(zero) = options.timeout.filter(Duration::is_zero) {
            return Err(setting("timeout", format!("{zero:?}"), "more than 0 s"));
        }
        let roots = match options.certificate {
            Some(path) => Some(of_code("certificate", &path, certificates)?),
            None => self.otlp_certificate(signal)?,
        };
        let client = match options.client_certificate {
            Some((chain, key)) => Some(Identity::new(
                of_code("client_certificate", &chain, certificates)?,
                of_code("client_certificate", &key, private_key)?,
            )),
            None => self.otlp_client_certificate(signal)?,
        };
        let gzip = self.otlp_compression(signal)?;
        let mut headers = self.otlp_headers(signal)?;
        for (name, value) in options.headers {
            let good = header(&name, &value);
            set_header(
                &mut headers,
                good.ok_or_else(|| setting("header", format!("{name:?}, .."), HEADER))?,
            );
        }
        let (batches, export_timeout) = self.otlp_batches(signal)?;
        let bytes = options.spool_bytes.unwrap_or(DEFAULT_SPOOL_BYTES);
        let spool = match options.spool {
            SpoolTo::Nowhere => None,
            SpoolTo::Folder(folder) => Some(SpoolSettings { folder, bytes }),
            SpoolTo::Beside => Some(SpoolSettings {
                folder: called_like(&options.beside),
                bytes,
            }),
        };
        Ok(Settings {
            signal,
            proxy: self.otlp_proxy(&url)?,
            url,
            protocol,
            headers,
            timeout: options.timeout.or(timeout).unwrap_or(DEFAULT_TIMEOUT),
            gzip: options.gzip.or(gzip).unwrap_or_default(),
            roots,
            client,
            batches,
            spool,
            patience: export_timeout,
        })
    }

    fn otlp_metrics(&self, options: OtlpOptions) -> Result<MetricSettings, InitError> {
        const TEMPORALITY: &str = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
        const AGGREGATION: &str = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";
        let said = self.text(TEMPORALITY)?;
        let from_environment = said.map(|said| {
            [
                OtlpTemporality::Cumulative,
                OtlpTemporality::Delta,
                OtlpTemporality::LowMemory,
            ]
            .into_iter()
            .find(|temporality| temporality.to_string().eq_ignore_ascii_case(&said))
            .ok_or_else(|| refused(TEMPORALITY, said, "cumulative, delta or lowmemory"))
        });
        let temporality = from_environment.transpose()?;
        let said = self.text(AGGREGATION)?;
        let from_environment = said.map(|said| {
            [
                OtlpHistogramAggregation::ExplicitBucket,
                OtlpHistogramAggregation::Base2ExponentialBucket,
            ]
            .into_iter()
            .find(|aggregation| aggregation.to_string().eq_ignore_ascii_case(&said))
            .ok_or_else(|| {
                let expected = "explicit_bucket_histogram or base2_exponential_bucket_histogram";
                refused(AGGREGATION, said, expected)
            })
        });
        let aggregation = from_environment.transpose()?;
        let every = self.duration("OTEL_METRIC_EXPORT_INTERVAL")?;
        if let Some(zero) = options.every.filter(Duration::is_zero) {
            return Err(setting("every", format!("{zero:?}"), "more than 0 s"));
        }
        Ok(MetricSettings {
            every: options.every.or(every).unwrap_or(DEFAULT_INTERVAL),
            temporality: options.temporality.or(temporality).unwrap_or_default(),
            aggregation: options.aggregation.or(aggregation).unwrap_or_default(),
            settings: self.otlp(Signal::Metrics, options)?,
        })
    }

    /// The variable of the signal where it is set, else the general one: its name and its value.
    fn of(
        &self,
        signal: Signal,
        variable: &Variable,
    ) -> Result<Option<(&'static str, String)>, InitError> {
        let own = variable.of(signal);
        if let Some(value) = self.text(own)? {
            return Ok(Some((own, value)));
        }
        let said = self.text(variable.general)?;
        Ok(said.map(|value| (variable.general, value)))
    }

    /// Where requests go: where the code says, else the environment, else what is usual.
    fn otlp_endpoint(
        &self,
        signal: Signal,
        protocol: OtlpProtocol,
        is_insecure: bool,
        said: Option<&str>,
    ) -> Result<String, InitError> {
        #[cfg(feature = "otlp-grpc")]
        if protocol == OtlpProtocol::Grpc {
            let from_environment = self.of(signal, &ENDPOINT)?.map(|(name, value)| {
                target(&value, is_insecure).ok_or_else(|| refused(name, shown(&value), TARGET))
            });
            let from_environment = from_environment.transpose()?;
            return match said {
                Some(said) => target(said, is_insecure)
                    .ok_or_else(|| setting("endpoint", shown(said), TARGET)),
                None => Ok(from_environment.unwrap_or_else(|| DEFAULT_TARGET.to_owned())),
            };
        }
        let _ = (protocol, is_insecure);
        let from_environment = self.otlp_url(signal)?;
        match said {
            Some(said) => url(said).ok_or_else(|| setting("endpoint", shown(said), URL)),
            None => {
                Ok(from_environment
                    .unwrap_or_else(|| format!("{DEFAULT_ENDPOINT}{}", signal.path())))
            }
        }
    }

    fn otlp_url(&self, signal: Signal) -> Result<Option<String>, InitError> {
        let own = ENDPOINT.of(signal);
        if let Some(said) = self.text(own)? {
            let good = url(&said).ok_or_else(|| refused(own, shown(&said), URL));
            return good.map(Some);
        }
        let path = signal.path();
        let said = self.text(ENDPOINT.general)?;
        said.map(|said| {
            url_at_base(&said, path)
                .ok_or_else(|| refused(ENDPOINT.general, shown(&said), base_url(path)))
        })
        .transpose()
    }

    fn otlp_protocol(&self, signal: Signal) -> Result<Option<OtlpProtocol>, InitError> {
        let Some((name, value)) = self.of(signal, &PROTOCOL)? else {
            return Ok(None);
        };
        match value.to_ascii_lowercase().as_str() {
            "http/protobuf" => Ok(Some(OtlpProtocol::HttpProtobuf)),
            "http/json" => Ok(Some(OtlpProtocol::HttpJson)),
            #[cfg(feature = "otlp-grpc")]
            "grpc" => Ok(Some(OtlpProtocol::Grpc)),
            #[cfg(not(feature = "otlp-grpc"))]
            "grpc" => Err(refused(
                name,
                value,
                format_args!("{PROTOCOLS}: grpc needs a build with the feature `otlp-grpc`"),
            )),
            _ => Err(refused(name, value, PROTOCOLS)),
        }
    }

    /// A list of name=value, percent-encoded; what is wrong is named by its place, since values are secrets.
    fn otlp_headers(&self, signal: Signal) -> Result<Headers, InitError> {
        let mut headers = Headers::new();
        let Some((variable, list)) = self.of(signal, &HEADERS_OF)? else {
            return Ok(headers);
        };
        for (index, pair) in list.split(',').enumerate() {
            if pair.trim().is_empty() {
                continue;
            }
            let good = pair.split_once('=').and_then(|(name, value)| {
                header(&percent_decoded(name)?, &percent_decoded(value.trim())?)
            });
            match good {
                Some(good) => set_header(&mut headers, good),
                None => {
                    let place = match pair.split_once('=') {
                        Some((name, _)) => format!("{}=..", name.trim()),
                        None => format!(".. (the header in place {})", index + 1),
                    };
                    return Err(refused(variable, place, HEADERS));
                }
            }
        }
        Ok(headers)
    }

    fn otlp_timeout(&self, signal: Signal) -> Result<Option<Duration>, InitError> {
        match self.timeout(TIMEOUT.of(signal))? {
            None => self.timeout(TIMEOUT.general),
            said => Ok(said),
        }
    }

    fn otlp_compression(&self, signal: Signal) -> Result<Option<bool>, InitError> {
        let said = self.of(signal, &COMPRESSION)?;
        said.map(|(name, value)| match value.to_ascii_lowercase().as_str() {
            "gzip" => Ok(true),
            "none" => Ok(false),
            _ => Err(refused(name, value, "gzip or none")),
        })
        .transpose()
    }

    fn otlp_certificate(
        &self,
        signal: Signal,
    ) -> Result<Option<Pem<Vec<Certificate<'static>>>>, InitError> {
        let said = self.of(signal, &CERTIFICATE)?;
        said.map(|(name, path)| of_file(name, path, certificates))
            .transpose()
    }

    fn otlp_client_certificate(&self, signal: Signal) -> Result<Option<Identity>, InitError> {
        let chain = self.of(signal, &CLIENT_CERTIFICATE)?;
        let key = self.of(signal, &CLIENT_KEY)?;
        match (chain, key) {
            (None, None) => Ok(None),
            (Some((chain, chain_path)), Some((key, key_path))) => {
                let chain = of_file(chain, chain_path, certificates)?;
                let key = of_file(key, key_path, private_key)?;
                Ok(Some(Identity::new(chain, key)))
            }
            (Some((name, path)), None) => Err(refused(
                name,
                path,
                "a private key beside it, in OTEL_EXPORTER_OTLP_CLIENT_KEY",
            )),
            (None, Some((name, path))) => Err(refused(
                name,
                path,
                "a certificate beside it, in OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
            )),
        }
    }

    /// How items are gathered, and how long an export may take.
    fn otlp_batches(&self, signal: Signal) -> Result<(Batches, Duration), InitError> {
        let default = Batches::of(signal);
        let (batch, queue, delay, timeout) = match signal {
            Signal::Traces => (
                "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
                "OTEL_BSP_MAX_QUEUE_SIZE",
                "OTEL_BSP_SCHEDULE_DELAY",
                "OTEL_BSP_EXPORT_TIMEOUT",
            ),
            Signal::Logs => (
                "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
                "OTEL_BLRP_MAX_QUEUE_SIZE",
                "OTEL_BLRP_SCHEDULE_DELAY",
                "OTEL_BLRP_EXPORT_TIMEOUT",
            ),
            // What was collected together is sent at once.
            Signal::Metrics => {
                let timeout = self.timeout("OTEL_METRIC_EXPORT_TIMEOUT")?;
                return Ok((default, timeout.unwrap_or(DEFAULT_EXPORT_TIMEOUT)));
            }
        };
        let count = |name| {
            let number = self.number(name, 1..=MOST_ITEMS)?;
            Ok::<_, InitError>(number.and_then(|number| usize::try_from(number).ok()))
        };
        let most_queued = count(queue)?.unwrap_or(default.queue);
        let items = count(batch)?;
        if let Some(items) = items.filter(|items| *items > most_queued) {
            return Err(refused(
                batch,
                items.to_string(),
                format_args!("at most {queue}, which is {most_queued}"),
            ));
        }
        let delay = self.number(delay, 0..=86_400_000)?;
        let export_timeout = self.timeout(timeout)?;
        let batches = Batches {
            delay: delay.map_or(default.delay, Duration::from_millis),
            items: items.unwrap_or(default.items.min(most_queued)),
            queue: most_queued,
        };
        Ok((batches, export_timeout.unwrap_or(DEFAULT_EXPORT_TIMEOUT)))
    }

    /// The proxy for the scheme of the url, in capitals or not, as is the custom.
    fn otlp_proxy(&self, url: &str) -> Result<Option<ureq::Proxy>, InitError> {
        let is_https = url
            .get(..6)
            .is_some_and(|start| start.eq_ignore_ascii_case("https:"));
        let names: [&'static str; 4] = match is_https {
            true => ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
            false => ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
        };
        let no_proxy = match self.text("NO_PROXY")? {
            None => self.text("no_proxy")?,
            said => said,
        };
        // First of all: a proxy that is not asked may be of any kind.
        let passes_by = |any: ureq::Proxy| url.parse().is_ok_and(|url| any.is_no_proxy(&url));
        if proxy("http://proxy", no_proxy.as_deref()).is_some_and(passes_by) {
            return Ok(None);
        }
        for name in names {
            if let Some(said) = self.text(name)? {
                let good = proxy(&said, no_proxy.as_deref());
                let good = good.ok_or_else(|| refused(name, shown(&said), PROXY))?;
                return Ok(Some(good));
            }
        }
        Ok(None)
    }
}

/// What a proxy has to look like.
const PROXY: &str = "the url of a proxy like http://host:3128, with http:// or https://";

/// What a header in code has to look like.
const HEADER: &str =
    "the name of a header that does not belong to the request itself, and a value that can be sent";

fn setting(name: &'static str, value: String, expected: &str) -> InitError {
    InitError::Setting {
        name,
        value,
        expected: expected.to_owned(),
    }
}

/// What a file holds that a variable names.
fn of_file<T>(
    name: &'static str,
    path: String,
    read: impl Fn(&Path) -> Result<T, String>,
) -> Result<T, InitError> {
    read(Path::new(&path)).map_err(|expected| refused(name, path, expected))
}

/// What a file holds that is named in code.
fn of_code<T>(
    name: &'static str,
    path: &Path,
    read: impl Fn(&Path) -> Result<T, String>,
) -> Result<T, InitError> {
    read(path).map_err(|expected| setting(name, format!("{path:?}"), &expected))
}

/// The folder beside a traces file.
fn called_like(file: &Path) -> PathBuf {
    let mut folder: OsString = file.as_os_str().to_owned();
    folder.push(".otlp");
    folder.into()
}

#[cfg(test)]
#[cfg(feature = "profiles")]
mod backends;
#[cfg(test)]
mod tests;
