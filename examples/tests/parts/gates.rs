use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use crate::gates::{Denial, check};
use crate::support::Folder;
use crate::tools::ToolCall;
use crate::workspace::Workspace;

fn call(name: &str, arguments: Value) -> ToolCall {
    ToolCall {
        id: "1".into(),
        name: name.into(),
        arguments: arguments.to_string(),
    }
}

fn run(line: &str) -> ToolCall {
    let mut words = line.split(' ');
    let command = words.next();
    call(
        "run_command",
        json!({ "command": command, "args": words.collect::<Vec<_>>() }),
    )
}

fn read(path: &str) -> ToolCall {
    call("read_file", json!({ "path": path }))
}

/// A folder with a file, a link to a file inside, and links that lead out.
fn workspace() -> (Folder, Workspace) {
    let folder = Folder::new();
    folder.write("work/file.txt", "text");
    folder.write("work/deep/er.txt", "text");
    folder.write("outside/secret.txt", "secret");
    let work = folder.path().join("work");
    symlink("file.txt", work.join("inward")).unwrap();
    symlink("../outside/secret.txt", work.join("outward")).unwrap();
    symlink("../outside", work.join("outdoors")).unwrap();
    symlink("../outside/not-yet", work.join("dangling")).unwrap();
    let workspace = Workspace::open(&work).unwrap();
    (folder, workspace)
}

fn denied(call: &ToolCall, workspace: &Workspace) -> Option<&'static str> {
    check(call, workspace).err().map(|Denial { gate, .. }| gate)
}

#[test]
fn programs_that_only_look_are_allowed() {
    let (_folder, workspace) = workspace();
    for line in [
        "wc -l file.txt",
        "grep -c -F -e text -- file.txt",
        "ls -l deep",
        "head -n 3 inward",
    ] {
        assert_eq!(denied(&run(line), &workspace), None, "{line}");
    }
}

#[test]
fn other_programs_and_other_flags_are_denied_by_the_first_gate() {
    let (_folder, workspace) = workspace();
    for line in [
        "rm -rf /",
        "sh -c ls",
        "git push",
        "/bin/ls",
        "./wc",
        "",
        "grep -f/etc/passwd x",
        "grep --file=/etc/passwd x",
        "wc --files0-from=/etc/passwd",
        "ls -lR",
    ] {
        assert_eq!(
            denied(&run(line), &workspace),
            Some("allow_command"),
            "{line}"
        );
    }
    let nothing = call("run_command", json!({}));
    assert_eq!(denied(&nothing, &workspace), Some("allow_command"));
}

#[test]
fn a_denial_names_the_gate_and_what_is_allowed() {
    let (_folder, workspace) = workspace();
    let denial = check(&run("sh -c ls"), &workspace).unwrap_err().to_json();
    assert_eq!(denial["error"]["type"], "denied");
    let message = denial["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("allow_command: `sh` is not on the list of commands: grep"));
}

#[test]
fn paths_inside_are_allowed_even_through_links_and_dots() {
    let (folder, workspace) = workspace();
    let absolute = folder.path().join("work/file.txt");
    for path in [
        "file.txt",
        "./deep/../file.txt",
        "inward",
        "not/there/yet",
        "",
        absolute.to_str().unwrap(),
    ] {
        assert_eq!(denied(&read(path), &workspace), None, "{path}");
    }
}

#[test]
fn paths_that_lead_out_are_denied_by_the_second_gate() {
    let (_folder, workspace) = workspace();
    for path in [
        "..",
        "../outside/secret.txt",
        "deep/../../outside/secret.txt",
        "nowhere/../../outside/secret.txt",
        "/etc/passwd",
        "outward",
        "outdoors/secret.txt",
        "outdoors/not/there",
        "dangling",
    ] {
        assert_eq!(
            denied(&read(path), &workspace),
            Some("inside_workspace"),
            "{path}"
        );
        let search = call("search", json!({ "pattern": "x", "path": path }));
        assert_eq!(
            denied(&search, &workspace),
            Some("inside_workspace"),
            "{path}"
        );
        let command = run(&format!("wc -l {path}"));
        assert_eq!(
            denied(&command, &workspace),
            Some("inside_workspace"),
            "{path}"
        );
    }
}

#[test]
fn a_sibling_whose_name_begins_alike_is_outside() {
    let folder = Folder::new();
    folder.write("work/file.txt", "");
    folder.write("workshop/file.txt", "");
    let workspace = Workspace::open(&folder.path().join("work")).unwrap();
    assert_eq!(
        denied(&read("../workshop/file.txt"), &workspace),
        Some("inside_workspace")
    );
}
