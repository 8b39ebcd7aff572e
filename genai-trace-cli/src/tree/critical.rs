//! What a run waited for.

use std::collections::HashSet;

use super::Tree;

/// The places of the spans that made the run as long as it was: from the end of a root backwards, at each moment the
/// child that ended last.
pub(crate) fn critical_path(tree: &Tree) -> HashSet<usize> {
    let mut path = HashSet::new();
    let longest = tree.roots().iter().copied().max_by_key(|root| {
        tree.span(*root).map_or(0, |span| {
            span.end_unix_nano.saturating_sub(span.start_unix_nano)
        })
    });
    let mut open: Vec<(usize, u64)> = longest.into_iter().map(|root| (root, u64::MAX)).collect();
    while let Some((place, limit)) = open.pop() {
        let Some(span) = tree.span(place) else {
            continue;
        };
        path.insert(place);
        let mut cursor = limit.min(span.end_unix_nano);
        let mut children: Vec<_> = tree
            .children(place)
            .iter()
            .filter_map(|child| Some((*child, tree.span(*child)?)))
            .collect();
        children.sort_by_key(|(_, child)| std::cmp::Reverse(child.end_unix_nano));
        for (child, record) in children {
            if record.start_unix_nano < cursor && record.end_unix_nano <= cursor {
                open.push((child, cursor));
                cursor = record.start_unix_nano;
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::super::tests::span;
    use super::*;

    fn names(tree: &Tree) -> Vec<String> {
        let mut places: Vec<_> = critical_path(tree).into_iter().collect();
        places.sort_unstable();
        places
            .into_iter()
            .map(|place| tree.spans[place].name.clone())
            .collect()
    }

    #[test]
    fn of_calls_beside_each_other_the_one_counts_that_ended_last() {
        let tree = Tree::new(vec![
            span(1, 0, 0, 100),
            span(2, 1, 10, 40),
            span(3, 1, 10, 60),
            span(4, 1, 60, 90),
            span(5, 1, 70, 80),
            span(6, 3, 20, 30),
        ]);
        assert_eq!(names(&tree), ["s1", "s3", "s6", "s4"]);
    }

    #[test]
    fn what_outlives_its_parent_held_nothing_up() {
        let tree = Tree::new(vec![
            span(1, 0, 0, 100),
            span(2, 1, 10, 200),
            span(3, 1, 20, 30),
        ]);
        assert_eq!(names(&tree), ["s1", "s3"]);
    }
}
