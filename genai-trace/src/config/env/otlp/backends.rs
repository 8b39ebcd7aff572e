//! The settings in docs/backends.md lead where they are meant to, in the environment as well as in code.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;

use super::super::{Environment, EventsTo, TracesTo};
use super::*;
use crate::profile::Profile;

/// Where a recipe is to lead.
struct Recipe {
    /// The section of the document.
    name: &'static str,
    /// The code that stands there.
    options: OtlpOptions,
    url: &'static str,
    headers: &'static [(&'static str, &'static str)],
    protocol: OtlpProtocol,
    gzip: bool,
    profile: Profile,
}

impl Recipe {
    fn new(name: &'static str, options: OtlpOptions, url: &'static str) -> Self {
        Self {
            name,
            options,
            url,
            headers: &[],
            protocol: OtlpProtocol::HttpProtobuf,
            gzip: false,
            profile: Profile::Latest,
        }
    }

    fn headers(mut self, headers: &'static [(&'static str, &'static str)]) -> Self {
        self.headers = headers;
        self
    }

    fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }
}

fn local() -> OtlpOptions {
    OtlpOptions::default().endpoint("http://localhost:4318/v1/traces")
}

fn tempo() -> OtlpOptions {
    OtlpOptions::default()
        .endpoint("http://localhost:4318/v1/traces")
        .header("X-Scope-OrgID", "coders")
}

fn langfuse() -> OtlpOptions {
    OtlpOptions::default()
        .endpoint("https://cloud.langfuse.com/api/public/otel/v1/traces")
        .header(
            "Authorization",
            "Basic cGstbGYtMTIzNDU2Nzg5MDpzay1sZi0xMjM0NTY3ODkw",
        )
        .header("x-langfuse-ingestion-version", "4")
}

fn phoenix() -> OtlpOptions {
    OtlpOptions::default().endpoint("http://localhost:6006/v1/traces")
}

fn mlflow() -> OtlpOptions {
    OtlpOptions::default()
        .endpoint("http://localhost:5000/v1/traces")
        .header("x-mlflow-experiment-id", "0")
}

fn datadog_intake() -> OtlpOptions {
    OtlpOptions::default()
        .endpoint("https://otlp.datadoghq.com/v1/traces")
        .header("dd-api-key", "KEY")
        .header("dd-otlp-source", "llmobs")
}

fn honeycomb() -> OtlpOptions {
    OtlpOptions::default()
        .endpoint("https://api.honeycomb.io/v1/traces")
        .header("x-honeycomb-team", "KEY")
}

fn grafana_cloud() -> OtlpOptions {
    OtlpOptions::default()
        .endpoint("https://otlp-gateway-prod-eu-west-2.grafana.net/otlp/v1/traces")
        .header("Authorization", "Basic MTIzNDU2OmdsY190b2tlbg==")
}

fn langsmith() -> OtlpOptions {
    OtlpOptions::default()
        .endpoint("https://api.smith.langchain.com/otel/v1/traces")
        .header("x-api-key", "KEY")
        .header("Langsmith-Project", "coders")
}

fn braintrust() -> OtlpOptions {
    OtlpOptions::default()
        .endpoint("https://api.braintrust.dev/otel/v1/traces")
        .header("Authorization", "Bearer KEY")
        .header("x-bt-parent", "project_name:coders")
}

fn new_relic() -> OtlpOptions {
    OtlpOptions::default()
        .endpoint("https://otlp.nr-data.net/v1/traces")
        .header("api-key", "KEY")
        .gzip(true)
}

fn helicone() -> OtlpOptions {
    OtlpOptions::default()
        .endpoint("https://api.helicone.ai/v1/trace/log")
        .protocol(OtlpProtocol::HttpJson)
        .header("Authorization", "Bearer KEY")
}

fn arize_ax() -> OtlpOptions {
    OtlpOptions::default()
        .endpoint("https://otlp.arize.com/v1/traces")
        .header("space_id", "SPACE")
        .header("api_key", "KEY")
}

