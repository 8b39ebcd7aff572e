//! A call inside a call: the chat of a framework and that of the client it uses are one inference, and a tool
//! that is called over the Model Context Protocol is one execution. Each is recorded once, by the outer span.
//!
//! The inner call has a frame, but no span: what begins inside it is a child of the outer one, to which its
//! facts go where that does not say them itself. An inference that fails inside another is an attempt of that
//! one, whose framework may try again: it leaves a child `attempt N`. What follows an answer is a call of its
//! own, and so is what was asked beside one that was answered first, or answered after the outer span had
//! ended: no tokens are lost.

use std::sync::Arc;

use genai_trace_semconv::values::mcp_method_name::TOOLS_CALL;

use super::answer::ended;
use super::callsite::Callsite;
use super::close::describe_inner_failure;
use super::frame::Frame;
use super::items::{Item, Items};
use super::mailbox::Mailbox;
use super::model_facts;
use super::names;
use super::open::{self, Open};
use super::operation::Operation;
use super::outcome::{End, Outcome};
use super::stack::{Local, SpanStack, ThreadState};
use super::value_bytes::ValueRef;
use crate::sys::clock;

/// Of attempts; their names are said at run time.
static ATTEMPT: Callsite = Callsite::new(Operation::Step, "");

/// Of tools that a framework says it runs.
static TOOL_OF_FRAMEWORK: Callsite = Callsite::new(Operation::Tool, "").with(&[]);

/// The callsite of such a tool: one that is annotated, and run in its span, is the same tool.
#[cfg(feature = "tracing")]
pub(super) fn tool_of_framework() -> &'static Callsite {
    &TOOL_OF_FRAMEWORK
}

/// Whether the span in `frame` is that of such a tool.
#[inline]
pub(super) fn is_tool_of_framework(frame: &Frame) -> bool {
    cfg!(feature = "tracing") && std::ptr::eq(frame.callsite, &raw const TOOL_OF_FRAMEWORK)
}

/// Whether `inner` is the tool that a framework says it runs in `outer`, which may know its name only later.
fn is_same_tool(inner: &Frame, outer: &mut Frame) -> bool {
    outer.receive();
    let said = outer.items.text(names::TOOL_NAME).unwrap_or_default();
    let own = inner.items.text(names::TOOL_NAME);
    let own = own.as_deref().unwrap_or(inner.callsite.subject());
    said.is_empty() || said == own
}

/// What an inner call knows of the span that it belongs to.
#[derive(Debug)]
pub(super) struct Nested {
    /// For what it has to say once that span is not on the thread any more.
    outer: Arc<Mailbox>,
    /// The number of the attempt; none of a call that is no inference.
    attempt: Option<u32>,
}

impl Nested {
    /// Leaves what `inner` has said for the span that it belongs to, which is not at hand.
    fn leave(&self, inner: &Frame) {
        self.outer.post_inner(|items| {
            items.fill_from(&inner.items);
            items.fill_from_source(inner.callsite);
        });
    }
}

/// Enters the call in `frame`, if it belongs to a span that the thread is in; else gives the frame back.
pub(super) fn enter(
    mut frame: Box<Frame>,
    frames: &mut SpanStack,
    thread: &mut ThreadState,
    generation: u32,
) -> Result<Open, Box<Frame>> {
    let operation = frame.callsite.operation();
    let is_tool_call = || {
        let method = frame.items.text(names::MCP_METHOD);
        method.map_or(frame.callsite.subject() == TOOLS_CALL, |method| {
            method == TOOLS_CALL
        })
    };
    if operation == Operation::McpClient && !is_tool_call() {
        return Err(frame);
    }
    let is_outer = |outer: &mut &mut Frame| {
        outer.belongs_to(generation)
            && (operation != Operation::Tool || is_same_tool(&frame, outer))
    };
    let outer = frames.outer_of(operation);
    let Some(outer) = outer.and_then(|mut outer| is_outer(&mut outer).then_some(outer)) else {
        return Err(frame);
    };
    // A framework's tool is one call: what follows, or comes beside it, is a call of its own.
    if operation == Operation::Tool && !outer.mailbox(thread).take_answer() {
        return Err(frame);
    }
    let attempt = operation.has_model().then(|| {
        outer.attempts = outer.attempts.saturating_add(1);
        outer.attempts
    });
    frame.stand_below(outer);
    frame.parent = outer.parent;
    frame.span_id = outer.span_id;
    frame.generation = outer.generation;
    frame.subject = outer.subject;
    frame.start = clock::now();
    let outer = outer.mailbox(thread);
    frame.nested = Some(Box::new(Nested { outer, attempt }));
    let id = frame.span_id;
    Ok(Open::at(frames.push(frame), id))
}

/// Whether a call of the operation `inner` belongs to a span of `outer` that it is made in.
pub(super) fn belongs_to(inner: Operation, outer: Operation) -> bool {
    match inner {
        Operation::McpClient => outer == Operation::Tool,
        Operation::Embeddings => outer == Operation::Embeddings,
        _ => inner.is_inference() && outer.is_inference(),
    }
}

impl Local {
    /// Ends an inner call.
    #[cold]
    pub(super) fn end_nested(&mut self, mut frame: Box<Frame>, end: End, now: u64) {
        let Some(nested) = frame.nested.take() else {
            return;
        };
        frame.close_mailbox(&mut self.thread);
        let end = hear_stream(&mut frame, end);
        match nested.attempt {
            Some(number) if !is_answer(&frame, &end) => {
                self.leave_attempt(&mut frame, number, &end, now);
            }
            Some(_) if !nested.outer.take_answer() => return self.leave_apart(frame, end, now),
            _ => self.merge(&mut frame, &nested, end, now),
        }
        self.thread.give_back(frame);
    }

