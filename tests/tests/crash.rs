//! A process that is killed in the middle of its work: what it had done is in the file afterwards.
//!
//! With `GENAI_TRACE_LONG=1` two hundred kills instead of a few.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;
use std::time::Duration;

use genai_trace::{Outcome, SpanRecord};

/// What a process said before it died.
#[derive(Default)]
struct Said {
    open: Vec<String>,
    /// The tools' spans, with the microseconds after the start.
    ended: Vec<(String, u64)>,
    /// The last step that each agent has recorded.
    steps: HashMap<String, i64>,
    /// And the last that another thread has recorded for it.
    letters: HashMap<String, i64>,
    /// How many spans it has dropped and counted.
    dropped: u64,
}

impl Said {
    fn read(output: &str) -> Self {
        let mut said = Self::default();
        // A line without an end was being said when the process died.
        let whole = output.rsplit_once('\n').map_or("", |(whole, _)| whole);
        for line in whole.lines() {
            match line.split(' ').collect::<Vec<_>>().as_slice() {
                ["open", id] => said.open.push((*id).to_owned()),
                ["ended", id, micros] => {
                    said.ended.push(((*id).to_owned(), micros.parse().unwrap()));
                }
                ["step", id, step] => {
                    said.steps.insert((*id).to_owned(), step.parse().unwrap());
                }
                ["letter", id, letter] => {
                    said.letters
                        .insert((*id).to_owned(), letter.parse().unwrap());
                }
                ["dropped", spans] => said.dropped = spans.parse().unwrap(),
                _ => panic!("unknown line {line:?}"),
            }
        }
        said
    }
}

/// A folder that goes with the test, unless there is something to look into.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("genai-trace-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("traces.jsonl")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("look into {}", self.0.display());
            return;
        }
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn program(file: &Path, crash_safe: bool, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crashes"));
    command
        .args(args)
        .env_clear()
        .env("GENAI_TRACE_FILE", file)
        .env("GENAI_TRACE_CRASH_SAFE", crash_safe.to_string())
        // What finds no room is dropped, and counted: here everything finds room, also where the
        // machine has so much else to do that the drain thread comes late.
        .env("GENAI_TRACE_BUFFER_BYTES", (8 * 1024 * 1024).to_string())
        .stdout(Stdio::piped());
    command
}

/// A process at work.
struct Running {
    child: Child,
    /// It has said the first word.
    begun: Receiver<()>,
    said: JoinHandle<String>,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        let (begins, begun) = mpsc::channel();
        let said = std::thread::spawn(move || {
            let mut said = [0; 16].to_vec();
            out.read_exact(&mut said).unwrap();
            let _ = begins.send(());
            out.read_to_end(&mut said).unwrap();
            String::from_utf8(said).unwrap()
        });
        Self { child, begun, said }
    }

    /// Kills it as nothing can prevent; what it had said.
    fn kill(mut self) -> Said {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        Said::read(&self.said.join().unwrap())
    }
}

/// Runs the program until it is killed, `time` after its first word.
fn killed(command: Command, time: Duration) -> Said {
    let running = Running::start(command);
    // However busy the machine is, it has begun.
    running.begun.recv().unwrap();
    std::thread::sleep(time);
    running.kill()
}

/// The spans of the file by id: every line is one, and none is there twice.
fn spans(file: &Path) -> HashMap<String, SpanRecord> {
    spans_beside_torn(file, 0)
}

/// The same of a file with so many torn lines at most: where a process is killed while it writes, and another
/// one is faster than the recovery, that one ends the line.
fn spans_beside_torn(file: &Path, mut torn: usize) -> HashMap<String, SpanRecord> {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    let mut spans = HashMap::new();
    for line in text.lines() {
        let span: SpanRecord = match serde_json::from_str(line) {
            Ok(span) => span,
            Err(error) if error.is_eof() && torn > 0 => {
                torn -= 1;
                continue;
            }
            Err(error) => panic!("{error} in {line:?}"),
        };
        let twice = spans.insert(span.span_id.to_string(), span);
        assert!(twice.is_none(), "twice: {twice:?}");
    }
    spans
}

fn assert_nothing_is_lost(said: &Said, file: &Path) {
    assert_nothing_is_lost_among(&spans(file), said);
    let folder = file.with_file_name("traces.jsonl.d");
    assert!(!folder.exists(), "{folder:?} is left");
}

fn assert_nothing_is_lost_among(spans: &HashMap<String, SpanRecord>, said: &Said) {
    assert_eq!(said.dropped, 0, "the process itself says so");
    for (id, _) in &said.ended {
        let span = spans
            .get(id)
            .unwrap_or_else(|| panic!("{id} has ended and is lost"));
        assert_eq!(span.outcome(), Outcome::Ok);
        assert_eq!(span.name, "execute_tool read_file");
        assert_eq!(span.attributes.str("app.path"), Some("src/lib.rs"));
        assert_eq!(span.attributes.str("gen_ai.agent.name"), Some("coder"));
        assert!(
            said.open
                .contains(&span.parent_span_id.unwrap().to_string())
        );
    }
    for id in &said.open {
        let span = spans
            .get(id)
            .unwrap_or_else(|| panic!("{id} was open and is lost"));
        assert_eq!(span.outcome(), Outcome::Crashed);
        assert_eq!(
            (span.name.as_str(), span.parent_span_id),
            ("invoke_agent coder", None)
        );
        for (key, said) in [("app.step", &said.steps), ("app.letter", &said.letters)] {
            let found = span.attributes.int(key).unwrap_or(-1);
            let said = said.get(id).copied().unwrap_or(-1);
            assert!(found >= said, "{key} is {found} after {said} was said");
        }
        let last = spans
            .values()
            .filter(|child| child.parent_span_id == Some(span.span_id))
            .map(|child| child.end_unix_nano)
            .max();
        assert!(
            Some(span.end_unix_nano) >= last,
            "it was there as long as its children"
        );
    }
}

