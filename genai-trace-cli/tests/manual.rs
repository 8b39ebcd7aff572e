//! What a package of `genai-trace` takes along: the manual, and what shells complete.

// A test that panics is a test that fails.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

fn genai_trace(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_genai-trace"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The commands, as --help lists them.
fn commands() -> BTreeSet<String> {
    let help = genai_trace(&["--help"]);
    let list = help.split("Commands:\n").nth(1).unwrap();
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.map(|line| line.split_whitespace().next().unwrap().to_owned());
    names.filter(|name| name != "help").collect()
}

#[test]
fn every_command_has_a_page_in_the_manual() {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("man1");
    assert_eq!(genai_trace(&["man", into.to_str().unwrap()]), "");
    let pages: BTreeSet<_> = fs::read_dir(&into)
        .unwrap()
        .map(|page| page.unwrap().file_name().into_string().unwrap())
        .collect();
    let expected: BTreeSet<_> = commands()
        .into_iter()
        .map(|name| format!("genai-trace-{name}.1"))
        .chain(["genai-trace.1".to_owned()])
        .collect();
    assert_eq!(pages, expected);
    let page = fs::read_to_string(into.join("genai-trace-stats.1")).unwrap();
    assert!(page.contains(".SH OPTIONS"), "{page}");
    assert!(genai_trace(&["man"]).contains(".SH SUBCOMMANDS"));
}

#[test]
fn shells_complete_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = genai_trace(&["completions", shell]);
        for command in commands() {
            assert!(script.contains(&command), "{shell} does not know {command}");
        }
    }
    let script = genai_trace(&["completions", "bash"]);
    let Ok(mut bash) = Command::new("bash")
        .args(["-n"])
        .stdin(Stdio::piped())
        .spawn()
    else {
        println!("skipped: no bash");
        return;
    };
    std::io::Write::write_all(&mut bash.stdin.take().unwrap(), script.as_bytes()).unwrap();
    assert!(bash.wait().unwrap().success());
}

/// Which words a shell offers behind `genai-trace convert --to `; none where there is no such shell.
fn offered(shell: &str, ask: &str) -> Option<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let script = genai_trace(&["completions", shell]);
    fs::write(folder.path().join("script"), script).unwrap();
    let output = Command::new(shell)
        .args(["-c", ask])
        .current_dir(folder.path())
        .output();
    let Ok(output) = output else {
        println!("skipped: no {shell}");
        return None;
    };
    let words = String::from_utf8(output.stdout).unwrap();
    Some(words.split_whitespace().map(str::to_owned).collect())
}

#[test]
fn bash_completes_the_options_of_a_command_and_their_values() {
    // As bash asks for what stands in the place of the last word.
    let ask = |words: &str, last: &str, before: &str| {
        format!(
            "source ./script; COMP_WORDS=({words} '{last}'); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             $(complete -p genai-trace | grep -o '_[^ ]*') genai-trace '{last}' '{before}'; \
             echo \"${{COMPREPLY[*]}}\""
        )
    };
    let Some(values) = offered("bash", &ask("genai-trace convert --to", "", "--to")) else {
        return;
    };
    assert_eq!(values, ["jsonl", "otlp", "chrome", "dataset"]);
    let options = offered("bash", &ask("genai-trace convert", "--pro", "convert")).unwrap();
    assert_eq!(options, ["--profile"]);
}
