//! A span that is open now, as others may see it.

use std::time::Duration;

use crate::export::view::SpanView;
use crate::order;
use crate::record::{Attributes, SpanKind};
use crate::span::ids::{SpanId, TraceId};

/// A span that is open now: what it is, for how long it has run, and what was said of it so far.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SpanInFlight {
    /// The process that it runs in.
    pub process_id: u32,
    /// The trace that the span belongs to.
    pub trace_id: TraceId,
    /// The span's own id.
    pub span_id: SpanId,
    /// The span that caused this one; none for a root.
    pub parent_span_id: Option<SpanId>,
    /// The operation and its subject, as in `execute_tool read_file`.
    pub name: String,
    /// The part that the span plays in a call.
    pub kind: SpanKind,
    /// When it began: nanoseconds since 1970-01-01 UTC.
    pub start_unix_nano: u64,
    /// How long it has run.
    pub running_for: Duration,
    /// What is known of the operation so far.
    pub attributes: Attributes,
}

impl SpanInFlight {
    /// The span of `view`, at `now` in nanoseconds since 1970.
    pub(crate) fn of(view: &SpanView<'_>, process_id: u32, now: u64) -> Self {
        let record = view.record(&std::sync::Arc::default());
        Self {
            process_id,
            trace_id: record.trace_id,
            span_id: record.span_id,
            parent_span_id: record.parent_span_id,
            name: record.name,
            kind: record.kind,
            start_unix_nano: record.start_unix_nano,
            running_for: Duration::from_nanos(now.saturating_sub(record.start_unix_nano)),
            attributes: record.attributes,
        }
    }
}

/// What the processes that write to the traces file at `path` have open now, the longest first. They are
/// not held up and need not answer: it is read from their black boxes, so only processes that are
/// [crash safe](crate::Builder::crash_safe) are seen. Other systems than Unix have none.
///
/// ```
/// for span in genai_trace::open_spans_in("traces.jsonl")? {
///     println!("{} in process {} for {:?}", span.name, span.process_id, span.running_for);
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// The folder of the black boxes cannot be read. A box that cannot be read is passed over.
pub fn open_spans_in(path: impl AsRef<std::path::Path>) -> std::io::Result<Vec<SpanInFlight>> {
    use super::recover;
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(0));
    let mut open = recover::open_spans(&recover::folder_of(path.as_ref()), now)?;
    order::sort_by_key(&mut open, |span| span.start_unix_nano);
    Ok(open)
}
