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
use crate::metrics::{PlainEnd, Shard, Symbol};
use crate::recorder;
use crate::recorder::capturing::CAPTURED;

/// Ends a span that stood on no stack any more.
#[cold]
pub(super) fn close_late(thread: &mut ThreadState, frame: Box<Frame>, end: End, now: u64) {
    close(thread, frame, end, now);
}

/// Ends a span: counts it, and leaves its entry to the drain thread.
#[inline(always)]
pub(super) fn close(thread: &mut ThreadState, mut frame: Box<Frame>, end: End, now: u64) {
    if is_plain(&frame, &end) {
        close_plain(thread, &mut frame, now);
    } else {
        close_described(thread, &mut frame, end, now);
    }
    thread.give_back(frame);
}

/// Whether all that there is to say of a span stands in its source and its items, and metrics learn
/// nothing of it but how long it took: so most spans end.
#[inline]
fn is_plain(frame: &Frame, end: &End) -> bool {
    end.is_ok()
        && frame.registered.has_only_a_duration
        && frame.items.is_plain()
        && (frame.sampling.is_certain() || frame.sampling.is_out())
        && frame.mailbox.is_none()
        && frame.chunks.is_none()
        && frame.generation != CAPTURED.get()
        && frame.scope.as_ref().is_none_or(|scope| scope.is_plain())
        && !limits::reach_the_source()
}

#[inline]
fn close_plain(thread: &mut ThreadState, frame: &mut Frame, now: u64) {
    let now = now.max(frame.start);
    let scope = frame.scope.as_deref();
    let agent = scope.map_or(Symbol::NONE, |scope| scope.nearest_agent().label);
    let operation = frame.callsite.operation();
    if operation == Operation::Tool
        && let Some(scope) = scope
    {
        scope.count_tool();
    }
    let header = frame.header(now, agent, Outcome::Ok);
    let plain = PlainEnd {
        callsite: header.callsite,
        operation,
        opened_as: frame.subject,
        agent,
        duration_ns: now - frame.start,
    };
    let (callsite, subject) = (frame.callsite, frame.subject);
    let labels = || measure::plain_labels(callsite, subject, agent);
    let count = |shard: &mut Shard| shard.end_plain(&plain, labels);
    match thread.port(frame.generation) {
        Some(port) if frame.sampling.is_out() => port.end_sampled_out(count),
        Some(port) => {
            let slot = frame.slot.as_deref_mut();
            port.end(count, &header, frame.items.bytes(), slot);
        }
        None => frame.hide(),
    }
}

/// Ends a span of which there is more to say.
#[cold]
fn close_described(thread: &mut ThreadState, frame: &mut Frame, mut end: End, now: u64) {
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
    if let Some(chunks) = &frame.chunks {
        describe_stream(&mut frame.items, chunks, frame.callsite.operation());
    }
    if !frame.sampling.is_out() {
        describe_place(frame);
    }
    let dropped = frame.items.seal();
    let agent = frame.scope.as_ref().map(|scope| scope.nearest_agent());
    let agent = match agent {
        Some(agent) if agent.name.is_none() => agent.label,
        _ => Symbol::NONE,
    };
    let header = frame.header(now, agent, end.outcome);
    let mut slot = frame.slot.take();
    let measured = Measured::of(frame, end.outcome, thread);
    if let Some(port) = thread.port(frame.generation) {
        let ended = measured.ended(frame.subject, now - frame.start);
        let count = |shard: &mut Shard| {
            shard.end(&ended);
            shard.cut(dropped);
        };
        match frame.sampling.is_out() {
            false => port.end(count, &header, frame.items.bytes(), slot.as_deref_mut()),
            true => port.end_sampled_out(count),
        }
    }
    if let Some(capture) = frame.capture() {
        capture.end(&header, frame.callsite, frame.items.bytes());
    }
    frame.slot = slot;
    frame.hide();
}

/// Writes what the conventions want on a span of what it stands in: the conversation, an agent whose
/// label holds only a part of its name, and with what probability it was kept.
fn describe_place(frame: &mut Frame) {
    let operation = frame.callsite.operation();
    if let Some(scope) = &frame.scope {
        if let Some(conversation) = scope.conversation_id()
            && measure::belongs_to_conversations(operation)
        {
            frame.items.set_own(names::CONVERSATION_ID, conversation);
        }
        if let Some(name) = &scope.nearest_agent().name
            && measure::belongs_to_agents(operation)
            && !frame.items.has_attribute(names::AGENT_NAME)
        {
            frame.items.set_own(names::AGENT_NAME, name);
        }
    }
    if !frame.sampling.is_certain() {
        say_probability(frame);
    }
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
#[cold]
pub(super) fn lost() {
    if let Some(recorder) = recorder::current() {
        recorder.count_lost();
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
