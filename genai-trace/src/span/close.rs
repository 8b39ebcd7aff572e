//! The end of a span: what is known of its error, its measures, its entry.

use super::chunks::Chunks;
use super::frame::Frame;
use super::items::Items;
use super::limits;
use super::measure::{self, Measured};
use super::names;
use super::operation::Operation;
use super::outcome::{End, Outcome};
use super::stack::ThreadState;
use crate::metrics::{DropReason, PlainEnd, Shard, Symbol};
use crate::recorder;
use crate::recorder::entry::Header;

/// Ends a span: counts it, and leaves its entry to the drain thread.
#[inline]
pub(super) fn close(thread: &mut ThreadState, mut frame: Box<Frame>, mut end: End, now: u64) {
    let now = match frame.capture() {
        None => now,
        Some(capture) => capture.now(),
    };
    let now = now.max(frame.start);
    frame.close_mailbox(thread);
    if limits::reach_the_source() {
        frame.items.limit_source();
    }
    describe_failure(&mut frame.items, &mut end, now);
    let operation = frame.callsite.operation();
    if let Some(chunks) = &frame.chunks {
        describe_stream(&mut frame.items, chunks, operation);
    }
    let is_plain = end.outcome == Outcome::Ok
        && !frame.items.is_measured()
        && measure::has_only_a_duration(operation);
    let is_out = frame.sampling.is_out();
    if let Some(scope) = &frame.scope
        && !is_out
        && let Some(conversation) = scope.conversation_id()
        && measure::belongs_to_conversations(operation)
    {
        frame.items.set_own(names::CONVERSATION_ID, conversation);
    }
    let agent = frame
        .scope
        .as_ref()
        .map(|scope| scope.nearest_agent().clone())
        .unwrap_or_default();
    if let Some(name) = &agent.name
        && !is_out
        && measure::belongs_to_agents(operation)
        && !frame.items.has_attribute(names::AGENT_NAME)
    {
        // The label holds only a part of it.
        frame.items.set_own(names::AGENT_NAME, name);
    }
    if !frame.sampling.is_certain() && !is_out {
        say_probability(&mut frame);
    }
    let dropped = frame.items.seal();
    let header = Header {
        callsite: frame.callsite.registered().id,
        trace_id: frame.trace_id,
        span_id: frame.span_id,
        parent: frame.parent,
        start: frame.start,
        end: now,
        offset: frame.offset,
        agent: match agent.name {
            Some(_) => Symbol::NONE,
            None => agent.label,
        },
        outcome: end.outcome,
        is_local_root: frame.is_local_root,
    };
    // It ends with the entry: whoever reads after a crash finds the span ended, or open, or both, and
    // never open when the entry is gone already.
    let mut slot = frame.slot.take();
    let (duration_ns, items) = (now - frame.start, frame.items.bytes());
    if is_plain {
        let plain = PlainEnd {
            callsite: header.callsite,
            operation,
            opened_as: frame.subject,
            agent: agent.label,
            duration_ns,
        };
        measure::count_plain(&frame);
        if let Some(port) = thread.port(frame.generation) {
            let labels = || measure::plain_labels(&frame);
            let count = |shard: &mut Shard| {
                shard.end_plain(&plain, labels);
                shard.cut(dropped);
            };
            match is_out {
                false => port.end(count, &header, items, slot.as_deref_mut()),
                true => port.end_sampled_out(count),
            }
        }
    } else {
        let measured = Measured::of(&frame, end.outcome, thread);
        if let Some(port) = thread.port(frame.generation) {
            let ended = measured.ended(frame.subject, duration_ns);
            let count = |shard: &mut Shard| {
                shard.end(&ended);
                shard.cut(dropped);
            };
            match is_out {
                false => port.end(count, &header, items, slot.as_deref_mut()),
                true => port.end_sampled_out(count),
            }
        }
    }
    if let Some(capture) = frame.capture() {
        capture.end(&header, frame.callsite, items);
    }
    frame.slot = slot;
    frame.hide();
    thread.give_back(frame);
}

/// Writes with what probability the span leaves its record, by which sums are weighted.
#[cold]
fn say_probability(frame: &mut Frame) {
    let probability = frame.sampling.probability().get();
    frame
        .items
        .set_own(names::SAMPLING_PROBABILITY, &probability);
}

/// Counts a span that came while the thread's storage was at work: from within it, as a global
/// allocator that is annotated would.
pub(super) fn lost() {
    if let Some(recorder) = recorder::current() {
        recorder.count_lost(DropReason::NoThread);
    }
}

/// Writes how many chunks came, and when the first one did.
#[cold]
fn describe_stream(items: &mut Items, chunks: &Chunks, operation: Operation) {
    items.set_own(names::STREAM_CHUNKS, &chunks.count());
    if let Some(first) = chunks.first_ns()
        && operation.is_inference()
        && !items.has_attribute(names::FIRST_CHUNK)
    {
        let seconds = std::time::Duration::from_nanos(first).as_secs_f64();
        items.set_own(names::FIRST_CHUNK, &seconds);
    }
}

/// Writes what is known of an error: its message, an exception event, `error.type`.
fn describe_failure(items: &mut Items, end: &mut End, now: u64) {
    if items.has_error_type() {
        match end.outcome {
            // Whoever names the kind of an error says that there was one.
            Outcome::Ok => end.outcome = Outcome::Error,
            Outcome::Error | Outcome::Panicked => {}
            // No error ended it: the conventions want the kind on failed spans only.
            _ => items.remove_error_type(),
        }
    }
    let Some(failure) = end.failure.take() else {
        if end.outcome.is_error() && !items.has_error_type() {
            let kind = if end.outcome == Outcome::Panicked {
                "panic"
            } else {
                "_OTHER"
            };
            items.set_own(names::ERROR_TYPE, kind);
        }
        return;
    };
    if !failure.message.is_empty() {
        items.message(&failure.message);
    }
    items.event_own(now, names::EXCEPTION_EVENT, |event| {
        event.set_own(
            names::EXCEPTION_TYPE,
            limits::UNLIMITED,
            &failure.exception_type,
        );
        if !failure.message.is_empty() {
            // The program's own words, and as long as it likes.
            let most_chars = limits::value_length();
            event.set_own(names::EXCEPTION_MESSAGE, most_chars, &failure.message);
        }
    });
    // A provider's own code, recorded in the body, says more than the type of the error.
    if !items.has_error_type() {
        items.set_own(names::ERROR_TYPE, &failure.error_type);
    }
}
