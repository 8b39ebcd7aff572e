//! How long a crate of 500 annotated functions takes to build, beside the same crate with
//! `#[tracing::instrument]` and the same crate without anything. See `../README.md`.

// The other program of this package uses more of these two.
#[allow(dead_code)]
#[path = "../src/machine.rs"]
mod machine;
#[allow(dead_code)]
#[path = "../src/stats.rs"]
mod stats;
mod subjects;

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

use subjects::{SUBJECTS, Subject};

const USAGE: &str = "usage: compile_time [ROUNDS]   (3)";

/// The most that ours may take of what tracing's takes, whole builds, in processor time.
const MOST: f64 = 1.5;

/// What is measured of each crate.
const PHASES: [&str; 3] = ["debug", "debug after an edit", "release"];

/// What one build took.
#[derive(Clone, Copy)]
struct Took {
    wall: f64,
    /// User and system time of cargo and of all compilers.
    cpu: f64,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("compile_time: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> io::Result<()> {
    let rounds = match std::env::args().nth(1) {
        Some(text) => text.parse().map_err(|_| io::Error::other(USAGE))?,
        None => 3,
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()?;
    let dir = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root.join("benches/target"), PathBuf::from)
        .join("compile_time");
    subjects::write(&dir, &root)?;
    println!("{}; {rounds} rounds", machine::describe());
    for profile in [false, true] {
        for subject in &SUBJECTS {
            build(&dir, subject, profile)?;
        }
    }
    let mut figures: Vec<Vec<Vec<Took>>> = vec![vec![Vec::new(); SUBJECTS.len()]; PHASES.len()];
    for round in 0..rounds {
        for (place, phase) in figures.iter_mut().enumerate() {
            // In turn from the front and from the back, so that a machine that grows slower does
            // not always hit the same.
            let mut order: Vec<_> = (0..SUBJECTS.len()).collect();
            if round % 2 == 1 {
                order.reverse();
            }
            for index in order {
                let (Some(subject), Some(builds)) = (SUBJECTS.get(index), phase.get_mut(index))
                else {
                    continue;
                };
                match place {
                    1 => subject.write_module(&dir.join(subject.name), 7, round + 1)?,
                    _ => forget(&dir, subject, place == 2)?,
                }
                builds.push(build(&dir, subject, place == 2)?);
            }
        }
    }
    report(&figures);
    for (ours, theirs) in [(1, 2), (3, 4)] {
        for phase in [0, 2] {
            let ratio = ratio(&figures[phase], ours, theirs, |took| took.cpu);
            if ratio > MOST {
                let (name, phase) = (SUBJECTS[ours].name, PHASES[phase]);
                let message =
                    format!("{name}, {phase}: {ratio:.2} times tracing's, {MOST} allowed");
                return Err(io::Error::other(message));
            }
        }
    }
    Ok(())
}

/// Removes what was built of a crate, and nothing of what it depends on.
fn forget(dir: &Path, subject: &Subject, release: bool) -> io::Result<()> {
    let mut cargo = cargo(dir, "clean", subject, release);
    succeed(&mut cargo)
}

fn build(dir: &Path, subject: &Subject, release: bool) -> io::Result<Took> {
    let (cpu, start) = (children()?, Instant::now());
    succeed(&mut cargo(dir, "build", subject, release))?;
    Ok(Took {
        wall: start.elapsed().as_secs_f64(),
        cpu: (children()? - cpu).as_secs_f64(),
    })
}

fn cargo(dir: &Path, command: &str, subject: &Subject, release: bool) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.arg(command).args(["--quiet", "--package"]);
    cargo
        .arg(format!("subject-{}", subject.name))
        .current_dir(dir);
    cargo.env("CARGO_TARGET_DIR", dir.join("target"));
    if release {
        cargo.arg("--release");
    }
    cargo
}

fn succeed(command: &mut Command) -> io::Result<()> {
    match command.status()? {
        status if status.success() => Ok(()),
        status => Err(io::Error::other(format!("{command:?}: {status}"))),
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

fn report(figures: &[Vec<Vec<Took>>]) {
    println!(
        "\n| build of | {} |",
        PHASES
            .map(|phase| format!("{phase}, s | CPU, s"))
            .join(" | ")
    );
    println!("|---|{}", "---:|".repeat(PHASES.len() * 2));
    for (index, subject) in SUBJECTS.iter().enumerate() {
        print!("| {} |", subject.name);
        for phase in figures {
            let median = |of: fn(&Took) -> f64| stats::median(phase[index].iter().map(of));
            print!(
                " {:.2} | {:.2} |",
                median(|took| took.wall),
                median(|took| took.cpu)
            );
        }
        println!();
    }
    println!(
        "\n| ratio, median of pairs | {} |",
        PHASES.map(|phase| format!("{phase} | CPU")).join(" | ")
    );
    println!("|---|{}", "---:|".repeat(PHASES.len() * 2));
    for (ours, other) in [(1, 2), (3, 4), (1, 0), (2, 0)] {
        print!("| {} / {} |", SUBJECTS[ours].name, SUBJECTS[other].name);
        for phase in figures {
            let ratio = |of| ratio(phase, ours, other, of);
            print!(
                " {:.2} | {:.2} |",
                ratio(|took| took.wall),
                ratio(|took| took.cpu)
            );
        }
        println!();
    }
}

/// The median over all rounds of what `ours` took by what `other` took in the same round.
fn ratio(phase: &[Vec<Took>], ours: usize, other: usize, of: fn(&Took) -> f64) -> f64 {
    let pairs = phase[ours].iter().zip(&phase[other]);
    stats::median(pairs.map(|(a, b)| of(a) / of(b)))
}
