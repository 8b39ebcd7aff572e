//! How well spans fit what is expected of them: not at all, perfectly, or with so many differences.
//!
//! A list of expected children is laid beside the children that there are so that the differences
//! are least, as a comparison of two texts does it with lines. No difference means that they match.

use super::alignment::{Step, Table};
use super::children::{Children, Part};
use super::forest::{Forest, Mark, Place};
use super::group;
use super::names::nearest;
use super::pattern::Pattern;

/// A span that is expected and not there, or there and not expected.
pub(super) const ABSENT: u32 = 4;
/// A span under another name than the expected one: less than one absent and one too many.
const MISNAMED: u32 = 6;
/// Most that differences inside a span count for: less than another name.
const MOST_INSIDE: u32 = 5;
/// How many children more than its patterns a group may take where more is expected after it.
const SLACK: usize = 3;

/// How well spans fit: what the differences cost, and what is to be said of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Fit {
    pub(super) cost: u32,
    pub(super) marks: Vec<Mark>,
}

/// How well the span `index`, which bears the name that `pattern` wants, fits.
pub(super) fn inside(forest: &Forest, pattern: &Pattern, index: usize) -> Fit {
    let Some(node) = forest.get(index) else {
        return Fit::default();
    };
    let mut fit = Fit::default();
    for predicate in &pattern.predicates {
        if let Some(complaint) = predicate.complaint(node) {
            fit.cost += 1;
            fit.marks.push(Mark::wrong(Place::Under(index), complaint));
        }
    }
    for expected in &pattern.children {
        let below = children(forest, expected, Some(index));
        fit.cost += below.cost;
        fit.marks.extend(below.marks);
    }
    fit.cost = fit.cost.min(MOST_INSIDE);
    fit
}

/// How well the span `index` fits in the place of `pattern`.
fn pair(forest: &Forest, pattern: &Pattern, index: usize) -> Fit {
    let named = forest.get(index).map(|node| node.record.name.as_str());
    if named.is_some_and(|name| pattern.names(name)) {
        return inside(forest, pattern, index);
    }
    let text = format!("expected {pattern}");
    Fit {
        cost: MISNAMED,
        marks: vec![Mark::wrong(Place::Under(index), text)],
    }
}

/// How well the children of `parent`, or the roots, fit.
pub(super) fn children(forest: &Forest, expected: &Children, parent: Option<usize>) -> Fit {
    let parts = expected.parts();
    let there = forest.below(parent);
    let rows: Vec<_> = parts
        .iter()
        .map(|part| fits(forest, part.patterns(), there))
        .collect();
    let table = lay(parts, &rows, there.len());
    let mut marks = Vec::new();
    for ((row, column), step) in table.path() {
        let patterns = parts.get(row).map_or(&[][..], Part::patterns);
        let fits = rows.get(row).map_or(&[][..], Vec::as_slice);
        let (count, taken) = match step {
            Step::Pass => continue,
            Step::Pair => (1, vec![Some(column)]),
            Step::Surplus => (1, Vec::new()),
            Step::Lack => (0, vec![None]),
            Step::Group(count) => (count, group::pairs(fits, column, count)),
        };
        for place in column..column + count {
            let owner = taken.iter().position(|taken| *taken == Some(place));
            let fit = owner.and_then(|owner| fits.get(owner)?.get(place));
            match (fit, there.get(place)) {
                (Some(fit), _) => marks.extend_from_slice(&fit.marks),
                (None, Some(child)) => marks.push(surplus(*child)),
                (None, None) => {}
            }
        }
        for (pattern, taken) in patterns.iter().zip(&taken) {
            if taken.is_none() {
                marks.push(lack(forest, pattern, parent, column + count));
            }
        }
    }
    Fit {
        marks,
        cost: table.cost(),
    }
}

/// Lays `parts` beside so many children; `rows` says for each part how well they fit its patterns.
fn lay(parts: &[Part], rows: &[Vec<Vec<Fit>>], children: usize) -> Table {
    let mut table = Table::new(parts.len(), children);
    for (row, (part, fits)) in parts.iter().zip(rows).enumerate() {
        let is_last = row + 1 == parts.len();
        for column in 0..=children {
            let (at, left) = ((row, column), children - column);
            match part {
                Part::Anything => {
                    table.offer(at, (row + 1, column), 0, Step::Pass);
                    if left > 0 {
                        table.offer(at, (row, column + 1), 0, Step::Pass);
                    }
                }
                Part::One(_) => {
                    let fit = fits.first().and_then(|fits| fits.get(column));
                    if let Some(fit) = fit {
                        table.offer(at, (row + 1, column + 1), fit.cost, Step::Pair);
                        table.offer(at, (row, column + 1), ABSENT, Step::Surplus);
                    }
                    table.offer(at, (row + 1, column), ABSENT, Step::Lack);
                }
                Part::AnyOrder(patterns) if table.is_reached(at) => {
                    let wanted = patterns.len();
                    let (least, most) = if is_last {
                        (left, left)
                    } else {
                        (0, left.min(wanted + SLACK))
                    };
                    for count in least..=most {
                        let cost = group::cost(fits, column, count);
                        table.offer(at, (row + 1, column + count), cost, Step::Group(count));
                    }
                    if left > 0 && !is_last {
                        table.offer(at, (row, column + 1), ABSENT, Step::Surplus);
                    }
                }
                Part::AnyOrder(_) => {}
            }
        }
    }
    for column in 0..children {
        let (at, next) = ((parts.len(), column), (parts.len(), column + 1));
        table.offer(at, next, ABSENT, Step::Surplus);
    }
    table
}

