//! A log that only grows: for names, say.

use std::sync::Arc;

use super::chain::Chain;
use super::page::HEAD_WORDS;
use super::slot::ids;
use super::{Kind, Pages};
use crate::span::ids::{SpanId, TraceId};

/// A log that only grows. Dropped, its pages go back to the pool.
#[derive(Debug)]
pub(crate) struct Log(Chain);

impl Log {
    pub(super) fn new(mut chain: Chain, number: u64) -> Self {
        let mut head = [0; HEAD_WORDS];
        head[0] = number;
        chain.begin(head, &[]);
        Self(chain)
    }

    /// A log of what others say of a span: `number` is higher than that of the log before it, which may
    /// be there still.
    pub(crate) fn of_letters(
        pages: &Arc<Pages>,
        trace_id: TraceId,
        span_id: SpanId,
        number: u64,
    ) -> Option<Self> {
        let mut log = pages.numbered_log(Kind::Letters, number)?;
        log.append(&ids(trace_id, span_id)).then_some(log)
    }

    /// Commits `bytes` behind the others, all or none; whether there was room.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> bool {
        self.0.append(bytes)
    }
}
