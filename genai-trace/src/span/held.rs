//! A span between the polls of a future.
//!
//! Nothing here is generic: what every traced future needs is compiled once, with the library, and
//! not again for each annotated function.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::close::lost;
use super::frame::Frame;
use super::ids::SpanId;
use super::open::Open;
use super::outcome::{End, Outcome};
use super::stack;

/// A span between the polls of a future.
///
/// It stands behind the future in a struct, so that it is dropped after it: what the future holds is
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
    depth: usize,
    id: SpanId,
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

    /// Runs `poll` inside the span, and gives the span back, on the stack, once `poll` says that the
    /// future is ready. A panic ends the span and goes on.
    pub(super) fn poll(&mut self, poll: &mut dyn FnMut() -> bool) -> Option<Open> {
        self.polled = true;
        let Some(open) = self.frame.take().and_then(enter) else {
            poll();
            return None;
        };
        match catch_unwind(AssertUnwindSafe(poll)) {
            Ok(true) => Some(open),
            Ok(false) => {
                self.frame = open.detach();
                None
            }
            Err(payload) => {
                open.end(End::panicked(payload.as_ref()));
                resume_unwind(payload)
            }
        }
    }

    /// Enters the span, which ends with this value, so that the future is dropped inside it.
    pub(super) fn enter_to_drop(&mut self) {
        if let Some(open) = self.frame.take().and_then(enter) {
            let (depth, id) = open.into_place();
            let unwinding = std::thread::panicking();
            self.dropping = Some(Dropping {
                depth,
                id,
                unwinding,
            });
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(Dropping {
            depth,
            id,
            unwinding,
        }) = self.dropping
        else {
            return;
        };
        let outcome = match self.polled {
            // What the panic says is not to be had here.
            _ if std::thread::panicking() && !unwinding => Outcome::Panicked,
            true => Outcome::Cancelled,
            false => Outcome::NeverPolled,
        };
        Open::at(depth, id).end(End::of(outcome));
    }
}

/// Puts a span on the thread's stack; a thread that ends has none.
fn enter(frame: Box<Frame>) -> Option<Open> {
    let id = frame.span_id;
    let depth = stack::with(|local| local.frames.push(frame));
    if depth.is_none() {
        lost();
    }
    depth.map(|depth| Open::at(depth, id))
}