fn recipes() -> Vec<Recipe> {
    const LOCAL: &str = "http://localhost:4318/v1/traces";
    const GRAFANA: &str = "https://otlp-gateway-prod-eu-west-2.grafana.net/otlp/v1/traces";
    let [langfuse_url, langsmith_url] = [
        "https://cloud.langfuse.com/api/public/otel/v1/traces",
        "https://api.smith.langchain.com/otel/v1/traces",
    ];
    vec![
        Recipe::new("Collector", local(), LOCAL),
        Recipe::new("Jaeger", local(), LOCAL),
        Recipe::new("Tempo", tempo(), LOCAL).headers(&[("x-scope-orgid", "coders")]),
        Recipe::new("Langfuse", langfuse(), langfuse_url)
            .headers(&[
                (
                    "authorization",
                    "Basic cGstbGYtMTIzNDU2Nzg5MDpzay1sZi0xMjM0NTY3ODkw",
                ),
                ("x-langfuse-ingestion-version", "4"),
            ])
            .profile(Profile::Langfuse),
        Recipe::new("Phoenix", phoenix(), "http://localhost:6006/v1/traces")
            .profile(Profile::OpenInference),
        Recipe::new("MLflow", mlflow(), "http://localhost:5000/v1/traces")
            .headers(&[("x-mlflow-experiment-id", "0")])
            .profile(Profile::Mlflow),
        Recipe::new("Datadog Agent", local(), LOCAL).profile(Profile::Datadog),
        Recipe::new(
            "Datadog intake",
            datadog_intake(),
            "https://otlp.datadoghq.com/v1/traces",
        )
        .headers(&[("dd-api-key", "KEY"), ("dd-otlp-source", "llmobs")])
        .profile(Profile::Datadog),
        Recipe::new(
            "Honeycomb",
            honeycomb(),
            "https://api.honeycomb.io/v1/traces",
        )
        .headers(&[("x-honeycomb-team", "KEY")]),
        Recipe::new("Grafana Cloud", grafana_cloud(), GRAFANA)
            .headers(&[("authorization", "Basic MTIzNDU2OmdsY190b2tlbg==")]),
        Recipe::new("LangSmith", langsmith(), langsmith_url)
            .headers(&[("x-api-key", "KEY"), ("langsmith-project", "coders")])
            .profile(Profile::LangSmith),
        Recipe::new(
            "Braintrust",
            braintrust(),
            "https://api.braintrust.dev/otel/v1/traces",
        )
        .headers(&[
            ("authorization", "Bearer KEY"),
            ("x-bt-parent", "project_name:coders"),
        ]),
        Recipe {
            gzip: true,
            ..Recipe::new(
                "New Relic",
                new_relic(),
                "https://otlp.nr-data.net/v1/traces",
            )
            .headers(&[("api-key", "KEY")])
        },
        Recipe {
            protocol: OtlpProtocol::HttpJson,
            ..Recipe::new(
                "Helicone",
                helicone(),
                "https://api.helicone.ai/v1/trace/log",
            )
            .headers(&[("authorization", "Bearer KEY")])
            .profile(Profile::LangSmith)
        },
        Recipe::new("Arize AX", arize_ax(), "https://otlp.arize.com/v1/traces")
            .headers(&[("space_id", "SPACE"), ("api_key", "KEY")])
            .profile(Profile::OpenInference),
        Recipe::new("Zipkin", local(), LOCAL),
    ]
}

fn document() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/backends.md")).unwrap()
}

/// What stands under a heading.
fn section<'a>(document: &'a str, name: &str) -> &'a str {
    let mut all = document.split("\n## ").skip(1);
    let section = all.find_map(|section| section.strip_prefix(name)?.strip_prefix('\n'));
    section.unwrap_or_else(|| panic!("no section {name}"))
}

/// The only block of a section that is written in `language`.
fn block<'a>(section: &'a str, language: &str) -> &'a str {
    let front = format!("```{language}\n");
    let blocks: Vec<_> = section.split(&front).skip(1).collect();
    assert_eq!(blocks.len(), 1, "blocks of {language} in {section}");
    blocks[0].split("```").next().unwrap()
}

/// What a block sets.
fn variables(block: &str) -> Vec<(&str, &str)> {
    let variable = |line| {
        let (name, value) = str::strip_prefix(line, "export ")?.split_once('=')?;
        // A shell that the line is pasted into is to take it as it stands.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.,:;/%=".contains(&byte);
        value.bytes().all(is_plain).then_some((name, value))
    };
    let lines = block.lines();
    lines
        .map(|line| variable(line).unwrap_or_else(|| panic!("sets nothing: {line}")))
        .collect()
}

