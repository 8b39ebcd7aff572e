//! The numbers of one series.

use super::charge::{Charge, Charges};
use super::grid::{self, CALL_BUCKETS, DURATION_BUCKETS, TOKEN_BUCKETS};
use super::histogram::{Histogram, Projection};
use super::labels::Labels;
use super::shard::Ended;
use super::tokens::{TokenClass, TokenSums};
use super::view::{Count, Distribution, Scale};
use crate::provider::usage::{Usage, sum};

/// The numbers of one series: what ended and how long it took, and more only where there is more.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    durations: Histogram<DURATION_BUCKETS>,
    model: Option<Box<ModelCell>>,
    agent: Option<Box<AgentCell>>,
}

/// What model calls add.
#[derive(Clone, Debug, Default)]
struct ModelCell {
    tokens: TokenSums,
    input: Histogram<TOKEN_BUCKETS>,
    output: Histogram<TOKEN_BUCKETS>,
    first_chunk: Histogram<DURATION_BUCKETS>,
    chunk_gaps: Histogram<DURATION_BUCKETS>,
    charges: Charges,
}

/// What agents' runs add.
#[derive(Clone, Debug, Default)]
struct AgentCell {
    inference_calls: Histogram<CALL_BUCKETS>,
    tool_calls: Histogram<CALL_BUCKETS>,
}

impl Cell {
    #[inline]
    pub(crate) fn record(&mut self, ended: &Ended<'_>) {
        self.durations.record(&grid::DURATIONS, ended.duration_ns);
        if let Some(usage) = ended.usage {
            self.use_tokens(usage);
        }
        if let Some(cost) = ended.cost {
            self.charge(cost);
        }
        if let Some(nanoseconds) = ended.first_chunk_ns {
            let model = self.model.get_or_insert_default();
            model.first_chunk.record(&grid::DURATIONS, nanoseconds);
        }
        if let Some(gaps) = ended.chunk_gaps {
            let model = self.model.get_or_insert_default();
            model.chunk_gaps.merge(gaps.histogram());
        }
        if let Some((inference, tool)) = ended.calls {
            let agent = self.agent.get_or_insert_default();
            agent.inference_calls.record(&grid::CALLS, inference);
            agent.tool_calls.record(&grid::CALLS, tool);
        }
    }

    /// Counts an end of which only the duration is known.
    #[inline]
    pub(crate) fn record_duration(&mut self, nanoseconds: u64) {
        self.durations.record(&grid::DURATIONS, nanoseconds);
    }

    /// Counts tokens, without the end of a call.
    pub(crate) fn use_tokens(&mut self, usage: &Usage) {
        let model = self.model.get_or_insert_default();
        model.tokens.add(usage);
        if let Some(input) = usage.all_input() {
            model.input.record(&grid::TOKENS, input);
        }
        if let Some(output) = usage.all_output() {
            model.output.record(&grid::TOKENS, output);
        }
    }

    /// Counts what a call cost.
    pub(crate) fn charge(&mut self, cost: Charge) {
        let model = self.model.get_or_insert_default();
        model.charges.add(cost);
    }

    pub(crate) fn merge(&mut self, other: &Cell) {
        self.durations.merge(&other.durations);
        if let Some(other) = &other.model {
            let model = self.model.get_or_insert_default();
            model.tokens.merge(&other.tokens);
            model.input.merge(&other.input);
            model.output.merge(&other.output);
            model.first_chunk.merge(&other.first_chunk);
            model.chunk_gaps.merge(&other.chunk_gaps);
            model.charges.merge(&other.charges);
        }
        if let Some(other) = &other.agent {
            let agent = self.agent.get_or_insert_default();
            agent.inference_calls.merge(&other.inference_calls);
            agent.tool_calls.merge(&other.tool_calls);
        }
    }

    /// One of the numbers that only grow; none where this series has no such number.
    pub(crate) fn count(&self, labels: &Labels, which: Count) -> Option<u64> {
        let ended = Some(self.durations.count()).filter(|count| *count > 0);
        let tokens = self.model.as_ref().map(|model| &model.tokens);
        let charges = self.model.as_ref().map(|model| &model.charges);
        match which {
            Count::PicoUsd => charges?.pico_usd(),
            Count::Unpriced(why) => charges?.unpriced(why),
            Count::Ended => ended,
            Count::Failed => ended.map(|count| u64::from(labels.outcome.is_error()) * count),
            Count::Tokens(class) => tokens?.total(class),
            Count::TokensBy(class, modality) => tokens?.of(class, modality),
            Count::AllTokens => {
                let tokens = tokens?;
                sum([
                    tokens.total(TokenClass::Input),
                    tokens.total(TokenClass::Output),
                ])
            }
        }
    }

    /// One of the distributions as `scale` shows it; none where this series has no such distribution.
    pub(crate) fn distribution(&self, which: Distribution, scale: Scale) -> Option<Projection> {
        match which {
            Distribution::Duration => self.durations.project(&grid::DURATIONS, scale),
            Distribution::FirstChunk => {
                let model = self.model.as_ref()?;
                model.first_chunk.project(&grid::DURATIONS, scale)
            }
            Distribution::ChunkGap => {
                let model = self.model.as_ref()?;
                model.chunk_gaps.project(&grid::DURATIONS, scale)
            }
            Distribution::InputTokens => self.model.as_ref()?.input.project(&grid::TOKENS, scale),
            Distribution::OutputTokens => self.model.as_ref()?.output.project(&grid::TOKENS, scale),
            Distribution::InferenceCalls => {
                let agent = self.agent.as_ref()?;
                agent.inference_calls.project(&grid::CALLS, scale)
            }
            Distribution::ToolCalls => self.agent.as_ref()?.tool_calls.project(&grid::CALLS, scale),
        }
    }
}
