//! A span goes where its work goes: to threads, tasks, pools and futures. Who is whose child is
//! told by ids.

mod futures;
mod rayon;
mod run;
mod threads;
mod tokio;

use genai_trace::{SpanId, SpanRecord};
use genai_trace_tests::Recorded;

/// The ids of the parents of all spans called `name`.
fn parents(recorded: &Recorded, name: &str) -> Vec<Option<SpanId>> {
    let named = recorded.spans.iter().filter(|span| span.name == name);
    named.map(|span| span.parent_span_id).collect()
}

/// All spans called `name`, so many, are children of `parent`, in its trace.
#[track_caller]
fn assert_children(recorded: &Recorded, name: &str, count: usize, parent: &SpanRecord) {
    let tree = recorded.tree();
    assert_eq!(
        parents(recorded, name),
        vec![Some(parent.span_id); count],
        "{tree}"
    );
    assert!(
        recorded
            .spans
            .iter()
            .filter(|span| span.name == name)
            .all(|span| span.trace_id == parent.trace_id),
        "{tree}"
    );
}
