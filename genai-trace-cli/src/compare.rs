//! Two runs beside each other: which calls are the same, and what changed in them.

mod align;
mod call;
mod change;
mod json;
mod messages;
mod sum;
mod words;

pub(crate) use self::align::Row;
pub(crate) use self::change::{Change, What};
use self::sum::Sum;

use crate::tree::Tree;

/// Two runs beside each other.
#[derive(Debug)]
pub(crate) struct Comparison {
    /// Every span of both, in the order in which one tree of both is drawn.
    pub(crate) rows: Vec<Row>,
    pub(crate) a: Sum,
    pub(crate) b: Sum,
}

impl Comparison {
    pub(crate) fn of(a: &Tree, b: &Tree) -> Self {
        let mut rows = align::rows(a, b);
        // Each call of a model repeats what was said before it: a difference is told once.
        let mut told = messages::Told::default();
        for row in &mut rows {
            let pair = (
                row.a.and_then(|place| a.span(place)),
                row.b.and_then(|place| b.span(place)),
            );
            if let (Some(one), Some(other)) = pair {
                row.changes = change::changes(one, other, &mut told);
            }
        }
        Self {
            rows,
            a: Sum::of(a),
            b: Sum::of(b),
        }
    }

    /// Whether anything differs but how long it took.
    pub(crate) fn differs(&self) -> bool {
        self.rows.iter().any(Row::differs)
    }
}
