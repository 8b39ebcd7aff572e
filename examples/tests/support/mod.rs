//! What the tests of the examples share: folders that go away, and runs of the examples.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use genai_trace::SpanRecord;

/// A new folder, removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("genai-trace-examples-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file with the folders above it.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A run of an example, with a working folder of its own.
pub struct Run {
    pub folder: Folder,
    pub output: Output,
}

impl Run {
    /// Runs an example with nothing of the environment that would steer it.
    pub fn of(example: &str, args: &[&str], environment: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        let mut command = Command::new(binary(example));
        command.args(args).current_dir(folder.path());
        for (name, _) in std::env::vars_os() {
            let steers = name.to_str().is_some_and(|name| {
                ["OPENAI_", "GENAI_TRACE_", "OTEL_"]
                    .iter()
                    .any(|start| name.starts_with(start))
            });
            if steers {
                command.env_remove(name);
            }
        }
        command.envs(environment.iter().copied());
        let output = command.output().unwrap();
        Self { folder, output }
    }

    pub fn stdout(&self) -> String {
        String::from_utf8(self.output.stdout.clone()).unwrap()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8(self.output.stderr.clone()).unwrap()
    }

    pub fn assert_success(self) -> Self {
        let code = self.output.status.code();
        assert_eq!(code, Some(0), "{}\n{}", self.stdout(), self.stderr());
        self
    }

    /// The lines of `traces.jsonl`, each of which must read and write back as it is.
    pub fn spans(&self) -> Vec<SpanRecord> {
        let text = fs::read_to_string(self.folder.path().join("traces.jsonl")).unwrap();
        assert!(text.ends_with('\n'));
        let span = |line| {
            let span: SpanRecord = serde_json::from_str(line).unwrap();
            assert_eq!(serde_json::to_string(&span).unwrap(), line);
            span
        };
        text.lines().map(span).collect()
    }

    /// What was printed under a heading, up to the next.
    pub fn section(&self, heading: &str) -> String {
        let text = self.stdout();
        let (_, after) = text.split_once(&format!("== {heading}")).unwrap();
        let (_, after) = after.split_once('\n').unwrap();
        after.split("\n== ").next().unwrap().to_owned()
    }
}

/// The path of an example's program, which `cargo test` has built; with `--test` it may be
/// missing or older than a source, and then it is built now.
pub fn binary(example: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let binary = profile.join("examples").join(example);
    if !is_fresh(&binary) {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args([
            "build",
            "--quiet",
            "--package",
            env!("CARGO_PKG_NAME"),
            "--example",
            example,
        ]);
        if cfg!(feature = "service") {
            cargo.args(["--features", "service"]);
        }
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        cargo.env("CARGO_TARGET_DIR", profile.parent().unwrap());
        assert!(cargo.status().unwrap().success());
    }
    binary
}

/// Whether no source that cargo's `.d` file lists is newer than the program.
fn is_fresh(binary: &Path) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    let sources = fs::read_to_string(binary.with_extension("d")).unwrap_or_default();
    let newest: Option<SystemTime> = sources
        .replace("\\ ", "\0")
        .split_whitespace()
        .skip(1)
        .filter_map(|path| modified(Path::new(&path.replace('\0', " "))))
        .max();
    newest.is_some() && modified(binary) >= newest
}
