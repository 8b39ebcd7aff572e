use std::time::{Duration, Instant};

use crate::sandbox::{Finished, Sandbox, SandboxError};
use crate::support::Folder;

fn shell(sandbox: &Sandbox, script: &str) -> Result<Finished, SandboxError> {
    sandbox.run("sh", &["-c".into(), script.into()])
}

fn sandbox(folder: &Folder) -> Sandbox {
    Sandbox {
        folder: folder.path().to_owned(),
        time_limit: Duration::from_secs(20),
        output_limit: 1000,
    }
}

#[test]
fn a_program_works_in_the_folder() {
    let folder = Folder::new();
    let finished = sandbox(&folder).run("pwd", &[]).unwrap();
    assert_eq!(
        finished.stdout.text.trim_end(),
        folder.path().to_str().unwrap()
    );
    assert_eq!(finished.code, Some(0));
}

#[test]
fn a_program_sees_four_variables_and_none_of_ours() {
    let folder = Folder::new();
    let finished = sandbox(&folder).run("env", &[]).unwrap();
    let mut names: Vec<_> = finished
        .stdout
        .text
        .lines()
        .filter_map(|line| line.split('=').next())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["HOME", "LANG", "LC_ALL", "PATH"]);
}

#[test]
fn the_exit_code_and_both_streams_come_back() {
    let finished = shell(&sandbox(&Folder::new()), "echo out; echo err >&2; exit 3").unwrap();
    assert_eq!(finished.code, Some(3));
    assert_eq!(
        (finished.stdout.text.as_str(), finished.stderr.text.as_str()),
        ("out\n", "err\n")
    );
    assert!(!finished.stdout.cut);
}

#[test]
fn a_program_has_no_input_to_wait_for() {
    assert_eq!(
        sandbox(&Folder::new()).run("cat", &[]).unwrap().stdout.text,
        ""
    );
}

#[test]
fn output_beyond_the_cap_is_thrown_away_and_said() {
    let finished = shell(
        &sandbox(&Folder::new()),
        "head -c 3000000 /dev/zero | tr '\\0' x",
    )
    .unwrap();
    assert_eq!(finished.stdout.text, "x".repeat(1000));
    assert!(finished.stdout.cut);
    assert_eq!(finished.code, Some(0));
}

#[test]
fn at_the_time_limit_the_program_and_its_children_are_killed() {
    let folder = Folder::new();
    let sandbox = Sandbox {
        time_limit: Duration::from_millis(300),
        ..sandbox(&folder)
    };
    let begin = Instant::now();
    let killed = shell(&sandbox, "(sleep 2; touch survived) & sleep 30");
    assert!(
        matches!(killed, Err(SandboxError::TimeLimit(_))),
        "{killed:?}"
    );
    assert!(begin.elapsed() < Duration::from_secs(2));
    std::thread::sleep(Duration::from_millis(2500));
    assert!(!folder.path().join("survived").exists());
}

#[test]
fn a_program_that_is_not_there_is_an_error() {
    let error = sandbox(&Folder::new())
        .run("no-such-program", &[])
        .unwrap_err();
    assert!(matches!(error, SandboxError::Io(_)), "{error}");
}
