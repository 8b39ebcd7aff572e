//! Spans that are open now in living processes, from their black boxes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use genai_trace::{SpanInFlight, open_spans_in};

use super::index::Index;

/// Spans that are open now.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    files: Mutex<Vec<PathBuf>>,
    open: RwLock<Arc<Open>>,
    /// The file that a trace is written to.
    homes: Mutex<HashMap<u128, PathBuf>>,
}

/// The spans that were open at the last look, by their trace.
pub(super) type Open = HashMap<u128, Vec<SpanInFlight>>;

impl InFlight {
    /// Looks at the processes that write to this file as well.
    pub(super) fn watch(&self, file: &Path) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if !files.iter().any(|known| known == file) {
            files.push(file.to_owned());
        }
    }

    /// Looks what is open now, and notes in the index which traces began or ended a span.
    pub(super) fn look(&self, index: &Index) {
        let files = self
            .files
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut now = Open::new();
        let mut homes = HashMap::new();
        for file in files {
            for span in open_spans_in(&file).unwrap_or_default() {
                let trace = u128::from_be_bytes(span.trace_id.to_bytes());
                homes.entry(trace).or_insert_with(|| file.clone());
                now.entry(trace).or_default().push(span);
            }
        }
        let before = self.all();
        let traces = now.keys().chain(before.keys());
        for trace in traces.filter(|trace| ids(&now, **trace) != ids(&before, **trace)) {
            index.note_changed(*trace);
        }
        *self.homes.lock().unwrap_or_else(PoisonError::into_inner) = homes;
        *self.open.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(now);
    }

    /// The file that a trace with open spans is written to.
    pub(super) fn file(&self, trace: u128) -> Option<PathBuf> {
        let homes = self.homes.lock().unwrap_or_else(PoisonError::into_inner);
        homes.get(&trace).cloned()
    }

    pub(super) fn all(&self) -> Arc<Open> {
        Arc::clone(&self.open.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn ids(open: &Open, trace: u128) -> Vec<[u8; 8]> {
    let spans = open.get(&trace).into_iter().flatten();
    let mut ids: Vec<_> = spans.map(|span| span.span_id.to_bytes()).collect();
    ids.sort_unstable();
    ids
}
