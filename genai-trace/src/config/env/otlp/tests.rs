//! What the variables say, and what they must not.

use super::*;

fn read(variables: &[(&str, &str)], options: OtlpOptions) -> Result<Settings, InitError> {
    read_of(Signal::Traces, variables, options)
}

fn read_of(
    signal: Signal,
    variables: &[(&str, &str)],
    mut options: OtlpOptions,
) -> Result<Settings, InitError> {
    options.beside = "runs/traces.jsonl".into();
    let lookup = |name: &str| {
        let mut all = variables.iter();
        all.find(|(variable, _)| *variable == name)
            .map(|(_, value)| OsString::from(value))
    };
    Reader(&lookup).otlp(signal, options)
}

fn said(variables: &[(&str, &str)]) -> Settings {
    read(variables, OtlpOptions::default()).unwrap()
}

fn header_of<'a>(settings: &'a Settings, name: &str) -> Option<&'a str> {
    let mut headers = settings.headers.iter();
    let (_, value) = headers.find(|(known, _)| known == name)?;
    value.to_str().ok()
}

#[test]
fn an_empty_environment_means_the_defaults_of_the_specification() {
    let settings = said(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "")]);
    assert_eq!(settings.url, "http://localhost:4318/v1/traces");
    assert_eq!(settings.protocol, OtlpProtocol::HttpProtobuf);
    assert_eq!(settings.timeout, Duration::from_secs(10));
    assert!(!settings.gzip && settings.headers.is_empty() && settings.proxy.is_none());
    assert_eq!(settings.batches, Batches::of(Signal::Traces));
    let spool = settings.spool.unwrap();
    assert_eq!(spool.folder, Path::new("runs/traces.jsonl.otlp"));
}

#[test]
fn a_variable_of_traces_goes_before_the_general_one() {
    let settings = said(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "nonsense"),
        (
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "https://a.example/otel",
        ),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "pigeons"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=1,b=2"),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a=3"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "1"),
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "2000"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "none"),
        ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "gzip"),
    ]);
    assert_eq!(settings.url, "https://a.example/otel");
    assert_eq!(settings.protocol, OtlpProtocol::HttpJson);
    assert_eq!(header_of(&settings, "a"), Some("3"));
    assert_eq!(header_of(&settings, "b"), None);
    assert_eq!(settings.timeout, Duration::from_secs(2));
    assert!(settings.gzip);
}

#[test]
fn each_signal_has_variables_of_its_own() {
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/base/"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "nonsense"),
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://logs/in"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=1"),
        ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "a=2"),
        ("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "3"),
        ("OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "gzip"),
        ("OTEL_BSP_SCHEDULE_DELAY", "7"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "none of theirs"),
        ("OTEL_BLRP_SCHEDULE_DELAY", "8"),
        ("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "9"),
        ("OTEL_METRIC_EXPORT_TIMEOUT", "10"),
    ];
    let options = OtlpOptions::default();
    let [logs, metrics] = [Signal::Logs, Signal::Metrics]
        .map(|signal| read_of(signal, &variables, options.clone()).unwrap());
    assert_eq!(logs.url, "http://logs/in");
    assert_eq!(metrics.url, "http://collector:4318/base/v1/metrics");
    assert_eq!(header_of(&logs, "a"), Some("1"));
    assert_eq!(header_of(&metrics, "a"), Some("2"));
    assert_eq!(logs.timeout, Duration::from_secs(10));
    assert_eq!(metrics.timeout, Duration::from_millis(3));
    assert!(logs.gzip && !metrics.gzip);
    let batches = Batches {
        delay: Duration::from_millis(8),
        items: 9,
        queue: 2048,
    };
    assert_eq!(logs.batches, batches);
    assert_eq!(metrics.batches, Batches::of(Signal::Metrics));
    assert_eq!(metrics.patience, Duration::from_millis(10));
    let of_nothing = read_of(Signal::Logs, &[], OtlpOptions::default()).unwrap();
    assert_eq!(of_nothing.url, "http://localhost:4318/v1/logs");
}

#[test]
fn metrics_have_variables_that_no_other_signal_has() {
    let read = |variables: &[(&str, &str)], options| {
        let lookup = |name: &str| {
            let mut all = variables.iter();
            all.find(|(variable, _)| *variable == name)
                .map(|(_, value)| OsString::from(value))
        };
        Reader(&lookup).otlp_metrics(options)
    };
    let of_nothing = read(&[], OtlpOptions::default()).unwrap();
    assert_eq!(of_nothing.every, Duration::from_secs(60));
    assert_eq!(of_nothing.temporality, OtlpTemporality::Cumulative);
    let variables = [
        ("OTEL_METRIC_EXPORT_INTERVAL", "250"),
        (
            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
            "LowMemory",
        ),
        (
            "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
            "Base2_Exponential_Bucket_Histogram",
        ),
    ];
    let said = read(&variables, OtlpOptions::default()).unwrap();
    let exponential = OtlpHistogramAggregation::Base2ExponentialBucket;
    assert_eq!(said.aggregation, exponential);
    assert_eq!(said.every, Duration::from_millis(250));
    assert_eq!(said.temporality, OtlpTemporality::LowMemory);
    let options = OtlpOptions::default()
        .every(Duration::from_secs(1))
        .temporality(OtlpTemporality::Delta)
        .histogram_aggregation(OtlpHistogramAggregation::ExplicitBucket);
    let in_code = read(&variables, options).unwrap();
    assert_eq!(in_code.every, Duration::from_secs(1));
    assert_eq!(in_code.temporality, OtlpTemporality::Delta);
    let explicit = OtlpHistogramAggregation::ExplicitBucket;
    assert_eq!(in_code.aggregation, explicit);
    assert_eq!(of_nothing.aggregation, explicit);
    let refusals = [
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "both"),
        (
            "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
            "drop",
        ),
        ("OTEL_METRIC_EXPORT_INTERVAL", "0"),
    ]
    .map(|variable| {
        let error = read(&[variable], OtlpOptions::default()).unwrap_err();
        error.to_string()
    });
    assert_eq!(
        refusals,
        [
            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE is \"both\": expected cumulative, delta or lowmemory",
            "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION is \"drop\": \
             expected explicit_bucket_histogram or base2_exponential_bucket_histogram",
            "OTEL_METRIC_EXPORT_INTERVAL is \"0\": expected an integer from 1 to 86400000",
        ]
    );
}

