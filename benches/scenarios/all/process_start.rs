//! A process that makes one span and ends, over one that makes none.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::fast;
use crate::file::Lines;
use crate::ours;
use crate::paired::clocked;
use crate::scenario::{Figures, Scenario, Wanted, aside, column, contender, figures, micros};
use crate::stats::median;
use crate::used::children_cpu;

const FIRST: &str = "main to the span's end, us";
const CPU: &str = "CPU over hello world, us";
const WALL: &str = "wall over hello world, us";
const HELLO: &str = "hello world, CPU, us";

pub const SCENARIO: Scenario = Scenario {
    name: "process-start",
    title: "A process that says hello inside its only span, over one that says it outside any",
    contenders: &[contender(ours::NAME, ours), contender(fast::NAME, fastrace)],
    columns: &[
        column(FIRST, micros),
        column(CPU, micros),
        column(WALL, micros),
        aside(HELLO, micros),
    ],
    wanted: &[Wanted {
        what: "process-start: CPU over hello world, us",
        got: |of| of.get(ours::NAME, CPU),
        most: |_| Some(1_000_000.0),
        show: micros,
    }],
    run: None,
};

/// The programs, which the lock file's other binaries are no part of: fastrace's clock works before
/// `main` in any program that has it.
const HELLOS: [&str; 3] = ["hello-plain", "hello-genai-trace", "hello-fastrace"];

const PROCESSES: usize = 41;

/// Builds the programs, beside this one.
pub fn build() -> io::Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = beside("..")?;
    let status = Command::new(cargo)
        .args([
            "build",
            "--release",
            "--locked",
            "--quiet",
            "--manifest-path",
        ])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .args(HELLOS.map(|name| format!("--bin={name}")))
        .env("CARGO_TARGET_DIR", target)
        .status()?;
    match status.success() {
        true => Ok(()),
        false => Err(io::Error::other("the programs that say hello do not build")),
    }
}

fn beside(name: &str) -> io::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(name))
}

/// A process, from outside.
struct Hello {
    cpu: f64,
    wall: f64,
    /// What it says of itself.
    first: f64,
}

fn hello(name: &str, file: &Path) -> io::Result<Hello> {
    let mut command = Command::new(beside(name)?);
    command
        .env("GENAI_TRACE_FILE", file)
        .stderr(Stdio::inherit());
    let before = children_cpu()?;
    let mut output = Err(io::Error::other("not run"));
    let wall = clocked(|| output = command.output());
    let output = output?;
    if !output.status.success() {
        return Err(io::Error::other(format!(
            "{name} ended with {}",
            output.status
        )));
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let first = said.lines().nth(1).and_then(|nanos| nanos.parse().ok());
    Ok(Hello {
        cpu: children_cpu()? - before,
        wall,
        first: first.unwrap_or_default(),
    })
}

fn compared(dir: &Path, name: &str) -> io::Result<Figures> {
    let mut pairs = Vec::new();
    for _ in 0..PROCESSES {
        let lines = Lines::create(dir, name)?;
        let plain = hello(HELLOS[0], lines.path())?;
        pairs.push((plain, hello(name, lines.path())?));
        let written = lines.count()?;
        if written != 1 {
            return Err(io::Error::other(format!("{name} wrote {written} lines")));
        }
    }
    let of = |figure: fn(&(Hello, Hello)) -> f64| median(pairs.iter().map(figure));
    Ok(figures([
        (FIRST, of(|(_, own)| own.first)),
        (CPU, of(|(plain, own)| own.cpu - plain.cpu)),
        (WALL, of(|(plain, own)| own.wall - plain.wall)),
        (HELLO, of(|(plain, _)| plain.cpu)),
    ]))
}

fn ours(dir: &Path) -> io::Result<Figures> {
    compared(dir, HELLOS[1])
}

fn fastrace(dir: &Path) -> io::Result<Figures> {
    compared(dir, HELLOS[2])
}
