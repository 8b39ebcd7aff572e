//! All contenders, each in a process of its own, in rounds and in a new order each time.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::process::{Command, Stdio};

use crate::check;
use crate::cli::Options;
use crate::contenders::ALL;
use crate::figures::Figures;
use crate::{machine, report};

/// What was measured of each contender, a row a round.
pub type Rounds = BTreeMap<&'static str, Vec<Figures>>;

/// Measures all contenders and prints the tables.
pub fn compare(options: &Options) -> io::Result<()> {
    let machine = machine::describe();
    check::same_lines(options)?;
    let mut rounds = Rounds::new();
    for round in 1..=options.rounds {
        for name in shuffled() {
            eprintln!("round {round} of {}: {name}", options.rounds);
            let figures = measure(name, options)?;
            rounds.entry(name).or_default().push(figures);
        }
    }
    let losses = report::print(&rounds, &machine, options);
    match losses {
        0 => Ok(()),
        lost => Err(io::Error::other(format!("{lost} spans were lost"))),
    }
}

/// The contenders in an order by chance, so that what else the machine does hits none more often.
fn shuffled() -> [&'static str; ALL.len()] {
    let mut names = ALL;
    names.sort_by_cached_key(|_| RandomState::new().hash_one(0));
    names
}

fn measure(name: &str, options: &Options) -> io::Result<Figures> {
    let output = Command::new(std::env::current_exe()?)
        .args(["child", name, "--laps", &options.laps.to_string(), "--dir"])
        .arg(&options.dir)
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!(
            "{name} ended with {}",
            output.status
        )));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