#[test]
fn headers_are_percent_decoded() {
    let list = "Authorization=Basic%20dXNlcjpwdw%3D%3D, x-key = a=b ,,";
    let settings = said(&[("OTEL_EXPORTER_OTLP_HEADERS", list)]);
    assert_eq!(
        header_of(&settings, "authorization"),
        Some("Basic dXNlcjpwdw==")
    );
    assert_eq!(header_of(&settings, "x-key"), Some("a=b"));
}

#[test]
fn what_is_said_in_code_goes_before_the_environment() {
    let options = OtlpOptions::default()
        .endpoint("http://code:1/x")
        .protocol(OtlpProtocol::HttpProtobuf)
        .header("A", "4")
        .timeout(Duration::from_secs(9))
        .gzip(false)
        .spool("/var/spool/traces")
        .spool_bytes(7);
    let settings = read(
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://environment:2"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a=1,b=2"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "1"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
        ],
        options,
    );
    let settings = settings.unwrap();
    assert_eq!(settings.url, "http://code:1/x");
    assert_eq!(settings.protocol, OtlpProtocol::HttpProtobuf);
    assert_eq!(header_of(&settings, "a"), Some("4"));
    assert_eq!(header_of(&settings, "b"), Some("2"));
    assert_eq!(settings.timeout, Duration::from_secs(9));
    assert!(!settings.gzip);
    let folder = PathBuf::from("/var/spool/traces");
    assert_eq!(settings.spool, Some(SpoolSettings { folder, bytes: 7 }));
}

#[test]
fn the_proxy_is_that_of_the_scheme() {
    let variables = |url| {
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", url),
            ("HTTP_PROXY", "http://plain:1"),
            ("https_proxy", "http://secure:2"),
        ]
    };
    let host = |url| {
        said(&variables(url))
            .proxy
            .map(|proxy| proxy.host().to_owned())
    };
    assert_eq!(host("http://collector").as_deref(), Some("plain"));
    assert_eq!(host("https://collector").as_deref(), Some("secure"));
}

