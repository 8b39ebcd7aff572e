//! Which span of one run stands for which of the other: the cheapest way to make one tree of the other, in the order of
//! the calls (Selkow's distance of trees), and then calls that are the same at another place.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::call::{ALONE, BELOW_OTHERWISE, Call};
use super::change::Change;
use crate::tree::Tree;

/// So many pairs of spans are looked at, with all that stands below them. Beyond, of what stands below a span it
/// is only known whether it is the same.
const MOST_PAIRS: usize = 4_000_000;

/// A span of one run, or of the other, or both, and what changed.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Row {
    pub(crate) a: Option<usize>,
    pub(crate) b: Option<usize>,
    pub(crate) depth: usize,
    /// The call is the same, but stands at another place.
    pub(crate) is_moved: bool,
    pub(crate) changes: Vec<Change>,
}

impl Row {
    /// Whether anything differs but how long it took.
    pub(crate) fn differs(&self) -> bool {
        let is_pair = self.a.is_some() && self.b.is_some();
        !is_pair || self.is_moved || self.changes.iter().any(|change| !change.what.is_time())
    }
}

/// What becomes of the spans of two lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Pair(usize, usize),
    Removed(usize),
    Added(usize),
}

/// The spans of both runs, in the order in which one tree of both is drawn.
pub(crate) fn rows(a: &Tree, b: &Tree) -> Vec<Row> {
    let runs = Runs::new(a, b);
    let mut rows = Vec::new();
    // A stack rather than recursion: a trace may be deeper than the thread's stack.
    let mut open: Vec<(Step, usize)> = Vec::new();
    push(&mut open, runs.align(a.roots(), b.roots()), 0);
    while let Some((step, depth)) = open.pop() {
        let (one, other) = match step {
            Step::Pair(one, other) => (Some(one), Some(other)),
            Step::Removed(one) => (Some(one), None),
            Step::Added(other) => (None, Some(other)),
        };
        rows.push(Row {
            a: one,
            b: other,
            depth,
            ..Row::default()
        });
        let below = runs.align(
            one.map_or(&[], |place| a.children(place)),
            other.map_or(&[], |place| b.children(place)),
        );
        push(&mut open, below, depth + 1);
    }
    runs.join_moved(rows)
}

fn push(open: &mut Vec<(Step, usize)>, steps: Vec<Step>, depth: usize) {
    open.extend(steps.into_iter().rev().map(|step| (step, depth)));
}

/// Two runs, and what it costs to make a span of one that of the other.
struct Runs<'a> {
    a: Vec<Call>,
    b: Vec<Call>,
    /// For each pair at the same depth the cost with all that stands below; empty where the runs are too large.
    costs: Vec<Option<u32>>,
    sizes: [Vec<u32>; 2],
    /// A number for each span with all that stands below it.
    shapes: [Vec<u64>; 2],
    trees: [&'a Tree; 2],
}

impl<'a> Runs<'a> {
    fn new(a: &'a Tree, b: &'a Tree) -> Self {
        let calls = |tree: &Tree| tree.spans.iter().map(Call::of).collect();
        let mut runs = Self {
            a: calls(a),
            b: calls(b),
            costs: Vec::new(),
            sizes: [a, b].map(|tree| vec![1; tree.spans.len()]),
            shapes: [Vec::new(), Vec::new()],
            trees: [a, b],
        };
        let depths = [a, b].map(by_depth);
        if a.spans.len().saturating_mul(b.spans.len()) > MOST_PAIRS {
            let [of_a, of_b] = &depths;
            runs.shapes = [shapes(a, of_a, &runs.a), shapes(b, of_b, &runs.b)];
            return runs;
        }
        for (sizes, (tree, depths)) in runs.sizes.iter_mut().zip([a, b].into_iter().zip(&depths)) {
            measure(tree, depths, sizes);
        }
        runs.costs = vec![None; a.spans.len() * b.spans.len()];
        let [of_a, of_b] = &depths;
        for (ones, others) in of_a.iter().zip(of_b).rev() {
            for one in ones {
                for other in others {
                    let cost = runs.cost_below(*one, *other);
                    let place = one * b.spans.len() + other;
                    if let Some(known) = runs.costs.get_mut(place) {
                        *known = cost;
                    }
                }
            }
        }
        runs
    }

