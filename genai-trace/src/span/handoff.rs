//! One agent hands a run over to another.

use super::builder::{SpanBuilder, span};
use super::current::current;
use super::names;
use super::operation::Operation;

/// A run that the current agent hands over to the agent `to`: a span `execute_tool transfer_to_{to}`, below
/// which the other agent's stands that is run in it.
///
/// The conventions have no form for this yet. The span says from whom to whom in `genai_trace.handoff.source`
/// and `genai_trace.handoff.target`; where no agent is running there is no source. An agent that runs only
/// when the first has ended is put below by [`parent`](SpanBuilder::parent), or linked by
/// [`link`](SpanBuilder::link).
///
/// ```
/// use genai_trace::{MemoryExporter, Telemetry, genai_agent, handoff, render_tree};
///
/// #[genai_agent("writer")]
/// fn writer() {}
///
/// #[genai_agent("triage")]
/// fn triage() {
///     handoff("writer").run(writer);
/// }
///
/// let memory = MemoryExporter::new();
/// let telemetry = Telemetry::builder().memory(&memory).install()?;
/// triage();
/// drop(telemetry);
/// let tree = render_tree(&memory.spans());
/// assert!(tree.contains("└─ execute_tool transfer_to_writer"));
/// assert!(tree.contains("   └─ invoke_agent writer"));
/// # Ok::<(), genai_trace::InitError>(())
/// ```
pub fn handoff(to: &str) -> SpanBuilder {
    let above = current().context();
    let source = above.as_ref().and_then(|context| context.agent());
    span(format!("transfer_to_{to}"))
        .operation(Operation::Tool)
        .attr(names::TOOL_TYPE, "function")
        .attr(names::HANDOFF_SOURCE, &source)
        .attr(names::HANDOFF_TARGET, to)
}
