//! What a user sees who only sets variables.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A program in a folder of its own, and what it printed there.
fn run(name: &str, variables: &[(&str, &str)]) -> (PathBuf, String) {
    let folder =
        std::env::temp_dir().join(format!("genai-trace-env-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_program"))
        .env_clear()
        .envs(variables.iter().copied())
        .current_dir(&folder)
        .arg("2")
        .output()
        .unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    (folder, String::from_utf8(output.stdout).unwrap())
}

#[test]
fn without_any_variable_spans_go_to_traces_jsonl_in_the_working_folder() {
    let (folder, _) = run("default", &[]);
    let file = fs::read_to_string(folder.join("traces.jsonl")).unwrap();
    fs::remove_dir_all(folder).unwrap();
    let span: genai_trace::SpanRecord = serde_json::from_str(file.lines().next().unwrap()).unwrap();
    assert_eq!(
        span.resource.str("service.name"),
        Some("unknown_service:program")
    );
    assert_eq!(file.lines().count(), 2);
}

#[test]
fn the_service_is_named_by_its_variable() {
    let variables = [
        ("OTEL_SERVICE_NAME", "coder"),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=test",
        ),
    ];
    let (folder, _) = run("service", &variables);
    let file = fs::read_to_string(folder.join("traces.jsonl")).unwrap();
    fs::remove_dir_all(folder).unwrap();
    assert!(file.lines().all(|line| {
        line.ends_with(
            r#""resource":{"deployment.environment.name":"test","service.name":"coder"}}"#,
        )
    }));
}

#[test]
fn the_console_takes_the_place_of_the_file() {
    let (folder, stdout) = run("console", &[("OTEL_TRACES_EXPORTER", "console")]);
    assert!(!folder.join("traces.jsonl").exists());
    fs::remove_dir_all(folder).unwrap();
    assert_eq!(
        stdout.matches("execute_tool double ").count(),
        2,
        "{stdout}"
    );
}

#[test]
fn none_keeps_the_metrics_alone() {
    let (folder, stdout) = run("none", &[("OTEL_TRACES_EXPORTER", "none")]);
    assert!(!folder.join("traces.jsonl").exists());
    fs::remove_dir_all(folder).unwrap();
    assert!(stdout.contains("report: 2 spans ended\n"), "{stdout}");
}

#[test]
fn metrics_are_printed_as_a_table_at_the_end() {
    let (folder, stdout) = run("metrics", &[("OTEL_METRICS_EXPORTER", "console")]);
    fs::remove_dir_all(folder).unwrap();
    assert!(
        stdout.contains("\ntools_called_total\n  tool=double  2\n"),
        "{stdout}"
    );
    assert!(
        stdout.contains("\ntool_latency_ms\n  tool=double  count 2, mean "),
        "{stdout}"
    );
}

#[test]
fn the_sampler_leaves_spans_out_and_the_report_counts_them() {
    let (folder, output) = run("sampler", &[("OTEL_TRACES_SAMPLER", "always_off")]);
    let file = fs::read_to_string(folder.join("traces.jsonl")).unwrap();
    fs::remove_dir_all(folder).unwrap();
    assert_eq!(file, "");
    assert!(
        output.contains("report: 2 spans ended, 2 sampled out; jsonl: 0 written"),
        "{output}"
    );
}
