//! What is printed of all rounds.

use crate::cli::Options;
use crate::contenders::{ALL, Entry, OURS};
use crate::figures::Figures;
use crate::rounds::Rounds;
use crate::stats::range;
use crate::table::Table;
use crate::work::{LAP, SPANS};
use crate::{machine, required};

/// A figure, and how it is shown.
struct Column {
    title: &'static str,
    of: fn(&Figures) -> f64,
    show: fn(f64) -> String,
    better: Better,
    /// Whether it is about the file, so that who writes none has none.
    of_the_file: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Better {
    Low,
    High,
    Neither,
}

/// The first ones are also shown with their spread.
const COLUMNS: &[Column] = &[
    column("caller, ns", |of| of.caller_ns, tenths, Better::Low),
    column("cold caches, ns", |of| of.cold_ns, tenths, Better::Low),
    column("burst p99, us", |of| of.burst_p99_ns, micros, Better::Low),
    column(
        "burst p99.9, us",
        |of| of.burst_p999_ns,
        micros,
        Better::Low,
    ),
    column("CPU, ns", |of| of.cpu_ns, whole, Better::Low),
    in_the_file(
        "spans/s to the file",
        |of| of.spans_per_second,
        millions,
        Better::High,
    ),
    column("allocations", |of| of.allocations, hundredths, Better::Low),
    column(
        "memory, MiB",
        |of| of.peak_kib as f64 / 1024.0,
        tenths,
        Better::Low,
    ),
    in_the_file(
        "bytes a line",
        |of| of.bytes_per_line,
        whole,
        Better::Neither,
    ),
    in_the_file("spans lost", |of| of.lost as f64, whole, Better::Neither),
    column("disabled, ns", |of| of.disabled_ns, tenths, Better::Low),
];
/// So many of them have their spread shown.
const SPREAD: usize = 6;

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
        of_the_file: false,
    }
}

const fn in_the_file(
    title: &'static str,
    of: fn(&Figures) -> f64,
    show: fn(f64) -> String,
    better: Better,
) -> Column {
    Column {
        of_the_file: true,
        ..column(title, of, show, better)
    }
}

impl Column {
    fn is_of(&self, entry: &Entry) -> bool {
        entry.writes() || !self.of_the_file
    }
}

/// Prints the tables.
pub fn print(rounds: &Rounds, machine: &str, options: &Options) {
    println!(
        "{}; {machine}. Medians of {} rounds; a round is {} spans a phase, fewer of who is slower \
         by far. Each figure is for one span, p99 and p99.9 for a burst of {SPANS}.\n",
        machine::versions(),
        options.rounds,
        options.laps * LAP * SPANS,
    );
    let table = |first: &str, titles: Vec<&str>| Table::new(options.markdown, first, titles);
    figures(rounds, table).print();
    ratios(rounds, table).print();
    spreads(rounds, table).print();
    required::table(rounds, table).print();
}

fn figures(rounds: &Rounds, new: impl Fn(&str, Vec<&str>) -> Table) -> Table {
    let titles = COLUMNS.iter().map(|column| column.title);
    let mut table = new("a span costs", titles.collect());
    for entry in &ALL {
        let cells = COLUMNS
            .iter()
            .map(|column| match rounds.middle(entry.name, column.of) {
                Some(middle) if column.is_of(entry) => (column.show)(middle),
                _ => "–".to_owned(),
            });
        table.row(entry.name, cells);
    }
    table
}

/// How many times better genai-trace is; below 1 it is worse.
fn ratios(rounds: &Rounds, new: impl Fn(&str, Vec<&str>) -> Table) -> Table {
    let compared = || {
        COLUMNS
            .iter()
            .filter(|column| column.better != Better::Neither)
    };
    let titles = compared().map(|column| column.title.split(',').next().unwrap_or_default());
    let mut table = new("times better", titles.collect());
    for entry in ALL
        .iter()
        .filter(|entry| entry.writes() && !entry.name.starts_with(OURS))
    {
        let cells = compared().map(|column| {
            let times = match column.better {
                Better::High => rounds.times(OURS, entry.name, column.of),
                _ => rounds.times(entry.name, OURS, column.of),
            };
            times
                .filter(|times| times.is_finite())
                .map_or_else(|| "–".to_owned(), hundredths)
        });
        table.row(&format!("than {}", entry.name), cells);
    }
    table
}

/// The least and the greatest figure of all rounds: how quiet the machine was.
fn spreads(rounds: &Rounds, new: impl Fn(&str, Vec<&str>) -> Table) -> Table {
    let shown = || COLUMNS.iter().take(SPREAD);
    let titles = shown().map(|column| column.title);
    let mut table = new("least to greatest", titles.collect());
    for (entry, figures) in rounds.all() {
        let cells = shown().map(|column| {
            if !column.is_of(entry) {
                return "–".to_owned();
            }
            let (least, greatest) = range(figures.iter().map(column.of));
            format!("{} to {}", (column.show)(least), (column.show)(greatest))
        });
        table.row(entry.name, cells);
    }
    table
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
