//! The tables.

use crate::cli::Options;
use crate::figures::Figures;
use crate::machine;
use crate::rounds::Rounds;
use crate::stats::{median, range};
use crate::work::{LAP, SPANS};

/// A figure, and how it is shown.
struct Column {
    title: &'static str,
    of: fn(&Figures) -> f64,
    show: fn(f64) -> String,
    /// A lower figure is better, a higher one, or neither.
    better: Better,
}

#[derive(Clone, Copy, PartialEq)]
enum Better {
    Low,
    High,
    Neither,
}

const COLUMNS: &[Column] = &[
    column("caller, ns", |of| of.caller_ns, tenths, Better::Low),
    column("burst p99, us", |of| of.burst_p99_ns, micros, Better::Low),
    column(
        "burst p99.9, us",
        |of| of.burst_p999_ns,
        micros,
        Better::Low,
    ),
    column("CPU, ns", |of| of.cpu_ns, whole, Better::Low),
    column(
        "spans/s to the file",
        |of| of.spans_per_second,
        millions,
        Better::High,
    ),
    column("allocations", |of| of.allocations, hundredths, Better::Low),
    column(
        "bytes a line",
        |of| of.bytes_per_line,
        whole,
        Better::Neither,
    ),
    column("spans lost", |of| of.lost as f64, whole, Better::Neither),
    column("disabled, ns", |of| of.disabled_ns, tenths, Better::Low),
];

const fn column(
    title: &'static str,
    of: fn(&Figures) -> f64,
    show: fn(f64) -> String,
    better: Better,
) -> Column {
    Column {
        title,
        of,
        show,
        better,
    }
}

/// The contender that the others are compared with.
const OURS: &str = "genai-trace";

/// Prints the tables; how many spans were lost.
pub fn print(rounds: &Rounds, machine: &str, options: &Options) -> u64 {
    println!(
        "{}; {machine}. Medians of {} rounds; a round is {} spans a phase. Each figure is for one span, \
         p99 and p99.9 for a burst of {SPANS}.\n",
        machine::versions(),
        options.rounds,
        options.laps * LAP * SPANS,
    );
    let table = Table {
        markdown: options.markdown,
    };
    table.figures(rounds);
    table.ratios(rounds);
    table.spreads(rounds);
    rounds.values().flatten().map(|figures| figures.lost).sum()
}

fn middle(of: &[Figures], column: &Column) -> f64 {
    median(of.iter().map(column.of))
}

struct Table {
    markdown: bool,
}

impl Table {
    fn figures(&self, rounds: &Rounds) {
        let titles = COLUMNS.iter().map(|column| column.title.to_owned());
        self.head("a span costs", titles);
        for (name, figures) in rounds {
            let writes = figures.iter().any(|figures| figures.bytes_per_line > 0.0);
            let cells = COLUMNS.iter().map(|column| {
                // The other columns are about the file.
                if !writes && column.better != Better::Low {
                    "–".to_owned()
                } else {
                    (column.show)(middle(figures, column))
                }
            });
            self.row(name, cells);
        }
        println!();
    }

    /// How many times better genai-trace is; below 1 it is worse.
    fn ratios(&self, rounds: &Rounds) {
        let Some(ours) = rounds.get(OURS) else {
            return;
        };
        let compared = || {
            COLUMNS
                .iter()
                .filter(|column| column.better != Better::Neither)
        };
        let titles = compared().map(|column| column.title.split(',').next().unwrap_or_default());
        self.head("times better", titles.map(str::to_owned));
        for (name, figures) in rounds
            .iter()
            .filter(|(name, _)| name.starts_with("fastrace"))
        {
            let cells = compared().map(|column| {
                let (ours, theirs) = (middle(ours, column), middle(figures, column));
                let (low, high) = match column.better {
                    Better::High => (theirs, ours),
                    _ => (ours, theirs),
                };
                if low == 0.0 {
                    "–".to_owned()
                } else {
                    hundredths(high / low)
                }
            });
            self.row(&format!("than {name}"), cells);
        }
        println!();
    }

    /// The least and the greatest figure of all rounds: how quiet the machine was.
    fn spreads(&self, rounds: &Rounds) {
        let titles = COLUMNS.iter().take(5).map(|column| column.title.to_owned());
        self.head("least to greatest", titles);
        for (name, figures) in rounds {
            let cells = COLUMNS.iter().take(5).map(|column| {
                let (least, greatest) = range(figures.iter().map(column.of));
                format!("{} to {}", (column.show)(least), (column.show)(greatest))
            });
            self.row(name, cells);
        }
    }

    fn head(&self, first: &str, titles: impl Iterator<Item = String>) {
        let titles: Vec<_> = titles.collect();
        let count = titles.len();
        self.row(first, titles.into_iter());
        if self.markdown {
            println!("|---|{}", "---:|".repeat(count));
        }
    }

    fn row(&self, first: &str, cells: impl Iterator<Item = String>) {
        if self.markdown {
            println!("| {first} | {} |", cells.collect::<Vec<_>>().join(" | "));
        } else {
            print!("{first:20}");
            cells.for_each(|cell| print!(" {cell:>19}"));
            println!();
        }
    }
}

fn whole(number: f64) -> String {
    format!("{number:.0}")
}

fn tenths(number: f64) -> String {
    format!("{number:.1}")
}

fn hundredths(number: f64) -> String {
    format!("{number:.2}")
}

fn micros(nanos: f64) -> String {
    format!("{:.2}", nanos / 1000.0)
}

fn millions(number: f64) -> String {
    format!("{:.2} M", number / 1_000_000.0)
}
