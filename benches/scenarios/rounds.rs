//! All contenders of all scenarios, each in a process of its own, in rounds and in a new order each time.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::cli::Options;
use crate::report;
use crate::scenario::{Contender, Figures, Scenario};
use crate::stats::median;

/// What was measured of a contender, a row a round.
pub type Rounds = BTreeMap<(&'static str, &'static str), Vec<Figures>>;

/// Measures the scenarios that are asked for and prints the tables.
pub fn compare(scenarios: &[&'static Scenario], options: &Options) -> io::Result<()> {
    let mut rounds = Rounds::new();
    for round in 1..=options.rounds {
        for (scenario, contender) in shuffled(scenarios) {
            let begin = Instant::now();
            let figures = measure(scenario, contender, options)?;
            eprintln!(
                "round {round} of {}: {}: {}, {:.1} s",
                options.rounds,
                scenario.name,
                contender.name,
                begin.elapsed().as_secs_f64()
            );
            let key = (scenario.name, contender.name);
            rounds.entry(key).or_default().push(figures);
        }
    }
    report::print(scenarios, &rounds, options);
    Ok(())
}

/// The median of each figure.
pub fn medians(rounds: &[Figures]) -> Figures {
    let titles = rounds.iter().flat_map(|figures| figures.keys());
    titles
        .map(|title| {
            let all = rounds.iter().filter_map(|figures| figures.get(title));
            (title.clone(), median(all.copied()))
        })
        .collect()
}

/// In an order by chance, so that what else the machine does hits none more often.
fn shuffled(scenarios: &[&'static Scenario]) -> Vec<(&'static Scenario, &'static Contender)> {
    let mut all: Vec<_> = scenarios
        .iter()
        .flat_map(|scenario| scenario.contenders.iter().map(|one| (*scenario, one)))
        .collect();
    all.sort_by_cached_key(|_| RandomState::new().hash_one(0));
    all
}

fn measure(scenario: &Scenario, contender: &Contender, options: &Options) -> io::Result<Figures> {
    let output = Command::new(std::env::current_exe()?)
        .args(["child", scenario.name, contender.name, "--dir"])
        .arg(&options.dir)
        .envs(contender.env.iter().copied())
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!(
            "{}: {} ended with {}",
            scenario.name, contender.name, output.status
        )));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
