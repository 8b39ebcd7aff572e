//! The spans of a test as trees, and how these are drawn.

use std::collections::HashMap;

use super::predicate::Shown;
use crate::export::tree::push_visible;
use crate::record::SpanRecord;
use crate::span::capture::CapturedSpan;
use crate::span::names;
use crate::span::outcome::Outcome;

/// The spans of a test as trees, in the order in which they began.
#[derive(Clone, Debug)]
pub(super) struct Forest {
    nodes: Vec<Node>,
    roots: Vec<usize>,
}

/// A span of a test.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) record: SpanRecord,
    /// It ran while another child of its parent did.
    pub(super) overlaps_sibling: bool,
    began: usize,
    ended: Option<(usize, Outcome)>,
    children: Vec<usize>,
}

impl Node {
    /// How it has ended; none while it is open.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.ended.map(|(_, outcome)| outcome)
    }

    pub(super) fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    fn describe(&self, keys: &[&str]) -> String {
        let attributes = &self.record.attributes;
        let mut text = self.record.name.clone();
        match self.outcome() {
            Some(Outcome::Ok) => {}
            Some(Outcome::Error) => {
                let kind = attributes.str(names::ERROR_TYPE).unwrap_or("_OTHER");
                text = text + " [error " + kind + "]";
            }
            Some(other) => text = text + " [" + other.as_str() + "]",
            None => text += " [open]",
        }
        for key in keys {
            if let Some(value) = attributes.get(key) {
                text += &format!(" {key}={}", Shown(value));
            }
        }
        text
    }
}

/// Something to be said in the drawing of a forest.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) place: Place,
    pub(super) sign: Sign,
    pub(super) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Right,
    Wrong,
}

/// Where a mark stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Under a span.
    Under(usize),
    /// In the place of a span that is not there: among the children of `parent`, or the roots,
    /// before the one at `position`.
    Missing {
        parent: Option<usize>,
        position: usize,
    },
}

impl Mark {
    pub(super) fn wrong(place: Place, text: String) -> Self {
        Self {
            place,
            sign: Sign::Wrong,
            text,
        }
    }

    fn line(&self) -> String {
        let sign = match self.sign {
            Sign::Right => "✓ ",
            Sign::Wrong => "✗ ",
        };
        sign.to_owned() + &self.text
    }
}

/// A line of the drawing that others may stand below.
enum Row<'a> {
    Span(usize),
    Missing(&'a Mark),
}

impl Forest {
    pub(super) fn new(spans: Vec<CapturedSpan>) -> Self {
        let key = |record: &SpanRecord| (record.trace_id, record.span_id);
        let known: HashMap<_, _> = spans
            .iter()
            .enumerate()
            .map(|(index, span)| (key(&span.record), index))
            .collect();
        let mut children = vec![Vec::new(); spans.len()];
        let mut roots = Vec::new();
        for (index, span) in spans.iter().enumerate() {
            let parent = span
                .record
                .parent_span_id
                .and_then(|parent| known.get(&(span.record.trace_id, parent)))
                .and_then(|parent| children.get_mut(*parent));
            parent.unwrap_or(&mut roots).push(index);
        }
        let nodes = spans
            .into_iter()
            .zip(children)
            .map(|(span, children)| Node {
                record: span.record,
                overlaps_sibling: false,
                began: span.began,
                ended: span.ended,
                children,
            });
        let mut forest = Self {
            nodes: nodes.collect(),
            roots,
        };
        forest.find_overlaps();
        forest
    }

    fn find_overlaps(&mut self) {
        let lists = self.nodes.iter().map(|node| &node.children);
        let lists: Vec<Vec<usize>> = lists.chain([&self.roots]).cloned().collect();
        for siblings in lists {
            // Siblings stand in the order in which they began, so that the last to end is enough.
            let mut running: Option<(usize, usize)> = None;
            for index in siblings {
                let Some(node) = self.nodes.get(index) else {
                    continue;
                };
                let (began, ended) = (node.began, node.ended.map_or(usize::MAX, |(at, _)| at));
                if let Some((other, until)) = running
                    && began < until
                {
                    for index in [other, index] {
                        if let Some(node) = self.nodes.get_mut(index) {
                            node.overlaps_sibling = true;
                        }
                    }
                }
                if running.is_none_or(|(_, until)| until < ended) {
                    running = Some((index, ended));
                }
            }
        }
    }

    pub(super) fn spans(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter()
    }

    pub(super) fn get(&self, index: usize) -> Option<&Node> {
        self.nodes.get(index)
    }

    /// The children of a span, or the roots.
    pub(super) fn below(&self, parent: Option<usize>) -> &[usize] {
        match parent {
            None => &self.roots,
            Some(parent) => self.get(parent).map_or(&[], |node| &node.children),
        }
    }

    /// The names of all spans.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().map(|node| node.record.name.as_str())
    }

    /// Names, outcomes and the attributes under `keys`, indented.
    pub(super) fn outline(&self, keys: &[&str]) -> String {
        let mut out = String::new();
        let mut open: Vec<(usize, usize)> =
            self.roots.iter().rev().map(|root| (*root, 0)).collect();
        while let Some((index, depth)) = open.pop() {
            let Some(node) = self.get(index) else {
                continue;
            };
            out.extend(std::iter::repeat_n("  ", depth));
            push_visible(&node.describe(keys), &mut out);
            out.push('\n');
            open.extend(node.children.iter().rev().map(|child| (*child, depth + 1)));
        }
        out
    }

    /// The trees with `marks` in their places.
    pub(super) fn draw(&self, marks: &[Mark]) -> String {
        let mut out = String::new();
        let mut open: Vec<(Row<'_>, String, &str)> = self
            .rows(None, marks)
            .into_iter()
            .rev()
            .map(|row| (row, String::new(), ""))
            .collect();
        if open.is_empty() {
            return "  (no spans)\n".to_owned();
        }
        while let Some((row, indent, branch)) = open.pop() {
            let mut line = |front: &str, text: &str| {
                out.push_str("  ");
                out.push_str(front);
                push_visible(text, &mut out);
                out.push('\n');
            };
            let front = indent.clone() + branch;
            let index = match row {
                Row::Missing(mark) => {
                    line(&front, &mark.line());
                    continue;
                }
                Row::Span(index) => index,
            };
            let Some(node) = self.get(index) else {
                continue;
            };
            line(&front, &node.describe(&[]));
            let below = match branch {
                "├─ " => indent + "│  ",
                "└─ " => indent + "   ",
                _ => indent,
            };
            let rows = self.rows(Some(index), marks);
            let trunk = if rows.is_empty() { "  " } else { "│ " };
            for mark in marks
                .iter()
                .filter(|mark| mark.place == Place::Under(index))
            {
                line(&(below.clone() + trunk), &mark.line());
            }
            let last = rows.len().saturating_sub(1);
            for (index, row) in rows.into_iter().enumerate().rev() {
                let branch = if index == last { "└─ " } else { "├─ " };
                open.push((row, below.clone(), branch));
            }
        }
        out
    }

    /// What stands below a span, or at the top: its children, and what is missing among them.
    fn rows<'a>(&self, of: Option<usize>, marks: &'a [Mark]) -> Vec<Row<'a>> {
        let children = self.below(of);
        let mut rows = Vec::new();
        for at in 0..=children.len() {
            let missing = marks.iter().filter(|mark| {
                let Place::Missing { parent, position } = mark.place else {
                    return false;
                };
                parent == of && position == at
            });
            rows.extend(missing.map(Row::Missing));
            rows.extend(children.get(at).copied().map(Row::Span));
        }
        rows
    }
}
