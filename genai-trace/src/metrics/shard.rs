//! What one thread has counted; merged with the others' only when someone looks.

use super::charge::Charge;
use super::flow::Flow;

use super::histogram::ChunkGaps;
use super::labels::Labels;
use super::series::Series;
use super::symbol::Symbol;
use crate::provider::usage::Usage;
use crate::record::Dropped;
use crate::span::operation::Operation;
use crate::span::outcome::Outcome;

/// A span that ended, as far as metrics are concerned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended<'a> {
    pub(crate) labels: Labels,
    /// The subject that was given to [`Shard::begin`].
    pub(crate) opened_as: Symbol,
    pub(crate) duration_ns: u64,
    pub(crate) usage: Option<&'a Usage>,
    /// What a model call cost, where that is asked.
    pub(crate) cost: Option<Charge>,
    /// From the start to the first chunk of a streamed response.
    pub(crate) first_chunk_ns: Option<u64>,
    /// From each chunk of a streamed response to the next.
    pub(crate) chunk_gaps: Option<&'a ChunkGaps>,
    /// An agent's own calls of models and of tools.
    pub(crate) calls: Option<(u64, u64)>,
}

impl<'a> Ended<'a> {
    /// A span of which only the labels and the duration are known.
    pub(crate) const fn new(labels: Labels, duration_ns: u64) -> Ended<'a> {
        Ended {
            labels,
            opened_as: labels.subject,
            duration_ns,
            usage: None,
            cost: None,
            first_chunk_ns: None,
            chunk_gaps: None,
            calls: None,
        }
    }
}

/// A span that ended well and said nothing at run time that metrics count: its labels are those of
/// its callsite under its agent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlainEnd {
    /// The callsite's number.
    pub(crate) callsite: u32,
    pub(crate) operation: Operation,
    /// The subject that was given to [`Shard::begin`].
    pub(crate) opened_as: Symbol,
    pub(crate) agent: Symbol,
    pub(crate) duration_ns: u64,
}

/// Why a span was lost on the way to the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum DropReason {
    /// The thread's buffer had no room.
    BufferFull,
    /// It came from within the recording itself, where the thread's storage was at work.
    NoThread,
}

impl DropReason {
    /// Every reason, in the order of the declaration.
    pub(crate) const ALL: [DropReason; 2] = [DropReason::BufferFull, DropReason::NoThread];

    /// The word for the reason in labels.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            DropReason::BufferFull => "buffer_full",
            DropReason::NoThread => "no_thread",
        }
    }
}

/// What a span had too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Limit {
    /// Attributes of the span and of its events.
    Attributes,
    Events,
    Links,
    /// Characters, bytes or elements of a value.
    ValueLength,
}

impl Limit {
    /// Every limit, in the order of the declaration.
    pub(crate) const ALL: [Limit; 4] = [
        Limit::Attributes,
        Limit::Events,
        Limit::Links,
        Limit::ValueLength,
    ];

    /// The word for the limit in labels.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Limit::Attributes => "attributes",
            Limit::Events => "events",
            Limit::Links => "links",
            Limit::ValueLength => "value_length",
        }
    }
}

/// What left a span out on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LeftOut {
    /// The sampler, when the span's trace began, or the ratio of its callsite.
    Sampler,
    /// The rules for whole traces.
    TailSampling,
    /// Its trace had too many.
    MaxSpans,
}

impl LeftOut {
    /// Everything that leaves spans out, in the order of the declaration.
    pub(crate) const ALL: [LeftOut; 3] =
        [LeftOut::Sampler, LeftOut::TailSampling, LeftOut::MaxSpans];

    /// The word for it in labels: the method of the builder.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            LeftOut::Sampler => "sampler",
            LeftOut::TailSampling => "tail_sampling",
            LeftOut::MaxSpans => "max_spans",
        }
    }
}

/// Callsites that are bound to a cell; those beyond look theirs up.
const MOST_BOUND: usize = 65_536;
/// Stands for no cell.
const UNBOUND: usize = usize::MAX;

/// What one thread has counted, exactly and whatever became of the spans.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    flow: Flow,
    series: Series,
    /// By the callsite's number: the agent under which it ended last, and the place of that cell.
    bound: Vec<(Symbol, usize)>,
    dropped: [u64; DropReason::ALL.len()],
    cut: [u64; Limit::ALL.len()],
    left_out: [u64; LeftOut::ALL.len()],
    /// Model calls that ended well and of which nothing is known.
    unrecognised: u64,
}

impl Shard {
    /// Counts a span as open. `subject` is the name of the tool, agent, workflow, gate or step, or
    /// the model.
    #[inline]
    pub(crate) fn begin(&mut self, operation: Operation, subject: Symbol) {
        self.flow.begin(operation, subject);
    }

    /// Counts spans that were counted as open elsewhere, of a kind that no view tells apart by name.
    pub(crate) fn add_begun(&mut self, operation: Operation, spans: u64) {
        self.flow.add_begun(operation, spans);
    }

    /// Counts the end of a span that had begun, on this thread or on another.
    #[inline]
    pub(crate) fn end(&mut self, ended: &Ended<'_>) {
        let labels = &ended.labels;
        self.flow
            .end(labels.operation, ended.opened_as, labels.outcome);
        let says_nothing = ended.usage.is_none() && labels.response_model == Symbol::NONE;
        if labels.operation.has_model() && labels.outcome == Outcome::Ok && says_nothing {
            self.unrecognised += 1;
        }
        self.measure(ended);
    }

