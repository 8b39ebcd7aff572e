//! The guard against traces with too many spans: what is beyond the limit becomes one span that
//! counts them.

use std::collections::HashSet;

use crate::export::view::SpanView;
use crate::metrics::Symbol;
use crate::order;
use crate::recorder::entry::Header;
use crate::span::callsite::Callsite;
use crate::span::ids::{IdGenerator, SpanId, TraceId};
use crate::span::items::Items;
use crate::span::names;
use crate::span::operation::Operation;
use crate::span::outcome::Outcome;

/// The span that stands for those that were omitted.
static OMITTED: Callsite = Callsite::new(Operation::Step, "spans omitted");

/// Most parents of admitted spans that are remembered while they are open.
const MOST_OPEN: usize = 256;
/// Most parents of omitted spans that are told apart, and most names.
const MOST_TOLD_APART: usize = 32;
/// Most bytes of a name that are told.
const MOST_NAME_BYTES: usize = 128;
/// Names that the span tells.
const NAMES_TOLD: usize = 5;
/// How much memory what was omitted takes at most, about.
const OMITTED_BYTES: usize = 8 * 1024;

/// What the guard knows of one trace.
#[derive(Debug, Default)]
pub(super) struct Guard {
    admitted: u64,
    /// Parents of admitted spans that have not ended: they are admitted too, so that the tree holds
    /// together.
    parents: HashSet<SpanId>,
    omitted: Option<Box<Omitted>>,
}

impl Guard {
    /// Whether a span of the trace is admitted, of which `most` are; else it is counted.
    pub(super) fn admit(&mut self, span: &SpanView<'_>, most: u64) -> bool {
        let header = &span.header;
        let is_parent = self.parents.remove(&header.span_id);
        let is_admitted = self.admitted < most
            || is_parent
            || header.outcome.is_error()
            || header.is_local_root
            || header.parent.is_none()
            || span.callsite.operation().is_agent();
        if !is_admitted {
            self.omitted
                .get_or_insert_with(|| Box::new(Omitted::from(header)))
                .add(span);
            return false;
        }
        self.admitted = self.admitted.saturating_add(1);
        if let Some(parent) = header.parent
            && !header.is_local_root
            && self.parents.len() < MOST_OPEN
        {
            self.parents.insert(parent);
        }
        true
    }

    /// How much memory it takes, about.
    pub(super) fn bytes(&self) -> usize {
        let omitted = self.omitted.as_ref().map_or(0, |_| OMITTED_BYTES);
        omitted + self.parents.capacity() * 2 * size_of::<SpanId>()
    }

    /// The spans that were omitted since it was asked last.
    pub(super) fn take_omitted(&mut self) -> Option<Box<Omitted>> {
        self.omitted.take()
    }
}

/// Spans that were omitted.
#[derive(Debug)]
pub(super) struct Omitted {
    trace_id: TraceId,
    offset: i64,
    start: u64,
    end: u64,
    count: u64,
    parents: Vec<(SpanId, u64)>,
    names: Vec<(String, u64)>,
}

impl From<&Header> for Omitted {
    fn from(header: &Header) -> Self {
        Self {
            trace_id: header.trace_id,
            offset: header.offset,
            start: header.start,
            end: header.end,
            count: 0,
            parents: Vec::new(),
            names: Vec::new(),
        }
    }
}

impl Omitted {
    fn add(&mut self, span: &SpanView<'_>) {
        let header = &span.header;
        self.start = self.start.min(header.start);
        self.end = self.end.max(header.end);
        self.count += 1;
        if let Some(parent) = header.parent {
            count(&mut self.parents, |id| *id == parent, || parent);
        }
        let mut name = span.whole_name();
        name.truncate(name.floor_char_boundary(MOST_NAME_BYTES));
        count(&mut self.names, |known| *known == name, || name.clone());
    }

    /// The header and the items of the span that stands for them.
    pub(super) fn summary(mut self, ids: &mut IdGenerator) -> (Header, &'static Callsite, Items) {
        order::sort_by_key(&mut self.names, |(_, count)| std::cmp::Reverse(*count));
        let told = self.names.iter().take(NAMES_TOLD);
        let (told, counts): (Vec<_>, Vec<_>) = told
            .map(|(name, count)| (name.clone(), integer(*count)))
            .unzip();
        let mut items = Items::default();
        items.set_own(names::OMITTED_SPANS, &integer(self.count));
        items.set_own(names::OMITTED_NAMES, &told);
        items.set_own(names::OMITTED_COUNTS, &counts);
        let parent = self.parents.iter().max_by_key(|(_, count)| *count);
        let header = Header {
            callsite: OMITTED.registered().id,
            trace_id: self.trace_id,
            span_id: ids.span_id(),
            parent: parent.map(|(id, _)| *id),
            start: self.start,
            end: self.end,
            offset: self.offset,
            agent: Symbol::NONE,
            outcome: Outcome::Ok,
            is_local_root: false,
        };
        (header, &OMITTED, items)
    }
}

/// Counts one of `what`, where it is known or there is room for it.
fn count<T>(counts: &mut Vec<(T, u64)>, is_it: impl Fn(&T) -> bool, what: impl FnOnce() -> T) {
    if let Some((_, count)) = counts.iter_mut().find(|(known, _)| is_it(known)) {
        *count += 1;
    } else if counts.len() < MOST_TOLD_APART {
        counts.push((what(), 1));
    }
}

fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
