//! The spans of a request, for its answer: gathered while the exporters get them too.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use genai_trace::{ExportError, SpanBatch, SpanExporter, SpanId, SpanRecord, TraceId, current};
use tokio::sync::oneshot;

/// How long an answer waits for its spans, which come within 50 ms: one whose spans were dropped has none.
const PATIENCE: Duration = Duration::from_secs(1);

/// The spans of the requests that somebody watches, by the request's own span: a caller may make several in one trace.
#[derive(Clone, Default)]
pub(crate) struct Panel(Arc<Mutex<HashMap<SpanId, Watched>>>);

struct Watched {
    trace: TraceId,
    /// All of the trace.
    spans: Vec<SpanRecord>,
    done: oneshot::Sender<Vec<SpanRecord>>,
}

impl Panel {
    fn lock(&self) -> MutexGuard<'_, HashMap<SpanId, Watched>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gathers what happens in the current span, that of a request, from now on; nothing where it is not recorded.
    pub(crate) fn watch(&self) -> Option<Watch> {
        let request = current();
        let (trace, span) = (request.trace_id()?, request.span_id()?);
        if !request.is_recording() {
            return None;
        }
        let (done, spans) = oneshot::channel();
        let watched = Watched {
            trace,
            spans: Vec::new(),
            done,
        };
        self.lock().insert(span, watched);
        Some(Watch {
            panel: self.clone(),
            span,
            spans: Some(spans),
        })
    }
}

/// A request that is watched; no longer than somebody waits for it.
pub(crate) struct Watch {
    panel: Panel,
    span: SpanId,
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
        self.panel.lock().remove(&self.span);
    }
}

/// The spans below that of a request.
fn below(spans: &[SpanRecord], request: SpanId) -> Vec<SpanRecord> {
    let mut known = HashSet::from([request]);
    // As often as there are levels: a child may stand before its parent.
    loop {
        let before = known.len();
        let below = spans.iter().filter(|span| {
            let parent = span.parent_span_id;
            parent.is_some_and(|parent| known.contains(&parent))
        });
        let below: Vec<SpanId> = below.map(|span| span.span_id).collect();
        known.extend(below);
        if known.len() == before {
            break;
        }
    }
    known.remove(&request);
    let is_below = |span: &&SpanRecord| known.contains(&span.span_id);
    spans.iter().filter(is_below).cloned().collect()
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
            let of_trace = watched
                .values_mut()
                .filter(|trace| trace.trace == span.trace_id);
            for trace in of_trace {
                trace.spans.push(span.clone());
            }
        }
        let complete: Vec<(SpanId, Vec<SpanRecord>)> = watched
            .iter()
            .map(|(request, trace)| (*request, below(&trace.spans, *request)))
            .filter(|(_, spans)| is_complete(spans))
            .collect();
        for (request, spans) in complete {
            if let Some(trace) = watched.remove(&request) {
                // Whoever asked may have hung up.
                let _ = trace.done.send(spans);
            }
        }
        Ok(())
    }
}