    /// Counts a plain end, whose labels are asked for only where it is not bound to a cell yet: most
    /// spans are, and neither make nor compare labels.
    #[inline]
    pub(crate) fn end_plain(&mut self, ended: &PlainEnd, labels: impl FnOnce() -> Labels) {
        self.flow.end(ended.operation, ended.opened_as, Outcome::Ok);
        self.time(ended.callsite, ended.agent, ended.duration_ns, labels);
    }

    /// Counts a plain end of a span that no view tells apart by name while it is open. Its `numbers` are
    /// those of its agent, above, and of its callsite.
    #[inline(always)]
    pub(crate) fn end_short(
        &mut self,
        operation: Operation,
        numbers: u64,
        duration_ns: u64,
        labels: impl FnOnce(Symbol) -> Labels,
    ) {
        self.flow.end_unnamed(operation);
        #[allow(clippy::cast_possible_truncation)]
        let (agent, callsite) = (Symbol::from_number((numbers >> 32) as u32), numbers as u32);
        self.time(callsite, agent, duration_ns, || labels(agent));
    }

    #[inline(always)]
    fn time(
        &mut self,
        callsite: u32,
        agent: Symbol,
        duration_ns: u64,
        labels: impl FnOnce() -> Labels,
    ) {
        let callsite = usize::try_from(callsite).unwrap_or(usize::MAX);
        let place = match self.bound.get(callsite) {
            Some((bound, place)) if *bound == agent && *place != UNBOUND => *place,
            _ => self.bind(callsite, agent, &labels()),
        };
        if let Some(cell) = self.series.cell_at(place) {
            cell.record_duration(duration_ns);
        }
    }

    #[cold]
    fn bind(&mut self, callsite: usize, agent: Symbol, labels: &Labels) -> usize {
        let place = self.series.place(labels);
        if callsite < MOST_BOUND {
            if callsite >= self.bound.len() {
                self.bound.resize(callsite + 1, (Symbol::NONE, UNBOUND));
            }
            if let Some(bound) = self.bound.get_mut(callsite) {
                *bound = (agent, place);
            }
        }
        place
    }

    /// Counts what happened without a span.
    #[inline]
    pub(crate) fn measure(&mut self, ended: &Ended<'_>) {
        self.series.update(&ended.labels, |cell| cell.record(ended));
    }

    /// Counts tokens, and what they cost, without a call that used them.
    pub(super) fn use_tokens(&mut self, labels: Labels, usage: &Usage, cost: Option<Charge>) {
        self.series.update(&labels, |cell| {
            cell.use_tokens(usage);
            cost.into_iter().for_each(|cost| cell.charge(cost));
        });
    }

    /// Counts a span that was lost.
    pub(crate) fn drop_span(&mut self, reason: DropReason) {
        self.drop_spans(reason, 1);
    }

    /// Counts spans that were lost.
    pub(crate) fn drop_spans(&mut self, reason: DropReason, spans: u64) {
        if let Some(count) = self.dropped.get_mut(reason as usize) {
            *count += spans;
        }
    }

    /// Counts what the limits cut off a span.
    #[inline]
    pub(crate) fn cut(&mut self, dropped: Option<Dropped>) {
        if let Some(dropped) = dropped {
            self.add_cut(&dropped);
        }
    }

    #[cold]
    fn add_cut(&mut self, dropped: &Dropped) {
        let Dropped {
            attributes,
            events,
            links,
            truncated,
        } = *dropped;
        // In the order of the limits.
        let more = [attributes, events, links, truncated];
        for (count, more) in self.cut.iter_mut().zip(more) {
            *count += u64::from(more);
        }
    }

    /// Counts spans that were left out on purpose.
    pub(crate) fn leave_out(&mut self, by: LeftOut, spans: u64) {
        if let Some(count) = self.left_out.get_mut(by as usize) {
            *count += spans;
        }
    }

    /// Adds what `other` counted.
    pub(crate) fn merge(&mut self, other: &Shard) {
        self.flow.merge(&other.flow);
        self.series.merge(&other.series);
        self.unrecognised += other.unrecognised;
        for (count, more) in self.dropped.iter_mut().zip(other.dropped) {
            *count += more;
        }
        for (count, more) in self.cut.iter_mut().zip(other.cut) {
            *count += more;
        }
        for (count, more) in self.left_out.iter_mut().zip(other.left_out) {
            *count += more;
        }
    }

    /// How many spans ended.
    pub(crate) fn ended(&self) -> u64 {
        self.flow.ended().map(|(_, count)| count).sum()
    }

    /// How many spans were lost.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.iter().sum()
    }

    /// How many spans were left out on purpose.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out.iter().sum()
    }

    pub(super) fn left_out_by_reason(&self) -> impl Iterator<Item = (LeftOut, u64)> {
        LeftOut::ALL.into_iter().zip(self.left_out)
    }

    pub(super) fn dropped_by_reason(&self) -> impl Iterator<Item = (DropReason, u64)> {
        DropReason::ALL.into_iter().zip(self.dropped)
    }

    /// How many model calls ended well of which nothing is known.
    pub(super) const fn unrecognised(&self) -> u64 {
        self.unrecognised
    }

    pub(super) fn cut_by_limit(&self) -> impl Iterator<Item = (Limit, u64)> {
        Limit::ALL.into_iter().zip(self.cut)
    }

    pub(super) const fn series(&self) -> &Series {
        &self.series
    }

    pub(super) const fn flow(&self) -> &Flow {
        &self.flow
    }
}
