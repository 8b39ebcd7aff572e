//! Picks spans that stand for durations, of those that are kept.

use crate::metrics::{self, Exemplar, Exemplars, SymbolCache};
use crate::recorder::batch::Batch;
use crate::span::measure;

/// Picks spans that stand for durations.
#[derive(Debug, Default)]
pub(crate) struct ExemplarPicker {
    /// By the callsite's number, for spans that went well and for others: a bit for each bucket of which this batch
    /// has brought one, which is enough.
    brought: Vec<[u64; 2]>,
    symbols: SymbolCache,
}

impl ExemplarPicker {
    /// Picks spans of a batch at `picked` (nanoseconds since 1970): one that went well and one that failed for each function and bucket.
    pub(crate) fn pick(&mut self, batch: &Batch, picked: u64, exemplars: &Exemplars) {
        self.brought.clear();
        for span in batch.views() {
            let duration_ns = span.header.end.saturating_sub(span.header.start);
            let failed = span.header.outcome.is_error();
            if !self.is_new(span.header.callsite, failed, duration_ns) {
                continue;
            }
            let Some(labels) = measure::labels_of(&span, &mut self.symbols) else {
                continue;
            };
            let exemplar = Exemplar {
                trace_id: span.header.trace_id,
                span_id: span.header.span_id,
                duration_ns,
                ended: span.since_1970(span.header.end),
                picked,
            };
            exemplars.keep(labels, exemplar);
        }
    }

    fn is_new(&mut self, callsite: u32, failed: bool, duration_ns: u64) -> bool {
        let Ok(callsite) = usize::try_from(callsite) else {
            return false;
        };
        if callsite >= self.brought.len() {
            self.brought.resize(callsite + 1, [0; 2]);
        }
        let bit = 1_u64 << metrics::duration_bucket(duration_ns).min(63);
        let brought = self.brought.get_mut(callsite);
        let brought = brought.and_then(|brought| brought.get_mut(usize::from(failed)));
        brought.is_some_and(|brought| {
            let is_new = *brought & bit == 0;
            *brought |= bit;
            is_new
        })
    }
}
