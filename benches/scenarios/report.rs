//! The tables, and the list of what is wanted.

use crate::cli::Options;
use crate::ours;
use crate::rounds::{Rounds, medians};
use crate::scenario::{Column, Medians, Scenario};

/// Prints a table for each scenario, and whether what is wanted was got.
pub fn print(scenarios: &[&'static Scenario], rounds: &Rounds, options: &Options) {
    let table = Table {
        markdown: options.markdown,
    };
    println!(
        "Medians of {} rounds; in brackets how many times genai-trace's figure it is.\n",
        options.rounds
    );
    let mut verdicts = Vec::new();
    for scenario in scenarios {
        let all = scenario.contenders.iter().filter_map(|contender| {
            let figures = rounds.get(&(scenario.name, contender.name))?;
            Some((contender.name, medians(figures)))
        });
        let all = Medians(all.collect());
        table.figures(scenario, &all);
        for wanted in scenario.wanted {
            let (got, most) = ((wanted.got)(&all), (wanted.most)(&all));
            let (Some(got), Some(most)) = (got, most) else {
                continue;
            };
            let verdict = if got <= most { "ok" } else { "MISSED" };
            let most = format!("at most {}", (wanted.show)(most));
            verdicts.push([
                wanted.what.to_owned(),
                most,
                (wanted.show)(got),
                verdict.to_owned(),
            ]);
        }
    }
    table.head(["wanted", "", "got", ""].map(str::to_owned));
    for verdict in verdicts {
        table.row(verdict);
    }
}

struct Table {
    markdown: bool,
}

impl Table {
    fn figures(&self, scenario: &Scenario, all: &Medians) {
        match self.markdown {
            true => println!("**{}** (`{}`)\n", scenario.title, scenario.name),
            false => println!("{}: {}", scenario.name, scenario.title),
        }
        let titles = scenario
            .columns
            .iter()
            .map(|column| column.title.to_owned());
        self.head(std::iter::once(String::new()).chain(titles));
        for contender in scenario.contenders {
            let cells = scenario
                .columns
                .iter()
                .map(|column| cell(column, all, contender.name));
            self.row(std::iter::once(contender.name.to_owned()).chain(cells));
        }
        println!();
    }

    fn head(&self, titles: impl IntoIterator<Item = String>) {
        let titles: Vec<_> = titles.into_iter().collect();
        let count = titles.len() - 1;
        self.row(titles);
        if self.markdown {
            println!("|---|{}", "---:|".repeat(count));
        }
    }

    fn row(&self, cells: impl IntoIterator<Item = String>) {
        let mut cells = cells.into_iter();
        if self.markdown {
            println!("| {} |", cells.collect::<Vec<_>>().join(" | "));
            return;
        }
        print!("  {:52}", cells.next().unwrap_or_default());
        cells.for_each(|cell| print!(" {cell:>22}"));
        println!();
    }
}

/// A figure, and how many times ours it is.
fn cell(column: &Column, all: &Medians, contender: &str) -> String {
    let Some(figure) = all.get(contender, column.title) else {
        return "–".to_owned();
    };
    let shown = (column.show)(figure);
    let ours = all.get(ours::NAME, column.title);
    match ours.filter(|ours| column.ratio && contender != ours::NAME && *ours > 0.0) {
        Some(ours) if figure > 0.0 => format!("{shown} ({:.1}×)", figure / ours),
        _ => shown,
    }
}
