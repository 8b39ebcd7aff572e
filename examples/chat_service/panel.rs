//! The spans of a request, for its answer: gathered while the exporters get them too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use genai_trace::{ExportError, SpanBatch, SpanExporter, SpanRecord, TraceId};
use tokio::sync::oneshot;

/// How long an answer waits for its spans, which come within 50 ms: one whose spans were dropped has none.
const PATIENCE: Duration = Duration::from_secs(1);

/// The spans of the traces that somebody watches.
#[derive(Clone, Default)]
pub(crate) struct Panel(Arc<Mutex<HashMap<TraceId, Watched>>>);

struct Watched {
    spans: Vec<SpanRecord>,
    done: oneshot::Sender<Vec<SpanRecord>>,
}

impl Panel {
    fn lock(&self) -> MutexGuard<'_, HashMap<TraceId, Watched>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gathers the spans of a trace from now on.
    pub(crate) fn watch(&self, trace: TraceId) -> Watch {
        let (done, spans) = oneshot::channel();
        let watched = Watched {
            spans: Vec::new(),
            done,
        };
        self.lock().insert(trace, watched);
        Watch {
            panel: self.clone(),
            trace,
            spans: Some(spans),
        }
    }
}

/// A trace that is watched; no longer than somebody waits for it.
pub(crate) struct Watch {
    panel: Panel,
    trace: TraceId,
    spans: Option<oneshot::Receiver<Vec<SpanRecord>>>,
}

impl Watch {
    /// The spans of the agent's run, in the order in which they began.
    pub(crate) async fn spans(mut self) -> Vec<SpanRecord> {
        let Some(spans) = self.spans.take() else {
            return Vec::new();
        };
        let in_time = tokio::time::timeout(PATIENCE, spans).await;
        let mut spans = in_time.ok().and_then(Result::ok).unwrap_or_default();
        spans.sort_by_key(|span| (span.start_unix_nano, span.end_unix_nano));
        spans
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.panel.lock().remove(&self.trace);
    }
}

/// Whether the run is there with all the calls that it counts: those of other threads may come behind it.
fn is_complete(spans: &[SpanRecord]) -> bool {
    let calls = |operation: &str| {
        let all = spans.iter();
        let of_kind =
            all.filter(|it| it.attributes.str("gen_ai.operation.name") == Some(operation));
        i64::try_from(of_kind.count()).unwrap_or(i64::MAX)
    };
    spans
        .iter()
        .find(|span| span.attributes.str("gen_ai.operation.name") == Some("invoke_agent"))
        .is_some_and(|run| {
            let counted = |key: &str| run.attributes.int(key).unwrap_or(0);
            calls("chat") >= counted("genai_trace.total.chat_calls")
                && calls("execute_tool") >= counted("genai_trace.total.tool_calls")
        })
}

impl SpanExporter for Panel {
    fn name(&self) -> &str {
        "panel"
    }

    fn export(&mut self, batch: &SpanBatch<'_>) -> Result<(), ExportError> {
        let mut watched = self.lock();
        for span in batch.records() {
            if let Some(trace) = watched.get_mut(&span.trace_id) {
                trace.spans.push(span.clone());
            }
        }
        let complete: Vec<TraceId> = watched
            .iter()
            .filter(|(_, trace)| is_complete(&trace.spans))
            .map(|(id, _)| *id)
            .collect();
        for id in complete {
            if let Some(trace) = watched.remove(&id) {
                // Whoever asked may have hung up.
                let _ = trace.done.send(trace.spans);
            }
        }
        Ok(())
    }
}
