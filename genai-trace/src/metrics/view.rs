//! The shape of the tables that spell the measures: names, labels and buckets as data.

use super::kind::MetricKind;
use super::labels::Labels;
use super::source::Source;
use super::symbol::Symbol;
use super::tokens::{Modality, TokenClass};
use crate::prices::PICO_DECIMALS;
use crate::span::operation::Operation;

/// One metric family: a name, and what is shown under it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct View {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) shows: Shows,
}

/// What a view shows, by the kind of the metric. Parts with equal labels are added up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shows {
    Counter(&'static [Part<Count>]),
    Gauge(&'static [Part<Level>]),
    Histogram(Scale, &'static [Part<Distribution>]),
}

impl Shows {
    /// The kind of the metric.
    pub(crate) const fn kind(self) -> MetricKind {
        match self {
            Shows::Counter(_) => MetricKind::Counter,
            Shows::Gauge(_) => MetricKind::Gauge,
            Shows::Histogram(..) => MetricKind::Histogram,
        }
    }
}

/// The bounds of a histogram, and the unit in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    /// In the unit of the measure: nanoseconds, tokens or calls.
    pub(crate) bounds: &'static [u64],
    /// How many decimal places the shown unit lies above the measure's.
    pub(crate) decimals: u32,
}

impl Scale {
    /// Nanoseconds shown as seconds.
    pub(crate) const fn seconds(bounds: &'static [u64]) -> Scale {
        Scale {
            bounds,
            decimals: 9,
        }
    }

    /// Nanoseconds shown as milliseconds.
    pub(crate) const fn milliseconds(bounds: &'static [u64]) -> Scale {
        Scale {
            bounds,
            decimals: 6,
        }
    }

    /// Whole numbers shown as they are.
    pub(crate) const fn whole(bounds: &'static [u64]) -> Scale {
        Scale {
            bounds,
            decimals: 0,
        }
    }
}

/// Some of the series, and one number of each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Part<M: 'static> {
    pub(crate) measure: M,
    pub(crate) of: &'static [Operation],
    pub(crate) when: When,
    pub(crate) labels: &'static [(&'static str, Source)],
    /// A label that says which number this is, where a family shows several.
    pub(crate) fixed: Option<(&'static str, &'static str)>,
}

impl<M: Copy> Part<M> {
    /// `measure` of every series of the operations `of`.
    pub(crate) const fn new(
        measure: M,
        of: &'static [Operation],
        labels: &'static [(&'static str, Source)],
    ) -> Part<M> {
        Part {
            measure,
            of,
            when: When::Always,
            labels,
            fixed: None,
        }
    }

    /// Only of the series that `when` lets through.
    pub(crate) const fn when(mut self, when: When) -> Part<M> {
        self.when = when;
        self
    }

    /// With one more label that is always the same.
    pub(crate) const fn fixed(mut self, name: &'static str, value: &'static str) -> Part<M> {
        self.fixed = Some((name, value));
        self
    }

    /// Whether the part takes the series of `labels` in.
    pub(crate) fn admits(&self, labels: &Labels) -> bool {
        self.of.contains(&labels.operation) && self.when.admits(labels)
    }
}

/// Which series of its operations a part takes in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum When {
    Always,
    /// Runs: agents with no agent above. Sessions of the Model Context Protocol.
    Top,
    /// All others.
    Below,
    /// Calls whose status is not ERROR.
    NotFailed,
    /// Gates that came to a decision.
    Decided,
    /// Spans of this name.
    Named(Symbol),
    /// Spans that say what they are about.
    HasSubject,
}

impl When {
    fn admits(self, labels: &Labels) -> bool {
        match self {
            When::Always => true,
            When::Top => labels.top,
            When::Below => !labels.top,
            When::NotFailed => !labels.outcome.is_error(),
            When::Decided => labels.decision.is_some(),
            When::Named(name) => labels.subject == name,
            When::HasSubject => labels.subject != Symbol::NONE,
        }
    }
}

/// A number that only grows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Count {
    Ended,
    /// What ended with the status ERROR; 0 for series that have none, so that a rate has a zero
    /// to start from.
    Failed,
    Tokens(TokenClass),
    TokensBy(TokenClass, Modality),
    /// Input and output.
    AllTokens,
    /// What calls cost, shown in dollars.
    PicoUsd,
    /// Calls of which nobody knows the cost, for the reason with this number.
    Unpriced(usize),
}

impl Count {
    /// How many decimal places the shown unit lies above that of the measure.
    pub(crate) const fn decimals(self) -> u32 {
        match self {
            Count::PicoUsd => PICO_DECIMALS,
            _ => 0,
        }
    }
}

/// A number that rises and falls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Level {
    /// Spans open now.
    Open,
    /// The same, for agents and turns, with the name as the subject.
    OpenByName,
}

/// Numbers counted by buckets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Distribution {
    Duration,
    FirstChunk,
    /// From each chunk of a streamed response to the next.
    ChunkGap,
    InputTokens,
    OutputTokens,
    InferenceCalls,
    ToolCalls,
}
