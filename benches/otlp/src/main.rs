//! Spans to a collector over OTLP: genai-trace beside OpenTelemetry's own exporter, on the same work.
//!
//! `otlp [--seconds N] [--rate SPANS] [--laps N] [--rounds N] [--to URL --listen ADDRESS]`
//!
//! Each subject runs in a process of its own on one core; a receiver of ours, which counts, has the other.
//! With `--to` spans go to a collector at that base url, which is to forward them to the receiver's ADDRESS
//! and runs where the system puts it. Two phases: as many spans in each millisecond as the rate says,
//! for so many seconds; then laps of 2,000 spans as fast as they can be made, each brought to the
//! backend before the next.

mod cli;
mod figures;
mod load;
mod receiver;
mod subjects;

#[path = "../../scenarios/cores.rs"]
mod cores;
#[path = "../../src/cpu.rs"]
mod cpu;
// Not all of it is wanted here.
#[allow(dead_code)]
#[path = "../../src/stats.rs"]
mod stats;
// What the spans say; the laps are of another length here.
#[allow(dead_code)]
#[path = "../../src/work.rs"]
mod work;

use std::io;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use cli::Options;
use figures::Figures;
use receiver::Receiver;
use stats::median;

/// How long after the end of a subject its last spans may arrive, through a collector.
const STRAGGLERS: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let done = match cli::parse(std::env::args().skip(1)) {
        Ok(options) => match &options.subject {
            Some(subject) => load::measure(subject, &options),
            None => all(&options),
        },
        Err(error) => Err(io::Error::other(format!("{error}\n{}", cli::USAGE))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs all subjects in turn, round by round, and prints what they took.
fn all(options: &Options) -> io::Result<()> {
    // The receiver's threads inherit the core.
    cores::pin(1);
    let receiver = Receiver::start(&options.listen)?;
    let url = match &options.to {
        Some(url) => url.clone(),
        None => format!("http://{}", receiver.address()),
    };
    let mut rounds: Vec<Vec<Figures>> = vec![Vec::new(); subjects::NAMES.len()];
    for _ in 0..options.rounds {
        for (name, rounds) in subjects::NAMES.iter().zip(&mut rounds) {
            receiver.take();
            let mut figures = child(name, &url, options)?;
            if subjects::sends(name) {
                figures.arrived = arrived(&receiver, figures.made);
            }
            rounds.push(figures);
        }
    }
    println!(
        "{} spans/ms for {} s, then {} laps of {} spans; {}; median of {} rounds",
        options.rate,
        options.seconds,
        options.laps,
        load::LAP,
        options
            .to
            .as_deref()
            .unwrap_or("a receiver of this program"),
        options.rounds,
    );
    println!(
        "{:<20} {:>12} {:>12} {:>14} {:>12} {:>10} {:>10}",
        "", "caller, ns", "steady, CPU", "laps, CPU", "spans/s", "made", "lost"
    );
    for (name, rounds) in subjects::NAMES.iter().zip(&rounds) {
        let of = |figure: fn(&Figures) -> f64| median(rounds.iter().map(figure));
        let made: u64 = rounds.iter().map(|round| round.made).sum();
        let lost = match subjects::sends(name) {
            true => rounds
                .iter()
                .map(|round| round.made - round.arrived.min(round.made))
                .sum::<u64>()
                .to_string(),
            false => "-".to_owned(),
        };
        println!(
            "{name:<20} {:>12.0} {:>12.0} {:>14.0} {:>12.0} {made:>10} {lost:>10}",
            of(|round| round.caller_ns),
            of(|round| round.steady_cpu_ns),
            of(|round| round.lap_cpu_ns),
            of(|round| round.spans_per_second),
        );
    }
    Ok(())
}

/// Measures a subject in a process of its own.
fn child(name: &str, url: &str, options: &Options) -> io::Result<Figures> {
    let output = Command::new(std::env::current_exe()?)
        .args(["--subject", name, "--to", url])
        .args(["--seconds", &options.seconds.to_string()])
        .args(["--rate", &options.rate.to_string()])
        .args(["--laps", &options.laps.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!(
            "{name} failed: {}",
            output.status
        )));
    }
    serde_json::from_slice(&output.stdout).map_err(io::Error::other)
}

/// How many spans arrived, once all have or no more come.
fn arrived(receiver: &Receiver, made: u64) -> u64 {
    let until = Instant::now() + STRAGGLERS;
    while receiver.spans() < made && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(100));
    }
    receiver.take()
}
