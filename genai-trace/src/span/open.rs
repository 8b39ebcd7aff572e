//! A span that is open: how it begins, and the handle that ends it.

use std::marker::PhantomData;
use std::num::NonZeroU32;

use super::attribute_value::AttributeValue;
use super::callsite::Callsite;
use super::capture;
use super::close::lost;
use super::context::SpanContext;
use super::frame::Frame;
use super::ids::SpanId;
use super::items::Items;
use super::measure;
use super::opening::{Opening, Parent};
use super::outcome::{End, Outcome};
use super::sampling::Sampling;
use super::scope::{Agent, Scope};
use super::stack::{self, Local};
use super::value_bytes::Text;
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
            enter(opening, generation)
        }
    }
}

/// Begins a span of which everything stands in the source.
#[inline]
pub fn begin_plain(callsite: &'static Callsite) -> Option<Open> {
    let generation = recorder::active()?;
    enter(Opening::new(callsite), generation)
}

/// Begins the span that `opening` describes, and enters it.
pub(crate) fn enter(opening: Opening, generation: NonZeroU32) -> Option<Open> {
    let entered = stack::with(|local| push(local, opening, generation.get()));
    if entered.is_none() {
        lost();
    }
    entered.flatten()
}

#[inline]
fn push(local: &mut Local, opening: Opening, generation: u32) -> Option<Open> {
    let Local { frames, thread } = local;
    if stack::is_silent() {
        return None;
    }
    let Opening {
        mut frame,
        parent,
        conversation,
        sample,
    } = opening;
    let callsite = frame.callsite;
    let operation = callsite.operation();
    let capture = capture::of(&parent, frames, thread);
    let mut begin_trace = || {
        let id = thread.ids().trace_id();
        (id, None, None, clock::offset(), Sampling::OF_ROOT)
    };
    let (trace_id, parent, above, offset, sampling) = match parent {
        Parent::Root => begin_trace(),
        Parent::Said(context) => (
            context.trace_id(),
            Some(context.span_id()),
            context.scope().cloned(),
            context.offset().unwrap_or_else(clock::offset),
            context.sampling(),
        ),
        Parent::Current => match frames.top() {
            Some(parent) if parent.belongs_to(generation) => (
                parent.trace_id,
                Some(parent.span_id),
                parent.scope.clone(),
                parent.offset,
                parent.sampling,
            ),
            _ => begin_trace(),
        },
    };
    let above = match &capture {
        Some(capture) => Some(capture.scope(above)),
        None => above,
    };
    let (subject, said) = measure::subject(callsite, &frame.items, thread);
    frame.scope = match conversation {
        conversation if operation.is_agent() => {
            let name = said.map_or(callsite.subject(), Text::to_str);
            let agent = Agent::new(subject, name);
            Some(Scope::agent(above.as_deref(), agent, conversation))
        }
        Some(conversation) => Some(Scope::conversation(above.as_deref(), conversation)),
        None => above,
    };
    frame.trace_id = trace_id;
    frame.span_id = thread.ids().span_id();
    frame.parent = parent;
    frame.offset = offset;
    frame.subject = subject;
    if let Some(capture) = capture {
        capture.begin(&mut frame)?;
    } else {
        frame.generation = generation;
        frame.is_local_root = sampling.is_open();
        let port = thread.port(generation)?;
        frame.sampling = match sample {
            None if !sampling.is_open() => sampling,
            sample => sampling.decide(trace_id, sample, port.sampler()),
        };
        port.begin(operation, subject);
        // Read late, so that what came before is not counted as the span's time.
        frame.start = clock::now();
        if !frame.sampling.is_out() {
            frame.show_in(port.pages());
        }
    }
    let id = frame.span_id;
    Some(Open::at(frames.push(frame), id))
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
        stack::with(|local| local.frames.take(place, id)).flatten()
    }

    /// Sets an attribute.
    pub fn set<V: AttributeValue + ?Sized>(&mut self, key: &str, value: &V) {
        self.edit(|items| items.set(key, value));
    }

    pub(crate) fn edit(&mut self, work: impl FnOnce(&mut Items)) {
        // Only a thread that ends has lost its spans.
        let _ = stack::edit(self.id, work);
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
        let now = clock::now();
        let (place, id) = self.into_place();
        let ended = stack::with(|local| {
            if let Some(frame) = local.frames.take(place, id) {
                local.end(frame, end, now);
            }
        });
        if ended.is_none() {
            lost();
        }
    }

    /// Where the span stands, for whoever ends it now.
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