    /// Records an inner call that turns out to be one of its own.
    fn leave_apart(&mut self, mut call: Box<Frame>, end: End, now: u64) {
        let thread = &mut self.thread;
        call.parent = Some(call.span_id);
        call.span_id = thread.ids().span_id();
        open::name(&mut call, thread);
        if let Some(capture) = call.capture().cloned() {
            if capture.begin(&mut call).is_none() {
                return thread.give_back(call);
            }
        } else if let Some(port) = thread.port(call.generation) {
            port.begin(call.callsite.operation(), call.subject);
        }
        super::close::close_late(thread, call, end, now);
    }

    /// Hands what the inner call has said to the span that it belongs to.
    fn merge(&mut self, inner: &mut Frame, nested: &Nested, end: End, now: u64) {
        match inner.callsite.operation() {
            // Whoever runs it may tell the model, and end well.
            Operation::Tool if cfg!(feature = "tracing") => {
                describe_inner_failure(inner, end, now);
            }
            _ => inner.items.remove_error_type(),
        }
        let id = inner.span_id;
        match self.frames.find_anywhere(id) {
            Some((_, outer)) => {
                outer.items.fill_from(&inner.items);
                outer.items.fill_from_source(inner.callsite);
                outer.show_items();
                if let Some(said) = inner.contents.take() {
                    outer.contents.get_or_insert_default().fill_from(*said);
                }
                match (&mut outer.chunks, inner.chunks.take()) {
                    (Some(outer), Some(inner)) => outer.first_token_of(&inner),
                    (outer @ None, Some(mut inner)) => {
                        inner.of_inner_call();
                        *outer = Some(inner);
                    }
                    (_, None) => {}
                }
            }
            None => nested.leave(inner),
        }
    }

    /// Records an attempt that has failed, as a child of the span that it belongs to.
    fn leave_attempt(&mut self, inner: &mut Frame, number: u32, end: &End, now: u64) {
        let thread = &mut self.thread;
        let mut attempt = thread.frame();
        attempt.belong_to(&ATTEMPT);
        attempt.stand_below(inner);
        attempt.span_id = thread.ids().span_id();
        attempt.generation = inner.generation;
        attempt.start = inner.start;
        attempt.items.subject(format!("attempt {number}").as_str());
        attempt.items.set_own(names::RETRY_ATTEMPT, &number);
        let said = inner.items.text(names::ERROR_TYPE);
        let failure = end.failure.as_deref();
        let reason = said
            .as_deref()
            .or(failure.map(|failure| &*failure.error_type));
        let reason = reason.unwrap_or(end.outcome.as_str());
        attempt.items.set_own(names::RETRY_REASON, reason);
        if let Some(capture) = attempt.capture().cloned() {
            if capture.begin(&mut attempt).is_none() {
                return thread.give_back(attempt);
            }
        } else if let Some(port) = thread.port(attempt.generation) {
            port.begin_unnamed(Operation::Step);
        }
        super::close::close_late(thread, attempt, End::of(Outcome::Ok), now);
    }
}

/// Hears what the stream of an inner call has said: how that ended.
fn hear_stream(inner: &mut Frame, end: End) -> End {
    let facts = inner.chunks.as_mut().and_then(|chunks| chunks.facts());
    let Some(facts) = facts else {
        return end;
    };
    model_facts::put_response(&mut inner.items, inner.callsite.operation(), &facts);
    if let Some(content) = facts.content {
        inner.contents.get_or_insert_default().take(*content);
    }
    ended(end, facts.error)
}

/// Whether an inner call was answered: whoever leaves a stream half-way has heard an answer.
fn is_answer(inner: &Frame, end: &End) -> bool {
    match end.outcome {
        Outcome::Ok => true,
        Outcome::Abandoned => inner.chunks.as_ref().is_some_and(|it| it.count() > 0),
        _ => false,
    }
}

/// Hands over what an inner call has said whose thread is at its end.
#[cold]
pub(super) fn close_late(thread: &mut ThreadState, mut frame: Box<Frame>) {
    if let Some(nested) = frame.nested.take() {
        nested.leave(&frame);
    }
    thread.give_back(frame);
}

impl Items {
    /// Takes over what the source of the inner call says, and is not said yet.
    fn fill_from_source(&mut self, inner: &'static Callsite) {
        for (key, value) in inner.attributes() {
            if !self.says(key) {
                self.set(key, &ValueRef::from(*value));
            }
        }
        if let Some(key) = inner.operation().subject_key()
            && !inner.subject().is_empty()
            && !self.says(key)
        {
            self.set(key, inner.subject());
        }
    }

    /// Takes over attributes that are not said yet, and events.
    pub(super) fn fill_from(&mut self, inner: &Items) {
        for item in inner.iter() {
            match item {
                Item::Attribute(key, value) if !self.says(key.to_str()) => {
                    self.set(key.to_str(), &value);
                }
                Item::Counted(key, value) if !self.says(key.to_str()) => {
                    self.count_only(key.to_str(), &value);
                }
                Item::Event(event) => self.event(event.time, event.name.to_str(), |attributes| {
                    for (key, value) in event.attributes() {
                        attributes.set(key.to_str(), &value);
                    }
                }),
                Item::Message(text) => self.message(text.to_str()),
                _ => {}
            }
        }
    }
}