    /// What it costs to make one of the other with all below them, where that is known of their children.
    fn cost_below(&self, one: usize, other: usize) -> Option<u32> {
        let alone = self.a.get(one)?.cost(self.b.get(other)?)?;
        let [a, b] = self.trees;
        let (cost, _) = self.table(a.children(one), b.children(other))?;
        Some(alone + cost)
    }

    fn pair(&self, one: usize, other: usize) -> Option<u32> {
        if !self.costs.is_empty() {
            return *self.costs.get(one * self.b.len() + other)?;
        }
        let alone = self.a.get(one)?.cost(self.b.get(other)?)?;
        // What is the same below goes together.
        let [of_a, of_b] = &self.shapes;
        let differs = of_a.get(one) != of_b.get(other);
        Some(alone + if differs { BELOW_OTHERWISE } else { 0 })
    }

    fn alone(&self, run: usize, place: usize) -> u32 {
        let size = self.sizes.get(run).and_then(|sizes| sizes.get(place));
        size.map_or(ALONE, |size| size.saturating_mul(ALONE))
    }

    /// The costs of the ends of two lists, and which way is taken from each; none where they are too long.
    fn table(&self, ones: &[usize], others: &[usize]) -> Option<(u32, Vec<Way>)> {
        let width = others.len() + 1;
        let cells = (ones.len() + 1).checked_mul(width)?;
        if cells > MOST_PAIRS {
            return None;
        }
        let mut ways = vec![Way::Added; cells];
        let mut costs = vec![0_u32; width];
        // The rest of an empty list costs what is left of the other.
        for (column, other) in others.iter().enumerate().rev() {
            let rest = costs.get(column + 1).copied().unwrap_or(0);
            *costs.get_mut(column)? = rest + self.alone(1, *other);
        }
        for (row, one) in ones.iter().enumerate().rev() {
            let mut corner = costs.last().copied().unwrap_or(0);
            let removed = self.alone(0, *one);
            if let Some(last) = costs.last_mut() {
                *last += removed;
            }
            *ways.get_mut(row * width + others.len())? = Way::Removed;
            for (column, other) in others.iter().enumerate().rev() {
                let below = *costs.get(column)?;
                let mut best = (below + removed, Way::Removed);
                let right = costs.get(column + 1)? + self.alone(1, *other);
                if right < best.0 {
                    best = (right, Way::Added);
                }
                if let Some(pair) = self.pair(*one, *other).map(|cost| cost + corner)
                    && pair <= best.0
                {
                    best = (pair, Way::Pair);
                }
                corner = below;
                *costs.get_mut(column)? = best.0;
                *ways.get_mut(row * width + column)? = best.1;
            }
        }
        Some((costs.first().copied().unwrap_or(0), ways))
    }

    /// What becomes of the spans of two lists of children.
    fn align(&self, ones: &[usize], others: &[usize]) -> Vec<Step> {
        let Some((_, ways)) = self.table(ones, others) else {
            return self.align_long(ones, others);
        };
        let mut steps = Vec::with_capacity(ones.len().max(others.len()));
        let (mut row, mut column) = (0, 0);
        loop {
            let way = ways.get(row * (others.len() + 1) + column);
            let step = match (ones.get(row), others.get(column), way) {
                (Some(one), Some(other), Some(Way::Pair)) => Step::Pair(*one, *other),
                (Some(one), _, Some(Way::Removed)) | (Some(one), None, _) => Step::Removed(*one),
                (_, Some(other), _) => Step::Added(*other),
                (None, None, _) => return steps,
            };
            row += usize::from(!matches!(step, Step::Added(_)));
            column += usize::from(!matches!(step, Step::Removed(_)));
            steps.push(step);
        }
    }

