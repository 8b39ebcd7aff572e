//! Two runs side by side, as the page shows them.

use std::collections::HashMap;
use std::io;

use serde::Serialize;

use super::run::{Run, run};
use super::store::Store;
use super::trace::{Span, spans, tree};
use crate::compare::{Comparison, What};
use crate::tree::Tree;

/// Two runs side by side.
#[derive(Debug, Serialize)]
pub(super) struct SideBySide {
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

/// The traces `a` and `b` side by side, or the one of them that is not there.
pub(super) fn side_by_side(
    store: &Store,
    a: u128,
    b: u128,
) -> io::Result<Result<SideBySide, u128>> {
    let (run_a, run_b) = match (run(store, a), run(store, b)) {
        (Some(run_a), Some(run_b)) => (run_a, run_b),
        (None, _) => return Ok(Err(a)),
        (_, None) => return Ok(Err(b)),
    };
    let ((tree_a, mut spans_a), (tree_b, mut spans_b)) = (side(store, a)?, side(store, b)?);
    let rows = Comparison::of(&tree_a, &tree_b).rows.into_iter();
    let rows = rows.map(|row| {
        let mut changes: Vec<_> = row.changes.iter().map(|change| word(change.what)).collect();
        if row.is_moved {
            changes.push("place");
        }
        changes.dedup();
        Row {
            a: row.a.and_then(|place| spans_a.remove(&place)),
            b: row.b.and_then(|place| spans_b.remove(&place)),
            changes,
        }
    });
    Ok(Ok(SideBySide {
        rows: rows.collect(),
        a: run_a,
        b: run_b,
    }))
}

/// The tree of a trace, and its spans by their places in it.
fn side(store: &Store, id: u128) -> io::Result<(Tree, HashMap<usize, Span>)> {
    let (mut tree, open) = tree(store, id)?;
    // Only what is compared: what a waterfall shows of a span stands on itself.
    store.fill(&mut tree.spans)?;
    let places = tree.nodes().into_iter().map(|node| node.place);
    let spans = places.zip(spans(&tree, &open)).collect();
    Ok((tree, spans))
}

/// What changed, as the page calls it.
const fn word(what: What) -> &'static str {
    match what {
        What::Output => "result",
        What::Instructions | What::Message => "prompt",
        What::Time => "duration",
        other => other.as_str(),
    }
}
