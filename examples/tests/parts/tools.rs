use std::os::unix::fs::symlink;
use std::time::Duration;

use serde_json::{Value, json};

use crate::sandbox::Sandbox;
use crate::support::Folder;
use crate::tools::{ToolCall, Toolbox};
use crate::workspace::Workspace;

fn toolbox(folder: &Folder) -> Toolbox {
    let sandbox = Sandbox {
        folder: folder.path().to_owned(),
        time_limit: Duration::from_millis(200),
        output_limit: 1000,
    };
    Toolbox {
        workspace: Workspace::open(folder.path()).unwrap(),
        sandbox,
    }
}

fn raw(folder: &Folder, name: &str, arguments: &str) -> Value {
    let call = ToolCall {
        id: "1".into(),
        name: name.into(),
        arguments: arguments.into(),
    };
    toolbox(folder)
        .call(None, &call)
        .unwrap_or_else(|error| error.to_json())
}

fn tool(folder: &Folder, name: &str, arguments: Value) -> Value {
    raw(folder, name, &arguments.to_string())
}

fn error(result: &Value) -> &str {
    result["error"]["type"].as_str().unwrap()
}

#[test]
fn a_small_file_is_read_whole() {
    let folder = Folder::new();
    folder.write("a.txt", "one\ntwo\n");
    let result = tool(&folder, "read_file", json!({ "path": "a.txt" }));
    assert_eq!(result["text"], "one\ntwo\n");
}

#[test]
fn a_large_file_is_read_in_parts() {
    let folder = Folder::new();
    let text: String = (1..=1000)
        .map(|number| format!("line {number} ümlaut\n"))
        .collect();
    folder.write("a.txt", &text);
    let whole = tool(&folder, "read_file", json!({ "path": "a.txt" }));
    assert_eq!(error(&whole), "too_large");
    let part = |from: usize, lines: usize| {
        tool(
            &folder,
            "read_file",
            json!({ "path": "a.txt", "from_line": from, "lines": lines }),
        )
    };
    assert_eq!(part(999, 400)["text"], "line 999 ümlaut\nline 1000 ümlaut");
    assert_eq!(part(999, 400)["more"], false);
    assert_eq!(part(998, 1)["more"], true);
    assert_eq!(part(1, 1000)["text"].as_str().unwrap().lines().count(), 400);
    assert_eq!(part(2000, 1)["text"], "");
}

#[test]
fn what_cannot_be_read_is_an_error_with_its_kind() {
    let folder = Folder::new();
    folder.write("small.bin", b"a\0b");
    folder.write("large.bin", vec![0; 10_000]);
    folder.write("latin1.txt", b"\xE4");
    folder.write("folder/file", "");
    symlink("/etc/passwd", folder.path().join("link")).unwrap();
    for (path, kind) in [
        ("small.bin", "not_text"),
        ("large.bin", "not_text"),
        ("latin1.txt", "not_text"),
        ("gone.txt", "NotFound"),
        ("folder", "IsADirectory"),
        ("folder/file/below", "NotADirectory"),
        ("link", "outside_workspace"),
        ("../gone", "outside_workspace"),
    ] {
        let result = tool(&folder, "read_file", json!({ "path": path }));
        assert_eq!(error(&result), kind, "{path}");
        assert!(
            result["error"]["message"]
                .as_str()
                .unwrap()
                .starts_with(path)
        );
    }
}

#[test]
fn wrong_arguments_are_an_error_for_the_model() {
    let folder = Folder::new();
    for (name, arguments) in [
        ("read_file", "{}"),
        ("read_file", "not JSON"),
        ("read_file", r#"{"path": "a", "extra": 1}"#),
        ("search", r#"{"pattern": ""}"#),
        ("search", r#"{"pattern": "a\nb"}"#),
        ("list_files", r#"{"path": "a"}"#),
        ("run_command", r#"{"args": []}"#),
    ] {
        assert_eq!(
            error(&raw(&folder, name, arguments)),
            "invalid_arguments",
            "{arguments}"
        );
    }
    assert_eq!(error(&raw(&folder, "dance", "{}")), "unknown_tool");
}

#[test]
fn a_search_counts_occurrences_lines_and_files() {
    let folder = Folder::new();
    folder.write("a.rs", "aa aaa\nb\naa\n");
    folder.write("b/c.txt", "aa");
    folder.write("b/binary", b"aa\0");
    folder.write("target/d.rs", "aa");
    let result = tool(&folder, "search", json!({ "pattern": "aa" }));
    assert_eq!(result["occurrences"], 4, "they do not overlap");
    assert_eq!((&result["lines"], &result["files"]), (&json!(3), &json!(2)));
    assert_eq!(
        result["by_file"][0],
        json!({ "path": "a.rs", "occurrences": 3, "lines": 2, "first_line": 1 })
    );
    assert_eq!(
        (&result["files_searched"], &result["files_skipped"]),
        (&json!(2), &json!(1))
    );
    let below = tool(&folder, "search", json!({ "pattern": "aa", "path": "b" }));
    assert_eq!(below["occurrences"], 1);
    let one = tool(
        &folder,
        "search",
        json!({ "pattern": "aa", "path": "a.rs" }),
    );
    assert_eq!(one["occurrences"], 3);
    let suffix = tool(
        &folder,
        "search",
        json!({ "pattern": "aa", "suffix": ".txt" }),
    );
    assert_eq!(suffix["occurrences"], 1);
}

#[test]
fn links_are_neither_listed_nor_followed() {
    let folder = Folder::new();
    folder.write("a.txt", "text");
    symlink("a.txt", folder.path().join("b.txt")).unwrap();
    symlink("/etc", folder.path().join("etc")).unwrap();
    let result = tool(&folder, "list_files", json!({}));
    assert_eq!(result["total_files"], 1);
    assert_eq!(result["files"], json!([{ "path": "a.txt", "bytes": 4 }]));
}

#[test]
fn a_command_that_takes_too_long_is_an_error() {
    let folder = Folder::new();
    let result = tool(
        &folder,
        "run_command",
        json!({ "command": "sleep", "args": ["9"] }),
    );
    assert_eq!(error(&result), "time_limit");
}

#[test]
fn a_pipe_is_not_read() {
    let folder = Folder::new();
    let made = std::process::Command::new("mkfifo")
        .arg(folder.path().join("pipe"))
        .status();
    assert!(made.unwrap().success());
    let result = tool(&folder, "read_file", json!({ "path": "pipe" }));
    assert_eq!(error(&result), "InvalidInput");
}
