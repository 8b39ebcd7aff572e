//! The end of a span: what is known of its error, its measures, its entry.

use super::answer::ended;
use std::borrow::Cow;
use std::time::Duration;

use serde_json::{Map, Value as Json};

use super::callsite::Callsite;
use super::chunks::Chunks;
use super::contents;
use super::cost;
use super::details;
use super::frame::Frame;
use super::items::Items;
use super::limits;
use super::log_events::Taker;
use super::measure::{self, Measured};
use super::model_facts;
use super::names;
use super::nested;
use super::operation::Operation;
use super::outcome::{End, Failure, Outcome};
use super::stack::ThreadState;
use super::stacktrace;
use super::tally::Totals;
use crate::content::scrub;
use crate::metrics::{PlainEnd, Shard, Symbol};
use crate::propagate::baggage::Baggage;
use crate::propagate::passed::Passed;
use crate::provider::ChatFacts;
use crate::record::SpanKind;
use crate::recorder;
use crate::recorder::capturing::CAPTURED;

/// Ends a span that stood on no stack any more.
#[cold]
pub(super) fn close_late(thread: &mut ThreadState, frame: Box<Frame>, end: End, now: u64) {
    if frame.nested.is_some() {
        return nested::close_late(thread, frame);
    }
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
        && frame.contents.is_none()
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
        None => frame.over.unwrap_or(now),
        Some(capture) => capture.now(),
    };
    let now = now.max(frame.start);
    frame.close_mailbox(thread);
    if limits::reach_the_source() {
        frame.items.limit_source();
    }
    if let Some(chunks) = &mut frame.chunks {
        let facts = describe_stream(&mut frame.items, chunks, frame.callsite.operation());
        if let Some(facts) = facts {
            if let Some(content) = facts.content {
                frame.contents.get_or_insert_default().take(*content);
            }
            end = ended(end, facts.error);
        }
    }
    scrub_failure(&mut end);
    describe_failure(frame, &mut end, now);
    if !frame.sampling.is_out() {
        describe_place(frame);
    }
    let cost = cost::describe(frame, thread, end.outcome);
    if frame.registered.is_agent {
        describe_totals(frame);
    }
    if frame.contents.is_some() || frame.callsite.operation().is_inference() {
        describe_contents(frame, now, end.outcome);
    }
    let dropped = frame.items.seal();
    let agent = frame.scope.as_ref().map(|scope| scope.nearest_agent());
    let agent = match agent {
        Some(agent) if agent.name.is_none() => agent.label,
        _ => Symbol::NONE,
    };
    let header = frame.header(now, agent, end.outcome);
    let mut slot = frame.slot.take();
    let measured = Measured::of(frame, end.outcome, cost, thread);
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
        for (key, value) in scope.inherited() {
            if measure::inherits(operation, key) && frame.items.text(key).is_none() {
                frame.items.set_own(key, &**value);
            }
        }
        if let Some(passed) = scope.passed() {
            describe_passed(&mut frame.items, passed);
        }
    }
    if !frame.sampling.is_certain() {
        say_probability(frame);
    }
}

/// Writes what came with the trace from another process.
fn describe_passed(items: &mut Items, passed: &Passed) {
    if let Some(trace_state) = passed.trace_state() {
        items.trace_state(trace_state);
    }
    for (key, value) in passed.on_spans().into_iter().flat_map(Baggage::iter) {
        if items.text(key).is_none() && !items.has_attribute(key) {
            items.set_text(key, &value);
        }
    }
}

/// Writes what was said in the call, to the span and to an event of its own, as the policy has it.
fn describe_contents(frame: &mut Frame, now: u64, outcome: Outcome) {
    let recorder = match frame.capture() {
        None => recorder::current().filter(|it| it.generation().get() == frame.generation),
        Some(_) => None,
    };
    let said = frame.contents.as_ref().and_then(|contents| contents.mode);
    let in_event = contents::close(frame, recorder.as_deref());
    if let Some(recorder) = recorder
        && frame.callsite.operation().is_inference()
        && recorder.content().emits_event(said)
    {
        details::emit(frame, now, outcome, in_event);
    }
}

