//! What a scenario is, and which there are.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// What one contender has measured in one round, by the titles of columns.
pub type Figures = BTreeMap<String, f64>;

/// One question, and who answers it.
pub struct Scenario {
    pub name: &'static str,
    /// What is done, and what the figures are of.
    pub title: &'static str,
    pub contenders: &'static [Contender],
    pub columns: &'static [Column],
    pub wanted: &'static [Wanted],
    /// The work of genai-trace alone, for a profiler.
    pub run: Option<Run>,
}

/// Who does the work, in a process of its own.
pub struct Contender {
    pub name: &'static str,
    /// What the environment of the process says.
    pub env: &'static [(&'static str, &'static str)],
    pub measure: fn(&Path) -> io::Result<Figures>,
}

/// Work without measuring it.
pub struct Run {
    /// What is done so many times.
    pub unit: &'static str,
    pub work: fn(dir: &Path, times: usize) -> io::Result<()>,
}

/// A figure, and how it is shown.
pub struct Column {
    pub title: &'static str,
    pub show: fn(f64) -> String,
    /// Whether to say how many times ours it is.
    pub ratio: bool,
}

/// A figure that is asked for.
pub struct Wanted {
    pub what: &'static str,
    pub got: fn(&Medians) -> Option<f64>,
    /// It is to be so much at most.
    pub most: fn(&Medians) -> Option<f64>,
    pub show: fn(f64) -> String,
}

/// The medians of a scenario's rounds.
pub struct Medians(pub BTreeMap<&'static str, Figures>);

impl Medians {
    pub fn get(&self, contender: &str, column: &str) -> Option<f64> {
        self.0.get(contender)?.get(column).copied()
    }
}

/// A contender without an environment of its own.
pub const fn contender(name: &'static str, measure: fn(&Path) -> io::Result<Figures>) -> Contender {
    let env = &[];
    Contender { name, env, measure }
}

/// A column of figures that are compared with ours.
pub const fn column(title: &'static str, show: fn(f64) -> String) -> Column {
    let ratio = true;
    Column { title, show, ratio }
}

/// A column of figures that are not compared.
pub const fn aside(title: &'static str, show: fn(f64) -> String) -> Column {
    let ratio = false;
    Column { title, show, ratio }
}

/// Figures under these titles.
pub fn figures<const N: usize>(figures: [(&str, f64); N]) -> Figures {
    let own = figures.map(|(title, figure)| (title.to_owned(), figure));
    Figures::from(own)
}

pub fn whole(number: f64) -> String {
    format!("{number:.0}")
}

pub fn tenths(number: f64) -> String {
    format!("{number:.1}")
}

pub fn hundredths(number: f64) -> String {
    format!("{number:.2}")
}

/// Of nanoseconds, as microseconds.
pub fn micros(nanos: f64) -> String {
    format!("{:.2}", nanos / 1000.0)
}
