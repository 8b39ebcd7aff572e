//! A process that comes to its end, and what it leaves.

use std::collections::HashMap;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use genai_trace::SpanRecord;

/// A process that takes longer hangs.
const WATCHDOG: Duration = Duration::from_secs(60);
/// Nothing waits longer than the flush timeout, which is 5 s; the rest is for a busy machine.
const IN_TIME: Duration = Duration::from_secs(30);

/// A process that runs.
pub struct Running {
    child: Child,
    folder: PathBuf,
    began: Instant,
}

/// What a process has left.
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
    /// What the lines of the file say.
    pub spans: Vec<SpanRecord>,
    pub took: Duration,
}

pub fn start(case: &str) -> Running {
    start_with(case, "false")
}

fn start_with(case: &str, crash_safe: &str) -> Running {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let folder = std::env::temp_dir().join(format!(
        "genai-trace-ending-{}-{}",
        std::process::id(),
        NUMBER.fetch_add(1, Ordering::Relaxed)
    ));
    fs::create_dir_all(&folder).unwrap();
    // Files, since a pipe would stay open as long as any child of the process has it.
    let file = |name| File::create(folder.join(name)).unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_ending"))
        .arg(case)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GENAI_TRACE_CRASH_SAFE", crash_safe)
        .current_dir(&folder)
        .stdout(file("stdout"))
        .stderr(file("stderr"))
        .spawn()
        .unwrap();
    Running {
        child,
        folder,
        began: Instant::now(),
    }
}

/// Runs a case that ends by itself.
pub fn run(case: &str) -> Ended {
    start(case).wait()
}

/// The same with a black box, which must be gone in the end.
pub fn run_crash_safe(case: &str) -> Ended {
    let running = start_with(case, "true");
    let boxes = running.folder.join("traces.jsonl.d");
    running.wait_and_look(|| assert!(!boxes.exists(), "a black box was left behind"))
}

impl Running {
    /// Waits until the process has said `line`.
    pub fn has_said(mut self, line: &str) -> Self {
        while !self.read("stdout").lines().any(|said| said == line) {
            self.watch();
        }
        self
    }

    pub fn send(self, signal: i32) -> Self {
        let process = self.child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &process])
            .status()
            .unwrap();
        assert!(sent.success());
        self
    }

    pub fn is_running(&mut self) -> bool {
        self.watch();
        self.child.try_wait().unwrap().is_none()
    }

    pub fn wait(self) -> Ended {
        self.wait_and_look(|| {})
    }

    /// Waits for the end, and looks at the folder before it is removed.
    fn wait_and_look(mut self, look: impl FnOnce()) -> Ended {
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            self.watch();
        };
        let took = self.began.elapsed();
        let (stdout, stderr) = (self.read("stdout"), self.read("stderr"));
        let lines = self.read("traces.jsonl");
        look();
        fs::remove_dir_all(&self.folder).unwrap();
        let spans = lines
            .lines()
            // As every reader does: a process may end a line of which another is just writing the end.
            .filter(|line| !line.is_empty())
            .map(|line| {
                serde_json::from_str(line)
                    .unwrap_or_else(|error| panic!("{error}: {line:?}\n{stderr}"))
            })
            .collect();
        assert!(took < IN_TIME, "took {took:?}\n{stdout}\n{stderr}");
        Ended {
            status,
            stdout,
            stderr,
            spans,
            took,
        }
    }

    /// Sleeps a little, and ends a process that hangs.
    fn watch(&mut self) {
        if self.began.elapsed() > WATCHDOG {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
            panic!(
                "it hangs; it said\n{}\n{}",
                self.read("stdout"),
                self.read("stderr")
            );
        }
        std::thread::sleep(Duration::from_millis(2));
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap_or_default()
    }
}

impl Ended {
    /// It exited with `code`, and nothing is lost.
    pub fn exited(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "{}", self.said());
        self.lost_nothing()
    }

    /// It died of `signal`, and nothing is lost.
    pub fn died_of(self, signal: i32) -> Self {
        assert_eq!(self.status.signal(), Some(signal), "{}", self.said());
        self.lost_nothing()
    }

    /// It has written nothing to standard error: neither a loss nor a panic.
    pub fn quietly(self) -> Self {
        assert_eq!(self.stderr, "", "{}", self.stdout);
        self
    }

    /// What it said of `word`, in order.
    pub fn said_of(&self, word: &str) -> Vec<&str> {
        self.stdout
            .lines()
            .filter_map(|line| line.strip_prefix(word)?.strip_prefix(' '))
            .collect()
    }

    /// The span with this id, which is in the file once.
    pub fn span(&self, id: &str) -> &SpanRecord {
        let mut found = self
            .spans
            .iter()
            .filter(|span| span.span_id.to_string() == id);
        match (found.next(), found.next()) {
            (Some(span), None) => span,
            (None, _) => panic!("span {id} is not in the file\n{}", self.said()),
            _ => panic!("span {id} is in the file twice\n{}", self.said()),
        }
    }

    /// Every span that it or a child of it named is in the file, and no id is there twice.
    fn lost_nothing(self) -> Self {
        let mut times: HashMap<String, u32> = HashMap::new();
        for span in &self.spans {
            *times.entry(span.span_id.to_string()).or_default() += 1;
        }
        for id in self.said_of("span").iter().chain(&self.said_of("child")) {
            assert!(
                times.contains_key(*id),
                "span {id} is lost\n{}",
                self.said()
            );
        }
        let twice = times.iter().find(|(_, times)| **times > 1);
        assert!(twice.is_none(), "{twice:?}\n{}", self.said());
        self
    }

    fn said(&self) -> String {
        format!("{}\n{}\n{}", self.status, self.stdout, self.stderr)
    }
}
