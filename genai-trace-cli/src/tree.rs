//! The spans of one trace, as a tree.

mod critical;

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use genai_trace::{SpanId, SpanRecord};

pub(crate) use self::critical::critical_path;

/// The spans of one trace, as a tree: each child stands below its parent, in the order in which they began.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) spans: Vec<SpanRecord>,
    /// The places of spans without a parent, or whose parent is not there.
    roots: Vec<usize>,
    children: Vec<Vec<usize>>,
}

/// A span in the order in which a tree is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) place: usize,
    pub(crate) depth: usize,
    /// No sibling comes behind it.
    pub(crate) is_last: bool,
}

impl Tree {
    /// The tree of these spans, which come in the order of the files. Of a span that is there twice the first record
    /// stays that says that it has ended, as in sums; else the first.
    pub(crate) fn new(spans: Vec<SpanRecord>) -> Self {
        let mut kept = first_of_each(spans);
        kept.sort_by_key(|span| (span.start_unix_nano, Reverse(span.end_unix_nano)));
        let places = kept.iter().enumerate();
        let places: HashMap<SpanId, usize> =
            places.map(|(place, span)| (span.span_id, place)).collect();
        let mut tree = Self {
            roots: Vec::new(),
            children: vec![Vec::new(); kept.len()],
            spans: kept,
        };
        let parents: Vec<Option<usize>> = tree
            .spans
            .iter()
            .map(|span| places.get(&span.parent_span_id?).copied())
            .collect();
        let in_circles = in_circles(&parents);
        for (place, parent) in parents.iter().enumerate() {
            let above = parent.filter(|_| !in_circles.contains(&place));
            match above.and_then(|above| tree.children.get_mut(above)) {
                Some(children) => children.push(place),
                None => tree.roots.push(place),
            }
        }
        tree
    }

    pub(crate) fn span(&self, place: usize) -> Option<&SpanRecord> {
        self.spans.get(place)
    }

    pub(crate) fn roots(&self) -> &[usize] {
        &self.roots
    }

    /// The places of the spans below that at `place`.
    pub(crate) fn children(&self, place: usize) -> &[usize] {
        self.children
            .get(place)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// All spans in the order in which a tree is drawn.
    pub(crate) fn nodes(&self) -> Vec<Node> {
        let mut nodes = Vec::with_capacity(self.spans.len());
        // A stack rather than recursion: a trace may be deeper than the thread's stack.
        let mut open = Vec::new();
        push(&mut open, &self.roots, 0);
        while let Some(node) = open.pop() {
            nodes.push(node);
            push(&mut open, self.children(node.place), node.depth + 1);
        }
        nodes
    }
}

/// One record of each span.
fn first_of_each(spans: Vec<SpanRecord>) -> Vec<SpanRecord> {
    let mut places: HashMap<SpanId, usize> = HashMap::new();
    let mut kept: Vec<SpanRecord> = Vec::with_capacity(spans.len());
    for span in spans {
        let place = *places.entry(span.span_id).or_insert(kept.len());
        match kept.get_mut(place) {
            None => kept.push(span),
            Some(known) if known.end_unix_nano == 0 && span.end_unix_nano != 0 => *known = span,
            Some(_) => {}
        }
    }
    kept
}

fn push(open: &mut Vec<Node>, places: &[usize], depth: usize) {
    for (index, place) in places.iter().enumerate().rev() {
        open.push(Node {
            place: *place,
            depth,
            is_last: index + 1 == places.len(),
        });
    }
}

/// The places of spans that are, over their parents, above themselves: nothing that is right, but a file may say it.
/// Each place is gone through once.
fn in_circles(parents: &[Option<usize>]) -> HashSet<usize> {
    let mut found = HashSet::new();
    let mut is_known = vec![false; parents.len()];
    for start in 0..parents.len() {
        let (mut way, mut at) = (Vec::new(), Some(start));
        let mut steps: HashMap<usize, usize> = HashMap::new();
        while let Some(place) = at {
            if is_known.get(place).copied().unwrap_or(true) {
                break;
            }
            if let Some(step) = steps.get(&place) {
                found.extend(way.iter().skip(*step));
                break;
            }
            steps.insert(place, way.len());
            way.push(place);
            at = parents.get(place).copied().flatten();
        }
        for place in way {
            if let Some(is_known) = is_known.get_mut(place) {
                *is_known = true;
            }
        }
    }
    found
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A span of these times below that of the number `parent`, or of none.
    pub(crate) fn span(id: u64, parent: u64, start: u64, end: u64) -> SpanRecord {
        let parent = match parent {
            0 => "null".to_owned(),
            parent => format!("\"{parent:016x}\""),
        };
        let line = format!(
            r#"{{"trace_id":"{:032x}","span_id":"{id:016x}","parent_span_id":{parent},"name":"s{id}","kind":"INTERNAL","start_unix_nano":{start},"end_unix_nano":{end},"status":"UNSET","status_message":"","attributes":{{}},"events":[],"links":[],"resource":{{}}}}"#,
            1
        );
        serde_json::from_str(&line).unwrap()
    }

    fn drawn(tree: &Tree) -> Vec<(String, usize)> {
        let nodes = tree.nodes().into_iter();
        nodes
            .map(|node| (tree.spans[node.place].name.clone(), node.depth))
            .collect()
    }

    #[test]
    fn children_stand_below_their_parents_in_the_order_in_which_they_began() {
        let tree = Tree::new(vec![
            span(3, 1, 5, 9),
            span(2, 1, 1, 4),
            span(4, 2, 2, 3),
            span(1, 0, 0, 10),
            span(5, 99, 6, 7),
            span(2, 0, 8, 9),
        ]);
        let expected = [("s1", 0), ("s2", 1), ("s4", 2), ("s3", 1), ("s5", 0)];
        assert_eq!(
            drawn(&tree),
            expected.map(|(name, depth)| (name.to_owned(), depth))
        );
    }

    #[test]
    fn of_a_span_that_is_there_twice_the_first_word_of_its_end_is_drawn() {
        let begun = span(1, 0, 5, 0);
        let ended = span(1, 0, 5, 9);
        let otherwise = SpanRecord {
            name: "otherwise".to_owned(),
            ..span(1, 0, 4, 10)
        };
        for (all, drawn) in [
            ([&begun, &ended, &otherwise], &ended),
            ([&otherwise, &ended, &begun], &otherwise),
            ([&ended, &begun, &otherwise], &ended),
            ([&begun, &begun, &begun], &begun),
        ] {
            let tree = Tree::new(all.map(SpanRecord::clone).into());
            assert_eq!(tree.spans, std::slice::from_ref(drawn));
        }
    }

    #[test]
    fn a_file_that_says_spans_are_their_own_parents_is_drawn_all_the_same() {
        let tree = Tree::new(vec![
            span(1, 2, 0, 9),
            span(2, 1, 1, 8),
            span(3, 3, 2, 3),
            span(4, 1, 3, 4),
        ]);
        let mut names: Vec<_> = drawn(&tree).into_iter().map(|(name, _)| name).collect();
        names.sort();
        assert_eq!(names, ["s1", "s2", "s3", "s4"]);
    }
}
