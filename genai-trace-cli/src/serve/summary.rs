//! What a list of runs shows of a trace: added up as its spans come, in whatever order.

use super::names::{Name, Names};
use crate::pricing::Used;
use crate::span::{Brief, Kind};

/// More different tools, models or agents are not listed of one trace.
const MOST_NAMES: usize = 100;

/// What a list of runs shows of a trace.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    pub(super) root: Option<Root>,
    /// When the first span began and the last ended, in nanoseconds since 1970.
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) spans: u32,
    pub(super) errors: u32,
    pub(super) used: Used,
    pub(super) service: Option<Name>,
    pub(super) session: Option<Name>,
    pub(super) task: Option<Name>,
    pub(super) agents: Vec<Name>,
    pub(super) models: Vec<Name>,
    /// With how often each was called.
    pub(super) tools: Vec<(Name, u32)>,
}

/// The span that stands for the trace: one without a parent, else the first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Root {
    pub(super) is_top: bool,
    start: u64,
    span_id: u64,
    /// A record that it has only begun comes behind one that it has ended.
    is_open: bool,
    pub(super) name: Name,
    pub(super) has_failed: bool,
    pub(super) outcome: Option<Name>,
}

impl Root {
    /// Of two that began at once the ids decide: what several threads have read comes together in no order.
    fn goes_before(&self, other: &Root) -> bool {
        let key = |root: &Root| (!root.is_top, root.start, root.span_id, root.is_open);
        key(self) < key(other)
    }
}

impl Summary {
    pub(super) fn add(&mut self, span: &Brief<'_>, names: &Names) {
        self.name(span, names);
        self.spans = self.spans.saturating_add(1);
        self.end = self.end.max(span.end);
        self.errors = self.errors.saturating_add(span.has_failed.into());
        self.used.add(Used::of(span));
        if span.kind() == Kind::Tool {
            count(&mut self.tools, names.keep(span.subject()), 1);
        }
    }

    /// Takes of a span only who it is: all that is known of one that is open.
    pub(super) fn name(&mut self, span: &Brief<'_>, names: &Names) {
        let keep =
            |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(|text| names.keep(text));
        self.take_root(Root {
            is_top: span.parent == 0,
            start: span.start,
            span_id: span.span_id,
            is_open: !span.has_ended(),
            name: names.keep(&span.name),
            has_failed: span.has_failed,
            outcome: keep(&span.facts.outcome),
        });
        self.take_start(span.start);
        let facts = &span.facts;
        self.service = self.service.or(keep(&span.service));
        self.session = self.session.or(keep(&facts.conversation));
        self.task = self.task.or(keep(&facts.task));
        let kind = span.kind();
        if kind == Kind::Agent {
            insert(&mut self.agents, names.keep(span.subject()));
        }
        if kind.calls_a_model()
            && let Some(model) = facts.any_model()
        {
            insert(&mut self.models, names.keep(model));
        }
    }

    pub(super) fn merge(&mut self, other: Summary) {
        if let Some(root) = other.root {
            self.take_root(root);
        }
        self.take_start(other.start);
        self.end = self.end.max(other.end);
        self.spans = self.spans.saturating_add(other.spans);
        self.errors = self.errors.saturating_add(other.errors);
        self.used.add(other.used);
        self.service = self.service.or(other.service);
        self.session = self.session.or(other.session);
        self.task = self.task.or(other.task);
        for agent in other.agents {
            insert(&mut self.agents, agent);
        }
        for model in other.models {
            insert(&mut self.models, model);
        }
        for (tool, calls) in other.tools {
            count(&mut self.tools, tool, calls);
        }
    }

    /// In dollars; none where calls of a model have prices that nobody knows, and no other has one.
    pub(super) fn cost(&self) -> Option<f64> {
        let used = &self.used;
        (used.unpriced == 0 || used.dollars > 0.0).then_some(used.dollars)
    }

    fn take_root(&mut self, root: Root) {
        if self
            .root
            .as_ref()
            .is_none_or(|known| root.goes_before(known))
        {
            self.root = Some(root);
        }
    }

    fn take_start(&mut self, start: u64) {
        if self.start == 0 || start < self.start {
            self.start = start;
        }
    }
}

fn insert(names: &mut Vec<Name>, name: Name) {
    if !names.contains(&name) && names.len() < MOST_NAMES {
        names.push(name);
    }
}

fn count(tools: &mut Vec<(Name, u32)>, name: Name, calls: u32) {
    if let Some((_, known)) = tools.iter_mut().find(|(tool, _)| *tool == name) {
        *known = known.saturating_add(calls);
    } else if tools.len() < MOST_NAMES {
        tools.push((name, calls));
    }
}
