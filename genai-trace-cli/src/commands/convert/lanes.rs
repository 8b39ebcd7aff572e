//! On which lines a trace is drawn where only what lies within another may stand on the same line.

use crate::tree::Tree;

/// The lane of each span, by its place: that of its parent where it lies within that and behind its sisters there, else
/// the first that is free.
pub(super) fn lanes(tree: &Tree) -> Vec<usize> {
    let mut lanes = vec![0; tree.spans.len()];
    // What is open on each lane, the innermost last, by its end.
    let mut open: Vec<Vec<u64>> = Vec::new();
    // In the order of time: what has begun later lies on what has begun before.
    let mut order: Vec<usize> = tree.nodes().iter().map(|node| node.place).collect();
    order.sort_by_key(|place| tree.span(*place).map(|span| span.start_unix_nano));
    let parents = parents(tree);
    for place in order {
        let Some(span) = tree.span(place) else {
            continue;
        };
        let mut fits = |lane: usize| {
            let Some(ends) = open.get_mut(lane) else {
                return false;
            };
            while ends.last().is_some_and(|end| *end <= span.start_unix_nano) {
                ends.pop();
            }
            ends.last().is_none_or(|end| *end >= span.end_unix_nano)
        };
        let above = parents.get(place).copied().flatten();
        let wished = above.and_then(|above| lanes.get(above).copied());
        let found = wished.filter(|lane| fits(*lane));
        let lane = match found {
            Some(lane) => lane,
            // Beside another: on a line of which nobody else has anything open.
            None => {
                let free = open.iter_mut().position(|ends| {
                    ends.retain(|end| *end > span.start_unix_nano);
                    ends.is_empty()
                });
                free.unwrap_or_else(|| {
                    open.push(Vec::new());
                    open.len() - 1
                })
            }
        };
        if let (Some(ends), Some(of_span)) = (open.get_mut(lane), lanes.get_mut(place)) {
            ends.push(span.end_unix_nano);
            *of_span = lane;
        }
    }
    lanes
}

/// The place of each span's parent.
fn parents(tree: &Tree) -> Vec<Option<usize>> {
    let mut parents = vec![None; tree.spans.len()];
    for place in 0..tree.spans.len() {
        for child in tree.children(place) {
            if let Some(parent) = parents.get_mut(*child) {
                *parent = Some(place);
            }
        }
    }
    parents
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::tests::span;

    #[test]
    fn what_follows_stands_on_one_line_and_what_is_beside_on_another() {
        let tree = Tree::new(vec![
            span(1, 0, 0, 100),
            span(2, 1, 10, 40),
            span(3, 1, 40, 60),
            span(4, 1, 50, 90),
            span(5, 4, 55, 58),
            span(6, 1, 95, 100),
        ]);
        let mut found: Vec<_> = lanes(&tree)
            .into_iter()
            .enumerate()
            .map(|(place, lane)| (tree.spans[place].name.clone(), lane))
            .collect();
        found.sort();
        let expected = [
            ("s1", 0),
            ("s2", 0),
            ("s3", 0),
            ("s4", 1),
            ("s5", 1),
            ("s6", 0),
        ];
        assert_eq!(found, expected.map(|(name, lane)| (name.to_owned(), lane)));
    }

    #[test]
    fn what_outlives_its_parent_stands_beside_it() {
        let tree = Tree::new(vec![
            span(1, 0, 0, 100),
            span(2, 1, 50, 150),
            span(3, 0, 120, 130),
        ]);
        assert_eq!(lanes(&tree), [0, 1, 0]);
    }
}
