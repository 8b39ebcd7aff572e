//! A closure inside a span.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::open::Open;
use super::outcome::End;

/// Runs `body` inside the span `open`, and gives the span back for the caller to end by what was
/// returned. A panic ends the span and goes on.
#[inline]
pub fn run<T>(open: Option<Open>, body: impl FnOnce() -> T) -> (T, Option<Open>) {
    match open {
        None => (body(), None),
        open => match catch_unwind(AssertUnwindSafe(body)) {
            Ok(value) => (value, open),
            Err(payload) => panicked(open, payload),
        },
    }
}

/// Ends the span of a body that panicked, and lets the panic go on.
#[cold]
fn panicked(open: Option<Open>, payload: Box<dyn Any + Send>) -> ! {
    if let Some(open) = open {
        open.end(End::panicked(payload.as_ref()));
    }
    resume_unwind(payload)
}