fn headers(settings: &Settings) -> Vec<(&str, &str)> {
    let headers = settings.headers.iter();
    headers
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect()
}

/// Code without what a formatter puts into it.
fn bare(code: &str) -> String {
    let code: String = code.split_whitespace().collect();
    code.replace(",)", ")")
}

#[test]
fn the_settings_of_each_backend_lead_where_they_are_meant_to() {
    let document = document();
    let common = variables(block(section(&document, "For all of them"), "sh"));
    for recipe in recipes() {
        let name = recipe.name;
        let mut said = common.clone();
        said.extend(variables(block(section(&document, name), "sh")));
        let asked_for = RefCell::new(BTreeSet::new());
        let lookup = |name: &str| {
            asked_for.borrow_mut().insert(name.to_owned());
            let found = said.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| OsString::from(value))
        };

        let environment = Environment::from(&lookup).unwrap();
        let service = environment.resource.str("service.name");
        assert_eq!(service, Some("coder"), "{name}");
        assert_eq!(environment.traces, Some(vec![TracesTo::Otlp]), "{name}");
        let profiles = match recipe.profile {
            Profile::Latest => vec![],
            other => vec![("otlp".to_owned(), other)],
        };
        assert_eq!(environment.profiles, profiles, "{name}");

        let reader = Reader(&lookup);
        let settings = reader.otlp(Signal::Traces, OtlpOptions::default());
        let settings = settings.unwrap();
        assert_eq!(settings.url, recipe.url, "{name}");
        assert_eq!(headers(&settings), recipe.headers, "{name}");
        assert_eq!(settings.protocol, recipe.protocol, "{name}");
        assert_eq!(settings.gzip, recipe.gzip, "{name}");
        let base = recipe.url.trim_end_matches("traces");
        if environment.metrics_to_otlp {
            let metrics = reader.otlp_metrics(OtlpOptions::default()).unwrap();
            assert_eq!(metrics.settings.url, format!("{base}metrics"), "{name}");
        }
        if environment.events.contains(&EventsTo::Otlp) {
            let logs = reader.otlp(Signal::Logs, OtlpOptions::default()).unwrap();
            assert_eq!(logs.url, format!("{base}logs"), "{name}");
        }
        let asked_for = asked_for.borrow();
        for (variable, _) in said {
            assert!(
                asked_for.contains(variable),
                "{name}: {variable} is nobody's"
            );
        }
    }
}

#[test]
fn the_code_beside_the_settings_says_the_same() {
    let document = document();
    let source = bare(include_str!("backends.rs"));
    for recipe in recipes() {
        let name = recipe.name;
        let settings = Reader(&|_| None).otlp(Signal::Traces, recipe.options);
        let settings = settings.unwrap();
        assert_eq!(settings.url, recipe.url, "{name}");
        assert_eq!(headers(&settings), recipe.headers, "{name}");
        assert_eq!(settings.protocol, recipe.protocol, "{name}");
        assert_eq!(settings.gzip, recipe.gzip, "{name}");
        let code = block(section(&document, name), "rust");
        assert!(source.contains(&bare(code)), "{name}: not the code: {code}");
        let said = recipe.headers.iter().map(|(_, value)| *value);
        for part in said.chain([recipe.url]) {
            assert!(code.contains(&format!("{part:?}")), "{name}: {part}");
        }
    }
}

#[test]
fn every_backend_of_the_document_stands_in_its_table_and_is_tried() {
    let document = document();
    let headings = document.lines().filter_map(|line| line.strip_prefix("## "));
    let names: Vec<_> = headings.filter(|name| *name != "For all of them").collect();
    let tried = recipes();
    assert_eq!(
        names,
        tried.iter().map(|recipe| recipe.name).collect::<Vec<_>>()
    );
    for recipe in tried {
        let name = recipe.name;
        let anchor = name.to_lowercase().replace(' ', "-");
        let front = format!("| [{name}](#{anchor}) |");
        let row = document.lines().find(|line| line.starts_with(&front));
        let row = row.unwrap_or_else(|| panic!("no row of {name}"));
        let profile = format!("| `{}` |", recipe.profile);
        assert!(row.contains(&profile) || row.contains("| any |"), "{row}");
        // The table says what the section says first of all.
        let has_run = section(&document, name).starts_with("\nRun:");
        assert_eq!(has_run, !row.ends_with("| not run |"), "{row}");
    }
}
