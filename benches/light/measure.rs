//! What a program takes to be built, and whether it does what it should.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

use crate::collector::Collector;
use crate::subjects::{SPAN, Subject};

/// What one build gave.
#[derive(Clone, Copy)]
pub struct Built {
    /// User and system time of cargo and of all compilers, in seconds.
    pub cpu: f64,
    /// Bytes of the stripped program.
    pub bytes: u64,
}

/// What a program brings.
pub struct Tree {
    /// What it names itself, with the versions that were the newest.
    pub direct: Vec<String>,
    /// Lines of `cargo tree -e normal,build --prefix none | sort -u`, without the program's own: a
    /// package that stands there twice, `(*)`, is two lines.
    pub lines: usize,
    /// Packages, each once.
    pub packages: usize,
}

/// A program in its folder.
pub struct Package {
    folder: PathBuf,
}

impl Package {
    /// Writes the program and brings what it depends on, so that a build waits for no network.
    pub fn new(dir: &Path, subject: &Subject) -> io::Result<Self> {
        let folder = dir.join(subject.folder());
        subject.write(&folder)?;
        let package = Self { folder };
        succeed(package.cargo(&["fetch", "--quiet"]))?;
        Ok(package)
    }

    pub fn tree(&self) -> io::Result<Tree> {
        let direct = self.lines_of_tree(&["--depth", "1"])?;
        let lines = self.lines_of_tree(&[])?;
        let packages: BTreeSet<_> = lines
            .iter()
            .map(|line| line.trim_end_matches(" (*)"))
            .collect();
        Ok(Tree {
            lines: lines.len() - 1,
            packages: packages.len() - 1,
            direct: direct
                .into_iter()
                .filter(|line| !line.starts_with("light "))
                .map(|line| line.split(" (").next().unwrap_or_default().to_owned())
                .collect(),
        })
    }

    fn lines_of_tree(&self, more: &[&str]) -> io::Result<BTreeSet<String>> {
        let arguments = [
            "tree",
            "--offline",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
        ];
        let output = succeed(self.cargo(&[&arguments, more].concat()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Builds everything from nothing.
    pub fn build(&self) -> io::Result<Built> {
        let target = self.target();
        match fs::remove_dir_all(&target) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => (),
        }
        let before = children()?;
        succeed(self.cargo(&["build", "--quiet", "--release", "--offline"]))?;
        let cpu = (children()? - before).as_secs_f64();
        let bytes = fs::metadata(target.join("release/light"))?.len();
        Ok(Built { cpu, bytes })
    }

    /// Runs what was built and looks for its span: in its output, in the files that it leaves, and in
    /// what it sends.
    pub fn run(&self, subject: &Subject, collector: &Collector) -> io::Result<()> {
        let work = self.folder.join("work");
        fs::create_dir_all(&work)?;
        let mut program = Command::new(self.target().join("release/light"));
        program.current_dir(&work).env(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            format!("http://{}", collector.address),
        );
        let output = succeed(program)?;
        let mut seen = collector.take();
        seen.extend(output.stdout);
        seen.extend(output.stderr);
        for entry in fs::read_dir(&work)? {
            let path = entry?.path();
            if path.is_file() {
                seen.extend(fs::read(path)?);
            }
        }
        fs::remove_dir_all(&work)?;
        let is_there = seen
            .windows(SPAN.len())
            .any(|bytes| bytes == SPAN.as_bytes());
        match is_there == subject.leaves_a_span {
            true => Ok(()),
            false => Err(io::Error::other(format!(
                "{}: a span `{SPAN}` came out: {is_there}, expected: {}",
                subject.name, subject.leaves_a_span
            ))),
        }
    }

    fn target(&self) -> PathBuf {
        self.folder.join("target")
    }

    /// Cargo as a user runs it: nothing of what surrounds this program's own build.
    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = command(Path::new("cargo"));
        cargo
            .args(arguments)
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.target())
            .env_remove("RUSTFLAGS")
            .env_remove("RUSTC_WRAPPER");
        cargo
    }
}

/// A command that hears nothing of what the environment says of telemetry: neither where it goes, nor
/// with whose token.
fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if ["OTEL_", "GENAI_TRACE_", "LOGFIRE_"]
            .iter()
            .any(|theirs| name.starts_with(theirs))
        {
            command.env_remove(&*name);
        }
    }
    command
}

/// Runs a command to its end.
fn succeed(mut command: Command) -> io::Result<Output> {
    let output = command.output()?;
    match output.status.success() {
        true => Ok(output),
        false => Err(io::Error::other(format!(
            "{command:?}: {}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        ))),
    }
}

/// What all programs that this one has run have used of the processor.
fn children() -> io::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    Ok(duration(usage.user_time()) + duration(usage.system_time()))
}

fn duration(time: TimeVal) -> Duration {
    let micros = time.tv_sec() * 1_000_000 + time.tv_usec();
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}
