//! Two runs side by side: their spans aligned by what they stand for, and what is other in one than in the other.

use std::io;

use genai_trace::{SpanRecord, Value};
use serde::Serialize;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::run::{Run, run};
use super::store::Store;
use super::trace::{Span, spans, tree};
use crate::tree::Tree;

/// Durations that differ by less, in milliseconds, are taken as the same; and those that differ by less than a fifth.
const SAME_MS: f64 = 1.0;
const SAME_PART: f64 = 0.2;

/// Two runs side by side.
#[derive(Debug, Serialize)]
pub(super) struct Comparison {
    a: Run,
    b: Run,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    a: Option<Span>,
    b: Option<Span>,
    changes: Vec<&'static str>,
}

/// What is compared of a span by its attributes.
const COMPARED: [(&str, &[&str]); 6] = [
    (
        "arguments",
        &[
            "gen_ai.tool.call.arguments",
            "tool.arguments",
            "tool.input",
            "tool.parameters",
        ],
    ),
    (
        "result",
        &["gen_ai.tool.call.result", "tool.result", "tool.output"],
    ),
    (
        "prompt",
        &[
            "gen_ai.system_instructions",
            "gen_ai.input.messages",
            "gen_ai.prompt",
            "llm.prompt",
            "input.value",
        ],
    ),
    (
        "output",
        &[
            "gen_ai.output.messages",
            "gen_ai.completion",
            "llm.completion",
            "output.value",
        ],
    ),
    (
        "model",
        &[
            "gen_ai.request.model",
            "gen_ai.response.model",
            "llm.model_name",
            "llm.model",
        ],
    ),
    ("error", &["error.type"]),
];

/// The traces `a` and `b` side by side; none where there is not the one, or the other.
pub(super) fn compare(store: &Store, a: u128, b: u128) -> io::Result<Option<Comparison>> {
    let (Some(run_a), Some(run_b)) = (run(store, a), run(store, b)) else {
        return Ok(None);
    };
    let (one, other) = (Side::of(store, a)?, Side::of(store, b)?);
    Ok(Some(Comparison {
        a: run_a,
        b: run_b,
        rows: rows(&one, &other),
    }))
}

struct Side {
    tree: Tree,
    spans: Vec<Span>,
    /// Where the record of each of `spans` is in the tree.
    places: Vec<usize>,
}

impl Side {
    fn of(store: &Store, id: u128) -> io::Result<Self> {
        let (tree, open) = tree(store, id)?;
        Ok(Self {
            spans: spans(&tree, &open),
            places: tree.nodes().into_iter().map(|node| node.place).collect(),
            tree,
        })
    }

    /// What each span stands for.
    fn keys(&self) -> Vec<(usize, &str, &str)> {
        let keys = self.spans.iter().map(|span| {
            let what = span.operation.as_deref().unwrap_or_default();
            let who = span.subject.as_deref().unwrap_or(&span.name);
            (span.depth(), what, who)
        });
        keys.collect()
    }

    fn get(&self, place: usize) -> Option<(&Span, &SpanRecord)> {
        let record = self.tree.span(*self.places.get(place)?)?;
        Some((self.spans.get(place)?, record))
    }
}

fn rows(a: &Side, b: &Side) -> Vec<Row> {
    let mut rows = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &a.keys(), &b.keys()) {
        let (old, new) = (op.old_range(), op.new_range());
        match op {
            DiffOp::Equal { .. } => rows.extend(old.zip(new).filter_map(|(old, new)| {
                let ((a, before), (b, after)) = (a.get(old)?, b.get(new)?);
                Some(Row {
                    changes: changes((a, before), (b, after)),
                    a: Some(a.clone()),
                    b: Some(b.clone()),
                })
            })),
            _ => {
                rows.extend(old.filter_map(|place| Some(alone(Some(a.get(place)?.0), None))));
                rows.extend(new.filter_map(|place| Some(alone(None, Some(b.get(place)?.0)))));
            }
        }
    }
    rows
}

fn alone(a: Option<&Span>, b: Option<&Span>) -> Row {
    Row {
        a: a.cloned(),
        b: b.cloned(),
        changes: Vec::new(),
    }
}

fn changes(
    (a, before): (&Span, &SpanRecord),
    (b, after): (&Span, &SpanRecord),
) -> Vec<&'static str> {
    let compared = COMPARED.into_iter().filter(|(_, keys)| {
        let said = |record: &SpanRecord| -> Vec<Option<Value>> {
            keys.iter()
                .map(|key| record.attributes.get(key).cloned())
                .collect()
        };
        said(before) != said(after)
    });
    let mut changes: Vec<&'static str> = compared.map(|(change, _)| change).collect();
    for (change, has_changed) in [
        ("outcome", a.outcome != b.outcome),
        ("message", a.message != b.message),
        ("tokens", a.tokens != b.tokens),
        ("cost", a.cost != b.cost),
        ("duration", is_other(a.duration, b.duration)),
    ] {
        if has_changed {
            changes.push(change);
        }
    }
    changes
}

fn is_other(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => {
            let difference = (a - b).abs();
            difference > SAME_MS && difference > SAME_PART * a.max(b)
        }
        (a, b) => a.is_some() != b.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_other_where_they_differ_by_more_than_a_fifth() {
        for (a, b, is) in [
            (Some(100.0), Some(110.0), false),
            (Some(100.0), Some(130.0), true),
            (Some(0.1), Some(0.9), false),
            (Some(1.0), None, true),
            (None, None, false),
        ] {
            assert_eq!(is_other(a, b), is, "{a:?} {b:?}");
        }
    }
}