    /// The same for very long lists, by Myers' way over what the calls are known by.
    fn align_long(&self, ones: &[usize], others: &[usize]) -> Vec<Step> {
        let known = |calls: &'_ [Call], places: &[usize]| -> Vec<u64> {
            let keys = places.iter().filter_map(|place| calls.get(*place));
            keys.map(Call::fingerprint).collect()
        };
        let (keys, other_keys) = (known(&self.a, ones), known(&self.b, others));
        let mut steps = Vec::new();
        for op in capture_diff_slices(Algorithm::Myers, &keys, &other_keys) {
            let removed = ones.get(op.old_range()).unwrap_or_default();
            let added = others.get(op.new_range()).unwrap_or_default();
            match op {
                DiffOp::Equal { .. } => {
                    let pairs = removed.iter().zip(added);
                    steps.extend(pairs.map(|(one, other)| Step::Pair(*one, *other)));
                }
                // Short by now: calls with other arguments may still be the same.
                DiffOp::Replace { .. } if removed.len() * added.len() < MOST_PAIRS => {
                    steps.extend(self.align(removed, added));
                }
                _ => {
                    steps.extend(removed.iter().map(|one| Step::Removed(*one)));
                    steps.extend(added.iter().map(|other| Step::Added(*other)));
                }
            }
        }
        steps
    }

    /// A call that is taken out here and put in there has moved: one row, where it stands now.
    fn join_moved(&self, mut rows: Vec<Row>) -> Vec<Row> {
        let mut removed: HashMap<&Call, VecDeque<(usize, usize)>> = HashMap::new();
        for (place, row) in rows.iter().enumerate() {
            if let (Some(one), None) = (row.a, row.b)
                && let Some(call) = self.a.get(one).filter(|call| call.is_known_anywhere())
            {
                removed.entry(call).or_default().push_back((place, one));
            }
        }
        let mut gone = vec![false; rows.len()];
        for row in &mut rows {
            if let (None, Some(other)) = (row.a, row.b)
                && let Some(call) = self.b.get(other)
                && let Some((place, one)) = removed.get_mut(call).and_then(VecDeque::pop_front)
            {
                row.a = Some(one);
                row.is_moved = true;
                if let Some(gone) = gone.get_mut(place) {
                    *gone = true;
                }
            }
        }
        let mut gone = gone.into_iter();
        rows.retain(|_| !gone.next().unwrap_or(false));
        rows
    }
}

/// The way from a cell of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Pair,
    Removed,
    Added,
}

/// The places of the spans at each depth.
fn by_depth(tree: &Tree) -> Vec<Vec<usize>> {
    let mut depths: Vec<Vec<usize>> = Vec::new();
    for node in tree.nodes() {
        if depths.len() <= node.depth {
            depths.resize_with(node.depth + 1, Vec::new);
        }
        if let Some(places) = depths.get_mut(node.depth) {
            places.push(node.place);
        }
    }
    depths
}

/// How many spans each is, with those below it.
fn measure(tree: &Tree, depths: &[Vec<usize>], sizes: &mut [u32]) {
    for place in depths.iter().rev().flatten() {
        let below = tree.children(*place).iter();
        let below: u32 = below.filter_map(|child| sizes.get(*child)).sum();
        if let Some(size) = sizes.get_mut(*place) {
            *size = below.saturating_add(1);
        }
    }
}

/// A number for each span with all that stands below it, in the order of the calls.
fn shapes(tree: &Tree, depths: &[Vec<usize>], calls: &[Call]) -> Vec<u64> {
    let mut shapes = vec![0; tree.spans.len()];
    for place in depths.iter().rev().flatten() {
        let mut hasher = DefaultHasher::new();
        calls.get(*place).hash(&mut hasher);
        for child in tree.children(*place) {
            shapes.get(*child).hash(&mut hasher);
        }
        if let Some(shape) = shapes.get_mut(*place) {
            *shape = hasher.finish();
        }
    }
    shapes
}

#[cfg(test)]
mod tests;
