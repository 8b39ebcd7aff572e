//! A span between the polls of a future or a stream.
//!
//! Nothing here is generic: what every one of them needs is compiled once, with the library, and not
//! again for each annotated function.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::close::lost;
use super::frame::Frame;
use super::ids::SpanId;
use super::open::Open;
use super::outcome::{End, Outcome};
use super::stack;

/// A span between the polls of a future or a stream.
///
/// It stands behind that in a struct, so that it is dropped after it: what the future holds is
/// dropped inside the span.
#[derive(Debug)]
pub(super) struct Held {
    /// The span, off the stack; none while the future runs, and once the span has gone to whoever
    /// ends it.
    frame: Option<Box<Frame>>,
    polled: bool,
    dropping: Option<Dropping>,
}

/// A span on the stack, while its future is dropped.
#[derive(Debug)]
struct Dropping {
    place: usize,
    id: SpanId,
    end: End,
    /// The thread was unwinding before, so that a panic is none of the future's.
    unwinding: bool,
}

impl Held {
    /// Holds the span `open`.
    pub(super) fn new(open: Option<Open>) -> Self {
        Self {
            frame: open.and_then(Open::detach),
            polled: false,
            dropping: None,
        }
    }

    /// Runs `poll` inside the span, and gives the span back, on the stack, where `poll` says that
    /// there is something to do with it. A panic ends the span and goes on.
    pub(super) fn poll(&mut self, poll: &mut dyn FnMut() -> bool) -> Option<Open> {
        self.polled = true;
        let Some(open) = self.frame.take().and_then(enter) else {
            poll();
            return None;
        };
        match catch_unwind(AssertUnwindSafe(poll)) {
            Ok(true) => Some(open),
            Ok(false) => {
                self.hold(open);
                None
            }
            Err(payload) => {
                open.end(End::panicked(payload.as_ref()));
                resume_unwind(payload)
            }
        }
    }

    /// Takes the span off the stack until the next poll.
    pub(super) fn hold(&mut self, open: Open) {
        self.frame = open.detach();
    }

    /// The span, while it is held.
    #[cfg(feature = "stream")]
    pub(super) fn frame(&mut self) -> Option<&mut Frame> {
        self.frame.as_deref_mut()
    }

    /// Enters the span, which ends with this value, so that the future is dropped inside it: as
    /// `end` says, else with `outcome`, which is what it means to drop a future that was polled.
    pub(super) fn enter_to_drop(&mut self, outcome: Outcome, end: Option<End>) {
        let Some(open) = self.frame.take().and_then(enter) else {
            return;
        };
        let outcome = match self.polled {
            true => outcome,
            false => Outcome::NeverPolled,
        };
        let (place, id) = open.into_place();
        self.dropping = Some(Dropping {
            place,
            id,
            end: end.unwrap_or(End::of(outcome)),
            unwinding: std::thread::panicking(),
        });
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(dropping) = self.dropping.take() else {
            return;
        };
        let end = match std::thread::panicking() && !dropping.unwinding {
            // What the panic says is not to be had here.
            true => End::of(Outcome::Panicked),
            false => dropping.end,
        };
        Open::at(dropping.place, dropping.id).end(end);
    }
}

/// Puts a span on the thread's stack.
fn enter(frame: Box<Frame>) -> Option<Open> {
    let id = frame.span_id;
    let place = stack::with(|local| local.frames.push(frame));
    if place.is_none() {
        lost();
    }
    place.map(|place| Open::at(place, id))
}
