//! `genai-trace ls`

use std::collections::HashMap;

use clap::Args;
use serde_json::{Value as Json, json};

use crate::out;
use crate::pricing::Used;
use crate::reading::Input;
use crate::scores::{Kept, Scores};
use crate::span::Brief;
use crate::text::{Align, count as count_of, duration, moment, table, visible};

/// Lists traces, the newest last.
///
/// Of each when it began, how long it took, its spans and errors, its tokens, what it cost, and its root. A cost with a
/// + behind it lacks calls whose price nobody knows.
///
/// A span that stands twice in the files counts once, by the first record of its end in the order of the files.
///
/// Exits with 0, and with 2 where there is nothing to read.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// How many traces, the newest of all; 0 for every one
    #[arg(short, long, default_value_t = 20, value_name = "COUNT")]
    number: usize,
    /// Prints one JSON document instead of a table
    #[arg(long)]
    json: bool,
}

/// What is known of a trace.
#[derive(Debug, Default)]
struct Trace {
    start: u64,
    end: u64,
    spans: u64,
    errors: u64,
    used: Used,
    root: Root,
}

/// The span that stands for the trace: one without a parent, else the first.
#[derive(Debug, Default, PartialEq)]
struct Root {
    is_top: bool,
    start: u64,
    name: String,
}

impl Root {
    /// Of two that began at once the names decide: what several threads have read comes together in no order.
    fn goes_before(&self, other: &Root) -> bool {
        (self.is_top, other.start, &other.name) > (other.is_top, self.start, &self.name)
    }
}

impl Trace {
    fn add(&mut self, span: &Brief<'_>) {
        let root = Root {
            is_top: span.parent == 0,
            start: span.start,
            name: String::new(),
        };
        // The name is copied only of what stands for the trace.
        let is_before =
            self.spans == 0 || (root.is_top, self.root.start) > (self.root.is_top, root.start);
        if is_before {
            self.root = Root {
                name: span.name.clone().into_owned(),
                ..root
            };
        }
        self.start = match self.spans {
            0 => span.start,
            _ => self.start.min(span.start),
        };
        self.end = self.end.max(span.end);
        self.spans += 1;
        self.errors += u64::from(span.has_failed);
        self.used.add(Used::of(span));
    }

    fn merge(&mut self, other: Trace) {
        if other.spans == 0 {
            return;
        }
        if self.spans == 0 {
            *self = other;
            return;
        }
        self.start = self.start.min(other.start);
        self.end = self.end.max(other.end);
        self.spans += other.spans;
        self.errors += other.errors;
        self.used.add(other.used);
        if other.root.goes_before(&self.root) {
            self.root = other.root;
        }
    }

    fn cost(&self) -> String {
        match (self.used.dollars, self.used.unpriced) {
            (0.0, 0) => String::new(),
            _ => self.used.cost(),
        }
    }

    fn tokens(&self) -> String {
        match (self.used.input_tokens, self.used.output_tokens) {
            (0, 0) => String::new(),
            (input, output) => format!("{input}/{output}"),
        }
    }

    fn row(&self, id: u128) -> Vec<String> {
        let errors = match self.errors {
            0 => String::new(),
            errors => errors.to_string(),
        };
        let id: String = format!("{id:032x}").chars().take(8).collect();
        vec![
            id,
            moment(self.start),
            duration(self.end.saturating_sub(self.start)),
            self.spans.to_string(),
            errors,
            self.tokens(),
            self.cost(),
            visible(&self.root.name),
        ]
    }

    fn document(&self, id: u128, scores: &Scores) -> Json {
        let scores: Vec<_> = scores.of_run(id).map(Kept::document).collect();
        json!({
            "trace_id": format!("{id:032x}"),
            "root": self.root.name,
            "start_unix_nano": self.start,
            "duration_ns": self.end.saturating_sub(self.start),
            "spans": self.spans,
            "errors": self.errors,
            "input_tokens": self.used.input_tokens,
            "output_tokens": self.used.output_tokens,
            "cost_usd": self.used.dollars,
            "unpriced_calls": self.used.unpriced,
            "scores": scores,
        })
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<String, String> {
    let (parts, reading) = arguments
        .input
        .each_span(HashMap::<u128, Trace>::new, |traces, span| {
            traces.entry(span.trace_id).or_default().add(span)
        })?;
    let mut all: HashMap<u128, Trace> = HashMap::new();
    for (id, trace) in parts.into_iter().flatten() {
        all.entry(id).or_default().merge(trace);
    }
    let scores = arguments.input.scores()?;
    let count = all.len();
    let mut traces: Vec<_> = all.into_iter().collect();
    traces.sort_by_key(|(id, trace)| (trace.start, *id));
    if arguments.number > 0 {
        traces.drain(..count.saturating_sub(arguments.number));
    }
    if arguments.json {
        let document = json!({
            "traces": traces.iter().map(|(id, trace)| trace.document(*id, &scores)).collect::<Vec<_>>(),
            "bad_lines": reading.bad_lines(),
            "bad_spans": reading.bad_spans(),
            "duplicate_spans": reading.again,
            "open_spans": reading.open,
        });
        return Ok(format!("{document}\n"));
    }
    if traces.is_empty() {
        return Ok("no traces\n".to_owned());
    }
    let mut heads = vec![
        ("trace", Align::Left),
        ("began", Align::Left),
        ("took", Align::Right),
        ("spans", Align::Right),
        ("errors", Align::Right),
        ("tokens", Align::Right),
        ("cost", Align::Right),
        ("root", Align::Left),
    ];
    let mut rows: Vec<_> = traces.iter().map(|(id, trace)| trace.row(*id)).collect();
    // Most runs have none.
    let cells: Vec<_> = traces.iter().map(|(id, _)| scored(&scores, *id)).collect();
    if cells.iter().any(|cell| !cell.is_empty()) {
        // The last column, since colours have no width.
        heads.push(("scores", Align::Left));
        for (row, cell) in rows.iter_mut().zip(cells) {
            row.push(cell);
        }
    }
    let mut out = table(&heads, &rows);
    let left_out = count - traces.len();
    if left_out > 0 {
        let left_out = u64::try_from(left_out).unwrap_or(u64::MAX);
        let older = count_of(left_out, "older trace");
        out.push_str(&format!("{older}: -n 0 shows all\n"));
    }
    Ok(out)
}

/// The scores of a run, coloured where they are marks, and how many its spans have.
fn scored(scores: &Scores, id: u128) -> String {
    let is_coloured = out::is_coloured();
    let paint = |text: String, mark: Option<bool>| match mark.filter(|_| is_coloured) {
        Some(true) => format!("\x1b[32m{text}\x1b[0m"),
        Some(false) => format!("\x1b[31m{text}\x1b[0m"),
        None => text,
    };
    let of_trace = scores.of_trace(id);
    let mut all: Vec<_> = of_trace
        .map(|kept| paint(visible(&kept.short()), kept.mark()))
        .collect();
    let of_spans: Vec<_> = scores
        .of_run(id)
        .filter(|kept| kept.span().is_some())
        .collect();
    if !of_spans.is_empty() {
        // One that is bad is what one looks for.
        let is_bad = of_spans.iter().any(|kept| kept.mark() == Some(false));
        let text = format!("{} on spans", of_spans.len());
        all.push(paint(text, is_bad.then_some(false)));
    }
    all.join(", ")
}
