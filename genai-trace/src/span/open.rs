//! A span that is open: how it begins, and the handle that ends it.

use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::sync::Arc;

use super::attribute_value::AttributeValue;
use super::callsite::Callsite;
use super::capture::{self, Capture};
use super::chunks::PartReader;
use super::close::lost;
use super::contents::{self, Contents};
use super::context::SpanContext;
use super::frame::Frame;
use super::ids::SpanId;
use super::items::Items;
use super::measure;
use super::names;
use super::nested;
use super::opening::{Opening, Parent};
use super::operation::Operation;
use super::outcome::{End, Outcome};
use super::sampling::Sampling;
use super::scope::{Agent, Scope};
use super::shown::{self, Below};
use super::stack::{self, Local, SpanStack, ThreadState};
use super::value_bytes::Text;
#[cfg(feature = "opentelemetry")]
use crate::recorder::port::Port;
use crate::recorder::{self, capturing::is_capturing};
use crate::sys::clock;

/// A span that has begun and not ended, on the stack of its thread. Dropped without an end it ends
/// as well, as a guard does.
#[derive(Debug)]
pub struct Open {
    /// The number of its place on the stack.
    place: usize,
    id: SpanId,
    /// It stands on the stack of this thread.
    not_send: PhantomData<*const ()>,
}

/// Begins a span with what `fill` says of it; nothing where nothing is installed.
#[inline]
pub fn begin(callsite: &'static Callsite, fill: impl FnOnce(&mut Opening)) -> Option<Open> {
    // Once for each annotated function: a `?` here is compiled as often.
    match recorder::active() {
        None => None,
        Some(generation) => {
            let mut opening = Opening::new(callsite);
            fill(&mut opening);
            enter(&mut opening, generation)
        }
    }
}

/// Begins a span of which everything stands in the source.
#[inline]
pub fn begin_plain(callsite: &'static Callsite) -> Option<Open> {
    let generation = recorder::active()?;
    enter(&mut Opening::new(callsite), generation)
}

/// Begins the span that `opening` describes, and enters it.
pub(crate) fn enter(opening: &mut Opening, generation: NonZeroU32) -> Option<Open> {
    let generation = generation.get();
    if shown::are_shown(generation) {
        return enter_shown(opening, generation);
    }
    stack::with_or_lost(|local| {
        let callsite = opening.callsite;
        let registered = callsite.registered();
        if registered.may_be_short && local.has_short_way(generation) {
            if opening.frame.is_none() {
                return local.begin_short(callsite, registered, opening.said.bytes());
            }
            if let Some(open) = begin_short_in_frame(local, opening) {
                return Some(open);
            }
        }
        push(local, opening, generation)
    })
}

/// Begins a span that others are shown: it takes the long way, since it has something to keep.
#[cold]
fn enter_shown(opening: &mut Opening, generation: u32) -> Option<Open> {
    let below = Below::of(opening);
    let open = stack::with_or_lost(|local| push(local, opening, generation))?;
    shown::show(open.id, below);
    Some(open)
}

/// Begins a span of which there was more to say than a few texts, if it may take the short way all the same.
#[inline(never)]
fn begin_short_in_frame(local: &mut Local, opening: &mut Opening) -> Option<Open> {
    let frame = opening.frame.take_if(|frame| frame.may_be_short())?;
    let open = local.begin_short(frame.callsite, frame.registered, frame.items.bytes());
    local.thread.give_back(frame);
    open
}

#[inline(never)]
fn push(local: &mut Local, opening: &mut Opening, generation: u32) -> Option<Open> {
    if stack::is_silent() {
        return None;
    }
    local.settle();
    let Local { frames, thread, .. } = local;
    let mut frame = opening.take_frame(|| thread.frame());
    let mut capture = None;
    let may_nest = frame.registered.may_nest
        || (cfg!(feature = "tracing")
            && frame.callsite.operation() == Operation::Tool
            && frames.outer_of(Operation::Tool).is_some());
    if may_nest && matches!(frame.wishes.parent, Parent::Current) && !frame.wishes.is_apart {
        match nested::enter(frame, frames, thread, generation) {
            Ok(open) => return Some(open),
            Err(refused) => frame = refused,
        }
    }
    let is_usual = !frame.has_wishes && !is_capturing();
    match frames.top() {
        Some(parent) if is_usual && parent.belongs_to(generation) => frame.stand_below(parent),
        Some(top) if is_usual => begin_beside(top, &mut frame, thread, generation),
        _ if is_usual => begin_trace(&mut frame, thread, generation),
        _ => capture = place_as_wished(&mut frame, frames, thread, generation),
    }
    let registered = frame.registered;
    if registered.is_agent || frame.has_wishes || frame.items.is_measured() {
        name(&mut frame, thread);
    } else {
        frame.subject = registered.opened_as;
    }
    frame.span_id = thread.ids().span_id();
    match capture {
        Some(capture) => capture.begin(&mut frame)?,
        None => start(&mut frame, thread, generation)?,
    }
    if frame.has_wishes {
        frame.forget_wishes();
    }
    let id = frame.span_id;
    Some(Open::at(frames.push(frame), id))
}