fn kills() -> u64 {
    if std::env::var_os("GENAI_TRACE_LONG").is_some() {
        100
    } else {
        4
    }
}

/// A time that differs from run to run of the loop and not from run to run of the test.
fn moment(kill: u64) -> Duration {
    Duration::from_micros(20_000 + (kill * 7_919_777) % 240_000)
}

#[test]
fn every_span_that_a_killed_process_has_said_is_there_once_after_recovery() {
    for threads in ["1", "4"] {
        for kill in 0..kills() {
            let folder = Folder::new(&format!("kill-{threads}-{kill}"));
            let said = killed(program(&folder.file(), true, &[threads]), moment(kill));
            let recovered = genai_trace::recover(folder.file()).unwrap();
            assert!(recovered.open >= said.open.len() as u64, "{recovered}");
            assert_nothing_is_lost(&said, &folder.file());
            let again = genai_trace::recover(folder.file()).unwrap();
            assert_eq!((again.finished, again.open), (0, 0), "{again}");
        }
    }
}

#[test]
fn an_abort_in_the_middle_of_a_tool_leaves_the_tool_open() {
    let folder = Folder::new("abort");
    let output = program(&folder.file(), true, &["2", "abort"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = Said::read(&String::from_utf8(output.stdout).unwrap());
    let recovered = genai_trace::recover(folder.file()).unwrap();
    assert!(
        recovered.open >= 3,
        "two agents and a tool at least: {recovered}"
    );
    assert_nothing_is_lost(&said, &folder.file());
    let crashed = spans(&folder.file())
        .into_values()
        .filter(|span| span.outcome() == Outcome::Crashed);
    assert!(
        crashed
            .map(|span| span.name)
            .any(|name| name == "execute_tool read_file")
    );
}

#[test]
fn the_next_start_recovers_what_the_last_one_left() {
    let folder = Folder::new("next");
    let said = killed(program(&folder.file(), true, &["2"]), moment(3));
    let output = Command::new(env!("CARGO_BIN_EXE_program"))
        .arg("5")
        .env_clear()
        .env("GENAI_TRACE_FILE", folder.file())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_nothing_is_lost(&said, &folder.file());
}

#[test]
fn a_clean_end_leaves_nothing_to_recover() {
    let folder = Folder::new("clean");
    let output = Command::new(env!("CARGO_BIN_EXE_program"))
        .arg("50")
        .env_clear()
        .env("GENAI_TRACE_FILE", folder.file())
        .env("GENAI_TRACE_CRASH_SAFE", "true")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(spans(&folder.file()).len(), 50);
    let left: Vec<_> = std::fs::read_dir(&folder.0).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn processes_that_share_a_folder_do_not_take_each_others_spans_for_lost() {
    let folder = Folder::new("shared");
    let file = folder.file();
    let survivor = Running::start(program(&file, true, &["2"]));
    survivor.begun.recv().unwrap();
    let mut dead = Vec::new();
    for kill in 0..3 {
        dead.push(killed(program(&file, true, &["1"]), moment(kill)));
        let recovered = genai_trace::recover(&file).unwrap();
        assert_eq!((recovered.boxes, recovered.alive), (1, 1), "{recovered}");
    }
    let survivor = survivor.kill();
    let recovered = genai_trace::recover(&file).unwrap();
    assert_eq!((recovered.boxes, recovered.alive), (1, 0), "{recovered}");
    let spans = spans_beside_torn(&file, dead.len());
    for said in dead.iter().chain([&survivor]) {
        assert_nothing_is_lost_among(&spans, said);
    }
}

#[test]
fn without_crash_safety_at_most_the_last_moments_are_missing() {
    if std::env::var_os("GENAI_TRACE_LONG").is_none() {
        println!("skipped: it takes a machine that does nothing else");
        return;
    }
    // A round of the drain thread, and the time that it and the writing take.
    let most = Duration::from_millis(75);
    let mut longest = Duration::ZERO;
    for kill in 0..kills() {
        let folder = Folder::new(&format!("unsafe-{kill}"));
        let time = moment(kill) + most;
        let said = killed(program(&folder.file(), false, &["2"]), time);
        let text = std::fs::read_to_string(folder.file()).unwrap();
        let found: HashSet<&str> = text
            .lines()
            .filter_map(|line| line.split("\"span_id\":\"").nth(1)?.get(..16))
            .collect();
        let last = said.ended.iter().map(|(_, micros)| *micros).max().unwrap();
        let lost = said
            .ended
            .iter()
            .filter(|(id, _)| !found.contains(id.as_str()));
        let first_lost = lost.map(|(_, micros)| *micros).min().unwrap_or(last);
        longest = longest.max(Duration::from_micros(last - first_lost));
    }
    println!("at most the last {longest:?} were missing");
    assert!(longest <= most, "the last {longest:?} are missing");
}