/// Writes what was called and used below an agent, itself included.
fn describe_totals(frame: &mut Frame) {
    let Some(scope) = &frame.scope else {
        return;
    };
    let totals = scope.close_totals();
    if totals == Totals::default() {
        return;
    }
    frame
        .items
        .set_own(names::TOTAL_CHAT_CALLS, &totals.chat_calls);
    frame
        .items
        .set_own(names::TOTAL_TOOL_CALLS, &totals.tool_calls);
    frame
        .items
        .set_own(names::TOTAL_INPUT_TOKENS, &totals.input_tokens);
    frame
        .items
        .set_own(names::TOTAL_OUTPUT_TOKENS, &totals.output_tokens);
    let usd = totals.pico_usd.map(cost::usd);
    frame.items.set_own(names::TOTAL_COST, &usd);
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

/// Writes how many chunks came, when the first one did, and what they said: an error, where it was one.
#[cold]
fn describe_stream(
    items: &mut Items,
    chunks: &mut Chunks,
    operation: Operation,
) -> Option<ChatFacts> {
    items.set_own(names::STREAM_CHUNKS, &chunks.count());
    if let Some(first) = chunks.first_ns()
        && operation.is_inference()
        && !items.has_attribute(names::FIRST_CHUNK)
    {
        let seconds = Duration::from_nanos(first).as_secs_f64();
        items.set_own(names::FIRST_CHUNK, &seconds);
    }
    if let Some(first) = chunks.first_token_ns() {
        let seconds = Duration::from_nanos(first).as_secs_f64();
        items.set_own(names::FIRST_TOKEN, &seconds);
    }
    let facts = chunks.facts()?;
    model_facts::put_response(items, operation, &facts);
    Some(facts)
}

/// Writes what is known of the error of a call that belongs to another span.
pub(super) fn describe_inner_failure(inner: &mut Frame, mut end: End, now: u64) {
    scrub_failure(&mut end);
    describe_failure(inner, &mut end, now);
}

/// Writes what is known of an error: its message, an exception event, `error.type`.
fn describe_failure(frame: &mut Frame, end: &mut End, now: u64) {
    let taker = match end.failure {
        Some(_) if is_of_client(frame.callsite) => Taker::of(frame),
        _ => None,
    };
    let is_out = frame.sampling.is_out();
    describe_error(&mut frame.items, end, |items, failure| {
        if !failure.message.is_empty() {
            items.message(&failure.message);
        }
        let stacktrace = if is_out { None } else { stacktrace::take() };
        let stacktrace = stacktrace.as_deref().unwrap_or_default();
        match taker {
            // The conventions have exceptions of calls as events of their own, and none twice.
            Some(taker) => taker.emit(now, CALL_EXCEPTION, WARN, exception(failure, stacktrace)),
            None => add_exception(items, failure, stacktrace, now),
        }
    });
}

/// Whether the conventions have a call's failure as an event of its own: not of a step, whatever its kind.
fn is_of_client(callsite: &Callsite) -> bool {
    callsite.kind() == SpanKind::Client && callsite.operation() != Operation::Step
}

/// What an event of its own says of an exception.
fn exception(failure: &Failure, stacktrace: &str) -> Map<String, Json> {
    let facts = [
        (names::EXCEPTION_TYPE, &*failure.exception_type),
        (names::EXCEPTION_MESSAGE, failure.message.as_str()),
        (names::EXCEPTION_STACKTRACE, stacktrace),
    ];
    let facts = facts.into_iter().filter(|(_, text)| !text.is_empty());
    facts
        .map(|(key, text)| (key.to_owned(), text.into()))
        .collect()
}

/// The event that a failed call to a provider is, and its severity.
const CALL_EXCEPTION: &str = "gen_ai.client.operation.exception";
const WARN: u8 = 13;

/// Takes credentials out of what an error says: clients name the URL that failed, its key and all.
fn scrub_failure(end: &mut End) {
    if let Some(failure) = &mut end.failure
        && let Cow::Owned(scrubbed) = scrub(&failure.message)
    {
        failure.message = scrubbed;
    }
}

/// Writes what kind of error ended the span, and what `tell` has to say of it.
fn describe_error(items: &mut Items, end: &mut End, tell: impl FnOnce(&mut Items, &Failure)) {
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
    tell(items, &failure);
    // A provider's own code, recorded in the body, says more than the type of the error.
    if !items.has_error_type() {
        items.set_own(names::ERROR_TYPE, &failure.error_type);
    }
}

/// Writes an exception event.
fn add_exception(items: &mut Items, failure: &Failure, stacktrace: &str, now: u64) {
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
        if !stacktrace.is_empty() {
            event.set_own(names::EXCEPTION_STACKTRACE, limits::UNLIMITED, stacktrace);
        }
    });
}
