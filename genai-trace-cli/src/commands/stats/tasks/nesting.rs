//! Which attempts spans lie in, found in one walk down every trace.

use std::collections::{HashMap, HashSet};

/// A trace, and a span in it.
pub(super) type Key = (u128, u64);

/// Which attempts spans lie in.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    /// Of each span with a task the outermost with the same: itself where none above has it. Those are the attempts.
    pub(super) outermost: HashMap<Key, Key>,
    /// Of each span in an attempt the innermost that it lies in, itself where it is one.
    pub(super) innermost: HashMap<Key, Key>,
}

enum Step<'a> {
    Enter(Key),
    /// All that is below an attempt at this task has been seen.
    Leave(&'a str),
}

impl Nesting {
    /// `parents` are those of all spans, `tasks` what those say that say one. Of a circle the span with the smallest id
    /// is taken for the outermost.
    pub(super) fn of(parents: &HashMap<Key, u64>, tasks: &HashMap<Key, &str>) -> Self {
        let mut children: HashMap<Key, Vec<Key>> = HashMap::new();
        let mut roots = Vec::new();
        for (key, parent) in parents {
            let above = (key.0, *parent);
            match above != *key && parents.contains_key(&above) {
                true => children.entry(above).or_default().push(*key),
                false => roots.push(*key),
            }
        }
        let mut nesting = Self::default();
        let mut seen = HashSet::new();
        for root in roots {
            nesting.walk(root, &children, tasks, &mut seen);
        }
        // Whatever is left lies in a circle, or below one.
        for key in parents.keys() {
            if !seen.contains(key) {
                nesting.walk(first_of_circle(*key, parents), &children, tasks, &mut seen);
            }
        }
        nesting
    }

    fn walk<'a>(
        &mut self,
        root: Key,
        children: &HashMap<Key, Vec<Key>>,
        tasks: &HashMap<Key, &'a str>,
        seen: &mut HashSet<Key>,
    ) {
        // Chains are longer than a thread's stack is deep.
        let mut left = vec![Step::Enter(root)];
        let mut by_task: HashMap<&'a str, Key> = HashMap::new();
        let mut attempts = Vec::new();
        while let Some(step) = left.pop() {
            let key = match step {
                Step::Enter(key) => key,
                Step::Leave(task) => {
                    by_task.remove(task);
                    attempts.pop();
                    continue;
                }
            };
            if !seen.insert(key) {
                continue;
            }
            if let Some(task) = tasks.get(&key) {
                let outermost = *by_task.entry(task).or_insert(key);
                self.outermost.insert(key, outermost);
                if outermost == key {
                    attempts.push(key);
                    left.push(Step::Leave(task));
                }
            }
            if let Some(innermost) = attempts.last() {
                self.innermost.insert(key, *innermost);
            }
            let below = children.get(&key).into_iter().flatten();
            left.extend(below.map(|key| Step::Enter(*key)));
        }
    }
}

/// The span with the smallest id of the circle that `key` lies in or below.
fn first_of_circle(key: Key, parents: &HashMap<Key, u64>) -> Key {
    let above = |key: Key| (key.0, parents.get(&key).copied().unwrap_or(key.1));
    let mut passed = HashSet::new();
    let mut at = key;
    while passed.insert(at) {
        at = above(at);
    }
    let (start, mut first) = (at, at);
    loop {
        at = above(at);
        if at == start {
            return first;
        }
        first = first.min(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of each span, by its id and its parent's, which task it says, and the attempts that it lies in.
    fn nested(spans: &[(u64, u64, Option<&'static str>)]) -> Nesting {
        let parents = spans.iter().map(|(id, parent, _)| ((1, *id), *parent));
        let tasks = spans
            .iter()
            .filter_map(|(id, _, task)| Some(((1, *id), (*task)?)));
        Nesting::of(&parents.collect(), &tasks.collect())
    }

    fn sorted(of: &HashMap<Key, Key>) -> Vec<(u64, u64)> {
        let mut found: Vec<_> = of.iter().map(|(key, to)| (key.1, to.1)).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn spans_belong_to_the_innermost_attempt_and_tasks_to_the_outermost() {
        let nesting = nested(&[
            (1, 0, None),
            (2, 1, Some("a")),
            (3, 2, Some("b")),
            (4, 3, Some("a")),
            (5, 4, None),
            (6, 1, Some("a")),
        ]);
        assert_eq!(sorted(&nesting.outermost), [(2, 2), (3, 3), (4, 2), (6, 6)]);
        assert_eq!(
            sorted(&nesting.innermost),
            [(2, 2), (3, 3), (4, 3), (5, 3), (6, 6)]
        );
    }

    #[test]
    fn a_circle_begins_with_its_smallest_id() {
        let nesting = nested(&[
            (7, 8, Some("a")),
            (8, 9, None),
            (9, 7, Some("a")),
            (3, 8, None),
            (5, 5, Some("a")),
        ]);
        assert_eq!(sorted(&nesting.outermost), [(5, 5), (7, 7), (9, 7)]);
        assert_eq!(
            sorted(&nesting.innermost),
            [(3, 7), (5, 5), (7, 7), (8, 7), (9, 7)]
        );
    }

    #[test]
    fn a_chain_takes_as_many_steps_as_it_has_spans() {
        const LONG: u64 = 30_000;
        let chain: Vec<_> = (1..=LONG)
            .map(|id| (id, id - 1, (id % 2 == 1).then_some("a")))
            .collect();
        let began = std::time::Instant::now();
        let nesting = nested(&chain);
        assert!(nesting.innermost.values().all(|attempt| *attempt == (1, 1)));
        // Anything but linear would take minutes.
        assert!(began.elapsed().as_secs() < 20);
    }
}