#[test]
fn every_value_that_means_nothing_is_named_with_what_is_allowed_and_without_secrets() {
    let refusals = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"),
        (
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "ftp://me:pw@host/x?key=pw",
        ),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=1,Bearer pw"),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a=%zz"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
        ("OTEL_EXPORTER_OTLP_INSECURE", "maybe"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/no/such/ca.pem"),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/no/such/key.pem"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4096"),
        ("OTEL_BSP_SCHEDULE_DELAY", "-1"),
        ("OTEL_BSP_EXPORT_TIMEOUT", "-1"),
        ("HTTP_PROXY", "pigeon://me:pw@host"),
    ]
    .map(|variable| {
        read(&[variable], OtlpOptions::default())
            .unwrap_err()
            .to_string()
    });
    let url = "a url with http:// or https:// and a host, without user, password";
    let headers = "a list of name=value, with values percent-encoded, and none of the headers that belong to \
                   the request itself (what they hold is not shown)";
    assert_eq!(
        refusals.join("\n"),
        format!(
            "\
OTEL_EXPORTER_OTLP_ENDPOINT is \"localhost:4318\": expected {url}, query or fragment: /v1/traces is put behind it
OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is \"ftp://***@host/x\": expected {url} or fragment
OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is \"http\": expected {PROTOCOLS}
OTEL_EXPORTER_OTLP_HEADERS is \".. (the header in place 2)\": expected {headers}
OTEL_EXPORTER_OTLP_TRACES_HEADERS is \"a=..\": expected {headers}
OTEL_EXPORTER_OTLP_TIMEOUT is \"10s\": expected an integer from 0 to 86400000
OTEL_EXPORTER_OTLP_COMPRESSION is \"zstd\": expected gzip or none
OTEL_EXPORTER_OTLP_INSECURE is \"maybe\": expected true or false
OTEL_EXPORTER_OTLP_CERTIFICATE is \"/no/such/ca.pem\": expected a file of certificates in PEM: No such file or directory (os error 2)
OTEL_EXPORTER_OTLP_CLIENT_KEY is \"/no/such/key.pem\": expected a certificate beside it, in OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE
OTEL_BSP_MAX_QUEUE_SIZE is \"0\": expected an integer from 1 to 2147483647
OTEL_BSP_MAX_EXPORT_BATCH_SIZE is \"4096\": expected at most OTEL_BSP_MAX_QUEUE_SIZE, which is 2048
OTEL_BSP_SCHEDULE_DELAY is \"-1\": expected an integer from 0 to 86400000
OTEL_BSP_EXPORT_TIMEOUT is \"-1\": expected an integer from 0 to 86400000
HTTP_PROXY is \"pigeon://***@host\": expected the url of a proxy like http://host:3128, with http:// or https://"
        )
    );
}

#[test]
fn words_may_be_large_and_a_timeout_of_zero_is_none() {
    let variables = [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "HTTP/JSON"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "GZIP"),
        ("OTEL_EXPORTER_OTLP_INSECURE", "TRUE"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "0"),
    ];
    let settings = said(&variables);
    assert_eq!(settings.protocol, OtlpProtocol::HttpJson);
    assert!(settings.gzip);
    assert_eq!(settings.timeout, Duration::from_secs(24 * 60 * 60));
}

#[cfg(not(feature = "otlp-grpc"))]
#[test]
fn grpc_is_refused_where_the_build_lacks_it() {
    let variable = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    let error = read(&[variable], OtlpOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "OTEL_EXPORTER_OTLP_PROTOCOL is \"grpc\": expected http/protobuf or http/json: grpc needs a build with the \
         feature `otlp-grpc`"
    );
}

#[cfg(feature = "otlp-grpc")]
#[test]
fn grpc_has_a_port_of_its_own_and_hosts_without_a_scheme() {
    const GRPC: (&str, &str) = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    const HOST: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317");
    let url = |variables: &[(&str, &str)]| said(variables).url;
    assert_eq!(url(&[GRPC]), "http://localhost:4317");
    assert_eq!(url(&[GRPC, HOST]), "https://collector:4317");
    let insecure = ("OTEL_EXPORTER_OTLP_TRACES_INSECURE", "true");
    assert_eq!(url(&[GRPC, HOST, insecure]), "http://collector:4317");
    let own = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://own:1");
    assert_eq!(url(&[GRPC, HOST, insecure, own]), "https://own:1");
    let refused = |variables: &[(&str, &str)]| {
        let error = read(variables, OtlpOptions::default()).unwrap_err();
        error.to_string()
    };
    assert_eq!(
        refused(&[GRPC, ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h/v1/traces")]),
        "OTEL_EXPORTER_OTLP_ENDPOINT is \"http://h/v1/traces\": expected a host and its port, with http:// or \
         https:// before it or without, and no path"
    );
    let proxy = ("HTTPS_PROXY", "http://proxy:3128");
    let through = said(&[GRPC, HOST, proxy]).proxy;
    assert_eq!(through.map(|proxy| proxy.port()), Some(3128));
    let passed_by = said(&[GRPC, HOST, proxy, ("NO_PROXY", "collector")]);
    assert!(passed_by.proxy.is_none());
}

#[test]
fn what_means_nothing_in_code_is_named_too() {
    let options = OtlpOptions::default;
    let refusals = [
        options().endpoint("collector:4318"),
        options().header("content-type", "pw"),
        options().timeout(Duration::ZERO),
        options().certificate("/no/such/ca.pem"),
    ]
    .map(|options| read(&[], options).unwrap_err().to_string());
    assert_eq!(
        refusals,
        [
            "endpoint(collector:4318): expected a url with http:// or https:// and a host, without user, \
             password or fragment",
            "header(\"content-type\", ..): expected the name of a header that does not belong to the request \
             itself, and a value that can be sent",
            "timeout(0ns): expected more than 0 s",
            "certificate(\"/no/such/ca.pem\"): expected a file of certificates in PEM: No such file or \
             directory (os error 2)",
        ]
    );
}
