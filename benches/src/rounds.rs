//! All contenders, each in a process of its own, in rounds and in a new order each time.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::process::{Command, Stdio};

use crate::check;
use crate::cli::Options;
use crate::contenders::{ALL, Entry};
use crate::figures::Figures;
use crate::stats::median;
use crate::{machine, plot, report};

/// What was measured of each contender, a row a round.
pub struct Rounds(BTreeMap<&'static str, Vec<Figures>>);

impl Rounds {
    /// The contenders and their figures, in the order in which they are listed.
    pub fn all(&self) -> impl Iterator<Item = (&'static Entry, &[Figures])> {
        ALL.iter()
            .filter_map(|entry| Some((entry, self.0.get(entry.name)?.as_slice())))
    }

    /// The median over all rounds.
    pub fn middle(&self, name: &str, of: impl Fn(&Figures) -> f64) -> Option<f64> {
        Some(median(self.0.get(name)?.iter().map(of)))
    }

    /// How many times the figure of `name` is that of `by`: the median over all rounds of what it is
    /// within each, since the machine changes its speed from one to the next.
    pub fn times(&self, name: &str, by: &str, of: impl Fn(&Figures) -> f64) -> Option<f64> {
        let pairs = self.0.get(name)?.iter().zip(self.0.get(by)?);
        Some(median(pairs.map(|(one, other)| of(one) / of(other))))
    }
}

/// Measures all contenders and prints the tables.
pub fn compare(options: &Options) -> io::Result<()> {
    let machine = machine::describe();
    check::same_lines(options)?;
    let mut rounds = Rounds(BTreeMap::new());
    for round in 1..=options.rounds {
        for name in shuffled() {
            eprintln!("round {round} of {}: {name}", options.rounds);
            let figures = measure(name, options)?;
            rounds.0.entry(name).or_default().push(figures);
        }
    }
    report::print(&rounds, &machine, options);
    if let Some(path) = &options.plot {
        fs::write(path, plot::svg(&rounds))?;
    }
    let losses: Vec<_> = rounds
        .all()
        .map(|(entry, figures)| (entry.name, figures.iter().map(|one| one.lost).sum::<u64>()))
        .filter(|(_, lost)| *lost > 0)
        .collect();
    if losses.is_empty() {
        Ok(())
    } else {
        Err(io::Error::other(format!("spans were lost: {losses:?}")))
    }
}

/// The contenders in an order by chance, so that what else the machine does hits none more often.
fn shuffled() -> [&'static str; ALL.len()] {
    let mut names = ALL.each_ref().map(|entry| entry.name);
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