/// Gives a span its place that was told where to stand, or that may belong to a test: the capture of
/// that.
#[cold]
fn place_as_wished(
    frame: &mut Frame,
    frames: &mut SpanStack,
    thread: &mut ThreadState,
    generation: u32,
) -> Option<Arc<Capture>> {
    let parent = std::mem::take(&mut frame.wishes.parent);
    let capture = capture::of(&parent, frames, thread);
    match parent {
        Parent::Root => frame.begin_trace(thread),
        Parent::Said(context) => frame.stand_below_context(&context),
        Parent::Current => match frames.top() {
            Some(parent) if parent.belongs_to(generation) => frame.stand_below(parent),
            // A test has its traces for itself.
            Some(top) if capture.is_some() => {
                frame.scope = top.aside().cloned();
                frame.begin_trace(thread);
            }
            None if capture.is_some() => frame.begin_trace(thread),
            Some(top) => begin_beside(top, frame, thread, generation),
            None => begin_trace(frame, thread, generation),
        },
    }
    if let Some(capture) = &capture {
        frame.scope = Some(capture.scope(frame.scope.take()));
        // A capture keeps every span.
        frame.sampling = Sampling::CERTAIN;
    }
    capture
}

/// Lets the span begin a trace where the thread was led out of all spans, and takes along what was led with it.
#[cold]
fn begin_beside(top: &Frame, frame: &mut Frame, thread: &mut ThreadState, generation: u32) {
    let aside = top.aside().cloned();
    begin_trace(frame, thread, generation);
    if frame.scope.is_none() {
        frame.scope = aside;
    }
}

/// Lets the span begin a trace, or go on with that of another library's span, where the telemetry heeds these.
#[cfg(feature = "opentelemetry")]
fn begin_trace(frame: &mut Frame, thread: &mut ThreadState, generation: u32) {
    let neighbour = thread.port(generation).and_then(Port::neighbour);
    match neighbour.and_then(|neighbour| neighbour()) {
        Some(parent) => frame.stand_below_context(&parent),
        None => frame.begin_trace(thread),
    }
}

/// Lets the span begin a trace: no other library's spans are known.
#[cfg(not(feature = "opentelemetry"))]
#[inline]
fn begin_trace(frame: &mut Frame, thread: &mut ThreadState, _generation: u32) {
    frame.begin_trace(thread);
}

/// Finds the subject under which the span is counted, and gives an agent, and a span with a
/// conversation, a scope of its own.
#[cold]
pub(super) fn name(frame: &mut Frame, thread: &mut ThreadState) {
    let callsite = frame.callsite;
    let (subject, said) = measure::subject(callsite, &frame.items, thread);
    let conversation = frame.wishes.conversation.take();
    let above = frame.scope.as_deref();
    if callsite.operation().is_agent() {
        let name = said.map_or(callsite.subject(), Text::to_str);
        let agent = Agent::new(subject, name);
        let passed_on = PASSED_ON.iter().filter_map(|(own, key)| {
            let said = frame.items.text(own)?;
            Some((*key, said.into_boxed_str()))
        });
        let scope = Scope::agent(above, agent, conversation, passed_on.collect());
        frame.scope = Some(scope);
    } else if let Some(conversation) = conversation {
        frame.scope = Some(Scope::conversation(above, conversation));
    }
    frame.subject = subject;
}

/// What an agent says for the spans below it as well, each with the name that it has there: a prompt is that
/// of the inferences, and no attribute of an agent in the conventions.
const PASSED_ON: [(&str, &str); 5] = [
    (names::OWN_PROMPT_NAME, names::PROMPT_NAME),
    (names::OWN_PROMPT_VERSION, names::PROMPT_VERSION),
    (names::EXPERIMENT_ID, names::EXPERIMENT_ID),
    (names::EXPERIMENT_VARIANT, names::EXPERIMENT_VARIANT),
    (names::USER_ID, names::USER_ID),
];

/// Lets the span begin for the recorder `generation`.
#[inline]
fn start(frame: &mut Frame, thread: &mut ThreadState, generation: u32) -> Option<()> {
    frame.generation = generation;
    let port = thread.port(generation)?;
    if frame.sampling.is_open() || frame.has_wishes {
        frame.is_local_root = frame.sampling.is_open();
        frame.sampling = match frame.wishes.sample.take() {
            None if !frame.sampling.is_open() => frame.sampling,
            sample => frame
                .sampling
                .decide(frame.trace_id, sample, port.sampler()),
        };
    }
    port.begin(frame.callsite.operation(), frame.subject);
    // Read late, so that what came before is not counted as the span's time.
    frame.start = clock::now();
    if !frame.sampling.is_out() {
        frame.show_in(port.pages());
    }
    Some(())
}

impl Open {
    /// The span `id`, which stands in this place of this thread's stack.
    pub(crate) const fn at(place: usize, id: SpanId) -> Self {
        Self {
            place,
            id,
            not_send: PhantomData,
        }
    }

    /// Takes the span off the stack, for a future to hold.
    pub(crate) fn detach(self) -> Option<Box<Frame>> {
        let (place, id) = self.into_place();
        let frame = stack::with(|local| local.frames.take(place, id)).flatten()?;
        frame.shown.exit();
        Some(frame)
    }

