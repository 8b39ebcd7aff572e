//! `genai-trace facts`, as a user runs it.

// A test that panics is a test that fails.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

fn put(folder: &TempDir, name: &str, content: &str) {
    fs::write(folder.path().join(name), content).unwrap();
}

fn run(folder: &Path, files: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_genai-trace"))
        .arg("facts")
        .args(files)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    std::str::from_utf8(&output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// An exchange whose body says little, and whose expectation is wrong.
fn exchange(id: &str) -> String {
    json!({
        "provider": "openai", "url": "https://api.openai.com/v1/chat/completions", "status": 200,
        "format": "json",
        "response": {
            "id": id, "object": "chat.completion", "model": "m-1",
            "choices": [{"index": 0, "message": {"role": "assistant"}, "finish_reason": "tool_calls"}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 4},
        },
        "expect": {"response_id": "another", "input_tokens": 99},
    })
    .to_string()
}

/// What is expected of `exchange(id)`.
fn said(file: &str, id: &str) -> Value {
    json!({
        "file": file, "response_model": "m-1", "response_id": id,
        "finish_reasons": ["tool_calls"], "finish_reasons_normalized": ["tool_call"],
        "input_tokens": 3, "output_tokens": 4, "cache_read_input_tokens": null,
        "cache_creation_input_tokens": null, "reasoning_output_tokens": null,
    })
}

#[test]
fn each_file_is_a_line_in_the_order_of_the_arguments() {
    let folder = tempdir().unwrap();
    put(&folder, "b.json", &exchange("1"));
    put(&folder, "a.json", &exchange("2"));
    let output = run(folder.path(), &["b.json", "a.json", "b.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(
        lines(&output),
        [
            said("b.json", "1"),
            said("a.json", "2"),
            said("b.json", "1")
        ]
    );
}

#[test]
fn a_bad_file_is_named_and_the_others_are_said_all_the_same() {
    let folder = tempdir().unwrap();
    put(&folder, "good.json", &exchange("1"));
    put(&folder, "torn.json", "{\"format\": ");
    put(&folder, "list.json", "[]");
    put(&folder, "form.json", "{\"format\": \"xml\"}");
    put(&folder, "empty.json", "{\"format\": \"json\"}");
    put(
        &folder,
        "status.json",
        "{\"format\": \"json\", \"status\": 7, \"response\": {}}",
    );
    let output = run(
        folder.path(),
        &[
            "torn.json",
            "none.json",
            "list.json",
            "form.json",
            "empty.json",
            "status.json",
            "good.json",
        ],
    );
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(lines(&output), [said("good.json", "1")]);
    let errors: Vec<&str> = stderr(&output).lines().collect();
    for (error, expected) in errors.iter().zip([
        "\"torn.json\" is not a JSON document: ",
        "cannot read \"none.json\": ",
        "\"list.json\" is no exchange: it is no object",
        "\"form.json\" is no exchange: format is Some(\"xml\"), and not json, ",
        "\"empty.json\" is no exchange: it has no response",
        "\"status.json\" is no exchange: status is 7, and not 100 to 999",
    ]) {
        let expected = format!("genai-trace: {expected}");
        assert!(error.starts_with(&expected), "{error:?}, not {expected:?}");
    }
    assert_eq!(errors.len(), 6);
}

#[test]
fn without_a_file_it_is_misused() {
    let folder = tempdir().unwrap();
    assert_eq!(run(folder.path(), &[]).status.code(), Some(2));
}

#[test]
fn what_is_nobodys_says_nothing() {
    let folder = tempdir().unwrap();
    put(
        &folder,
        "a.json",
        &json!({"format": "json", "status": 200, "response": {"choices": ["a", "b"]}}).to_string(),
    );
    let output = run(folder.path(), &["a.json"]);
    let line = lines(&output).remove(0);
    let said: Vec<_> = line
        .as_object()
        .unwrap()
        .values()
        .filter(|value| !value.is_null())
        .collect();
    assert_eq!(said, ["a.json"]);
}

#[test]
fn a_stream_that_fails_says_so() {
    let folder = tempdir().unwrap();
    let sse = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n\
               event: error\ndata: {\"error\":{\"code\":\"overloaded\",\"message\":\"no\"}}\n\n";
    put(
        &folder,
        "a.json",
        &json!({"format": "sse", "status": 200, "sse": sse}).to_string(),
    );
    let line = lines(&run(folder.path(), &["a.json"])).remove(0);
    assert_eq!(line["error_type"], "overloaded");
    assert_eq!(line["finish_reasons"], json!(["error"]));
}

/// Whatever the recorded exchanges of every provider are expected to say.
#[test]
fn every_recorded_exchange_says_what_is_expected_of_it() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let Ok(manifest) = fs::read_to_string(corpus.join("manifest.json")) else {
        println!("skipped: no corpus");
        return;
    };
    let manifest: Vec<Value> = serde_json::from_str(&manifest).unwrap();
    let files: Vec<&str> = manifest
        .iter()
        .map(|file| file["file"].as_str().unwrap())
        .collect();
    assert!(!files.is_empty());
    let output = run(&corpus, &files);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let lines = lines(&output);
    assert_eq!(lines.len(), files.len());
    let mut wrong = Vec::new();
    for (file, line) in files.iter().zip(&lines) {
        assert_eq!(line["file"], *file);
        let exchange = fs::read_to_string(corpus.join(file)).unwrap();
        let exchange: Value = serde_json::from_str(&exchange).unwrap();
        let expected = exchange["expect"].as_object().unwrap();
        let mut said = line.as_object().unwrap().clone();
        said.remove("file");
        let keys = expected
            .keys()
            .chain(said.keys().filter(|key| !expected.contains_key(*key)));
        for key in keys {
            if expected.get(key) != said.get(key) {
                let (expected, said) = (expected.get(key), said.get(key));
                wrong.push(format!("{file}: {key} is {said:?}, not {expected:?}"));
            }
        }
    }
    let count = wrong.len();
    assert!(
        wrong.is_empty(),
        "{count} values differ:\n{}",
        wrong.join("\n")
    );
}
