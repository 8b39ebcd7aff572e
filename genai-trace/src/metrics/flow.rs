//! Spans as they come and go: how many have begun, how many have ended and how, and so how many
//! are open now.

use std::collections::HashMap;

use super::hash::Mixing;
use super::labels::Labels;
use super::symbol::Symbol;
use crate::span::operation::Operation;
use crate::span::outcome::Outcome;

/// At most so many names of open spans are told apart.
const MOST_NAMES: usize = 2_000;

/// Spans as they come and go on one thread.
///
/// A span may end on another thread than it began, so what one thread has open can be below zero;
/// the sum over all threads cannot.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    begun: [u64; Operation::ALL.len()],
    ended: [[u64; Outcome::ALL.len()]; Operation::ALL.len()],
    /// Only where a view tells open spans apart by name.
    open_by_name: HashMap<(Operation, Symbol), i64, Mixing>,
}

impl Flow {
    /// Counts a span that begins as `name`.
    #[inline]
    pub(crate) fn begin(&mut self, operation: Operation, name: Symbol) {
        if let Some(begun) = self.begun.get_mut(operation.index()) {
            *begun += 1;
        }
        if is_named(operation, name) {
            self.change_open(operation, name, 1);
        }
    }

    /// Counts spans that began elsewhere, of a kind that no view tells apart by name.
    pub(crate) fn add_begun(&mut self, operation: Operation, spans: u64) {
        if let Some(begun) = self.begun.get_mut(operation.index()) {
            *begun += spans;
        }
    }

    /// Counts the end of a span that began as `name`.
    #[inline]
    pub(crate) fn end(&mut self, operation: Operation, name: Symbol, outcome: Outcome) {
        let ended = self.ended.get_mut(operation.index());
        if let Some(ended) = ended.and_then(|ended| ended.get_mut(outcome.index())) {
            *ended += 1;
        }
        if is_named(operation, name) {
            self.change_open(operation, name, -1);
        }
    }

    /// Counts the end of a span that ended well, of a kind that no view tells apart by name.
    #[inline(always)]
    pub(crate) fn end_unnamed(&mut self, operation: Operation) {
        if let Some([ok, ..]) = self.ended.get_mut(operation.index()) {
            *ok += 1;
        }
    }

    fn change_open(&mut self, operation: Operation, name: Symbol, change: i64) {
        if let Some(open) = self.open_by_name.get_mut(&(operation, name)) {
            *open += change;
            return;
        }
        if self.open_by_name.len() >= MOST_NAMES {
            self.open_by_name.retain(|_, open| *open != 0);
        }
        let name = if self.open_by_name.len() < MOST_NAMES {
            name
        } else {
            Symbol::OVERFLOW
        };
        *self.open_by_name.entry((operation, name)).or_default() += change;
    }

    /// Adds what `other` counted.
    pub(crate) fn merge(&mut self, other: &Flow) {
        for (begun, more) in self.begun.iter_mut().zip(other.begun) {
            *begun += more;
        }
        let more = other.ended.iter().flatten();
        for (ended, more) in self.ended.iter_mut().flatten().zip(more) {
            *ended += more;
        }
        for ((operation, name), open) in &other.open_by_name {
            self.change_open(*operation, *name, *open);
        }
    }

    /// How many spans ended with each outcome that a living process can see.
    pub(crate) fn ended(&self) -> impl Iterator<Item = (Outcome, u64)> {
        let seen = |outcome: &Outcome| *outcome != Outcome::Crashed;
        Outcome::ALL.into_iter().filter(seen).map(|outcome| {
            let counts = self.ended.iter();
            let count = counts.filter_map(|ended| ended.get(outcome.index())).sum();
            (outcome, count)
        })
    }

    /// How many spans are open of each operation that was ever begun.
    pub(crate) fn open(&self) -> impl Iterator<Item = (Labels, i64)> {
        let counts = self.begun.into_iter().zip(&self.ended);
        Operation::ALL
            .into_iter()
            .zip(counts)
            .map(|(operation, (begun, ended))| (operation, begun, ended.iter().sum::<u64>()))
            .filter(|(_, begun, ended)| begun + ended > 0)
            .map(|(operation, begun, ended)| {
                (Labels::new(operation), begun.wrapping_sub(ended) as i64)
            })
    }

    /// How many agents and turns are open, with the name as the subject.
    pub(crate) fn open_by_name(&self) -> impl Iterator<Item = (Labels, i64)> {
        self.open_by_name.iter().map(|((operation, name), open)| {
            let labels = Labels {
                subject: *name,
                ..Labels::new(*operation)
            };
            (labels, *open)
        })
    }
}

/// Whether a view tells open spans of this kind apart by name.
#[inline]
pub(crate) fn is_named(operation: Operation, name: Symbol) -> bool {
    operation.is_agent() || name == Symbol::AGENT_TURN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(flow: &Flow) -> Vec<(Operation, i64)> {
        let open = flow.open();
        open.map(|(labels, count)| (labels.operation, count))
            .collect()
    }

    #[test]
    fn a_span_that_ends_on_another_thread_is_open_on_none() {
        let (mut here, mut there) = (Flow::default(), Flow::default());
        let agent = Symbol::from_number(7);
        here.begin(Operation::Agent, agent);
        here.begin(Operation::Tool, Symbol::from_number(8));
        there.end(Operation::Agent, agent, Outcome::Ok);
        here.merge(&there);
        assert_eq!(open(&here), [(Operation::Agent, 0), (Operation::Tool, 1)]);
        let by_name: Vec<_> = here.open_by_name().collect();
        assert_eq!(by_name.len(), 1, "tools are not told apart");
        assert!(
            by_name
                .iter()
                .all(|(labels, open)| labels.subject == agent && *open == 0)
        );
    }

    #[test]
    fn ends_are_counted_by_outcome_over_all_operations() {
        let mut flow = Flow::default();
        flow.end(Operation::Tool, Symbol::NONE, Outcome::Cancelled);
        flow.end(Operation::Chat, Symbol::NONE, Outcome::Cancelled);
        flow.end(Operation::Chat, Symbol::NONE, Outcome::Ok);
        let seen: Vec<_> = flow.ended().filter(|(_, count)| *count > 0).collect();
        assert_eq!(seen, [(Outcome::Ok, 1), (Outcome::Cancelled, 2)]);
    }

    #[test]
    fn names_of_agents_that_are_gone_make_room_for_others() {
        let mut flow = Flow::default();
        for number in 0..10_000 {
            let name = Symbol::from_number(100 + number);
            flow.begin(Operation::Agent, name);
            flow.end(Operation::Agent, name, Outcome::Ok);
        }
        flow.begin(Operation::Agent, Symbol::from_number(5));
        assert!(flow.open_by_name.len() <= MOST_NAMES);
        let sum: i64 = flow.open_by_name().map(|(_, open)| open).sum();
        assert_eq!(sum, 1);
    }
}