/// How well each child fits each pattern.
fn fits(forest: &Forest, patterns: &[Pattern], there: &[usize]) -> Vec<Vec<Fit>> {
    let row = |pattern: &Pattern| {
        let fits = there.iter().map(|child| pair(forest, pattern, *child));
        fits.collect()
    };
    patterns.iter().map(row).collect()
}

fn surplus(child: usize) -> Mark {
    Mark::wrong(Place::Under(child), "not expected here".to_owned())
}

fn lack(forest: &Forest, pattern: &Pattern, parent: Option<usize>, position: usize) -> Mark {
    let text = format!("expected {pattern}{}", hint(forest, pattern));
    Mark::wrong(Place::Missing { parent, position }, text)
}

/// Which name was probably meant, where no span has the one that `pattern` wants.
pub(super) fn hint(forest: &Forest, pattern: &Pattern) -> String {
    if forest.names().any(|name| pattern.names(name)) {
        return String::new();
    }
    let near = nearest(pattern.name(), forest.names());
    near.map_or(String::new(), |near| format!("; there is {near}"))
}

#[cfg(test)]
mod tests {
    use crate::span;
    use crate::testing::{Children, Expectation, anything, capture, in_any_order, in_order};

    /// A part of a list, for the plain way to match it: by trying everything.
    #[derive(Clone, Debug)]
    enum Plain {
        One(&'static str),
        AnyOrder(Vec<&'static str>),
        Anything,
    }

    fn matches(parts: &[Plain], names: &[&str]) -> bool {
        let Some((part, rest)) = parts.split_first() else {
            return names.is_empty();
        };
        match part {
            Plain::One(wanted) => names
                .split_first()
                .is_some_and(|(name, names)| fits(wanted, name) && matches(rest, names)),
            Plain::Anything => (0..=names.len()).any(|count| matches(rest, &names[count..])),
            Plain::AnyOrder(wanted) => {
                let count = wanted.len();
                names.len() >= count
                    && permutes(wanted, &names[..count])
                    && matches(rest, &names[count..])
            }
        }
    }

    fn permutes(wanted: &[&str], names: &[&str]) -> bool {
        let Some((first, wanted)) = wanted.split_first() else {
            return names.is_empty();
        };
        (0..names.len()).any(|index| {
            let mut others = names.to_vec();
            fits(first, others.remove(index)) && permutes(wanted, &others)
        })
    }

    fn fits(wanted: &str, name: &str) -> bool {
        wanted == "*" || wanted == name
    }

    /// Numbers without an order to be seen, the same in every run.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, bound: usize) -> usize {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            usize::try_from(self.0 >> 33).unwrap() % bound
        }

        fn names(&mut self, of: &[&'static str], most: usize) -> Vec<&'static str> {
            let count = self.below(most + 1);
            (0..count).map(|_| of[self.below(of.len())]).collect()
        }
    }

    #[test]
    fn a_list_fits_exactly_where_trying_everything_finds_a_way() {
        let mut dice = Dice(7);
        let mut matched = 0;
        for _ in 0..2_000 {
            let names = dice.names(&["a", "b", "c"], 6);
            let parts: Vec<Plain> = (0..dice.below(4))
                .map(|_| match dice.below(4) {
                    0 => Plain::Anything,
                    1 => Plain::AnyOrder(dice.names(&["a", "b", "c", "*"], 5)),
                    _ => Plain::One(["a", "b", "c", "*"][dice.below(4)]),
                })
                .collect();
            let list = parts.iter().fold(Children::none(), |list, part| {
                list.then(match part {
                    Plain::One(name) => in_order([*name]),
                    Plain::AnyOrder(names) => in_any_order(names.iter().copied()),
                    Plain::Anything => anything(),
                })
            });
            let ((), captured) = capture(|| {
                for name in &names {
                    span(*name).run(|| {});
                }
            });
            let result = captured.check(&Expectation::tree(list));
            assert_eq!(
                result.is_ok(),
                matches(&parts, &names),
                "{parts:?} {names:?}"
            );
            // Whatever does not fit says where.
            assert!(result.is_ok() || result.unwrap_err().to_string().contains('✗'));
            matched += usize::from(matches(&parts, &names));
        }
        assert!((200..1_800).contains(&matched), "{matched}");
    }
}