    /// Puts a span on the stack that a future has held.
    pub(super) fn resume(frame: Box<Frame>) -> Option<Self> {
        let id = frame.span_id;
        let shown = frame.shown.clone();
        let Some(place) = stack::with(|local| local.frames.push(frame)) else {
            lost();
            return None;
        };
        shown.enter();
        Some(Self::at(place, id))
    }

    /// Sets an attribute.
    pub fn set<V: AttributeValue + ?Sized>(&mut self, key: &str, value: &V) {
        self.edit(|items| items.set(key, value));
    }

    pub(crate) fn edit(&mut self, work: impl FnOnce(&mut Items)) {
        // Only a thread that ends has lost its spans.
        let _ = stack::edit(self.id, work);
    }

    /// The call is over, whatever is still to be said of it; what the span stands for.
    pub(super) fn is_over(&mut self) -> Option<Operation> {
        let now = clock::now();
        stack::with(|local| {
            let (_, frame) = local.frames.find_anywhere(self.id)?;
            frame.over = Some(now);
            Some(frame.callsite.operation())
        })
        .flatten()
    }

    /// Whether the span goes along with a stream: then every answer is a part of one.
    pub(super) fn follows_stream(&mut self) -> bool {
        let chunks = stack::with(|local| Some(local.frames.chunks_of(self.id)?.is_followed()));
        chunks.flatten().unwrap_or_default()
    }

    /// The text of the attribute `key`, as it was said or as it stands in the source.
    pub(super) fn said_text(&mut self, key: &str) -> Option<String> {
        let mut said = None;
        self.edit(|items| said = items.text(key));
        said
    }

    /// Whether what is said in the call is wanted.
    pub(super) fn wants_content(&mut self) -> bool {
        let said = self.contents(|contents| contents.mode).flatten();
        contents::are_wanted(said)
    }

    /// Whether the span follows a stream.
    pub(super) fn is_stream(&self) -> bool {
        stack::with(|local| local.frames.chunks_of(self.id).is_some()).unwrap_or(false)
    }

    /// Works on what was said in the call; none where its span is not on this thread.
    pub(super) fn contents<T>(&mut self, work: impl FnOnce(&mut Contents) -> T) -> Option<T> {
        stack::with(|local| {
            let (_, frame) = local.frames.find_anywhere(self.id)?;
            Some(work(frame.contents.get_or_insert_default()))
        })
        .flatten()
    }

    /// Lets the parts of a streamed answer be read.
    pub(super) fn read_part(
        &mut self,
        provider: Option<&str>,
        content: bool,
        read: impl FnOnce(&mut PartReader),
    ) {
        stack::with(|local| {
            let chunks = local.frames.chunks_of(self.id)?;
            chunks.read(provider, content, read);
            Some(())
        });
    }

    /// The time now, as the span has it.
    pub(crate) fn now(&self) -> u64 {
        if is_capturing() {
            return self.context().map_or_else(clock::now, |cx| cx.now());
        }
        clock::now()
    }

    pub(crate) fn context(&self) -> Option<SpanContext> {
        stack::context(self.id)
    }

    /// Ends the span.
    pub fn end(self, end: End) {
        let (place, id) = self.into_place();
        let now = clock::now();
        let ended = stack::with_or_lost(move |local| {
            if end.is_ok() && local.end_short(id, now) {
                return None;
            }
            local.end_long(place, id, end, now)
        });
        if let Some(ended) = ended {
            ended.leave();
        }
    }

    /// Where the span stands, for whoever ends it now.
    #[inline]
    pub(super) const fn into_place(self) -> (usize, SpanId) {
        let place = (self.place, self.id);
        std::mem::forget(self);
        place
    }
}

impl Drop for Open {
    /// A guard that is dropped ends its span: with a panic where the thread unwinds.
    fn drop(&mut self) {
        let outcome = if std::thread::panicking() {
            Outcome::Panicked
        } else {
            Outcome::Ok
        };
        Open::at(self.place, self.id).end(End::of(outcome));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::sys::clock;
    use crate::{MemoryExporter, Telemetry, span};

    #[test]
    fn a_clock_that_is_set_meanwhile_bends_neither_the_tree_nor_a_duration() {
        const HOUR: i64 = 3_600_000_000_000;
        let memory = MemoryExporter::new();
        let telemetry = Telemetry::builder().memory(&memory).install().unwrap();
        let began = std::time::Instant::now();
        span("parent").run(|| {
            for forward in [HOUR, -3 * HOUR] {
                clock::set_wall_forward(forward);
                span("child").run(|| {});
            }
        });
        let took = began.elapsed();
        drop(telemetry);
        let spans = memory.spans();
        let [first, second, parent] = spans.as_slice() else {
            panic!("{spans:?}");
        };
        assert!(parent.duration() <= took + Duration::from_millis(1));
        for child in [first, second] {
            assert!(parent.start_unix_nano <= child.start_unix_nano);
            assert!(child.end_unix_nano <= parent.end_unix_nano);
        }
    }
}
