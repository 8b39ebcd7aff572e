//! A closure inside a span.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::open::Open;
use super::outcome::End;

/// Runs `body` inside the span `open`, and gives the span back for the caller to end by what was
/// returned. A panic ends the span and goes on.
#[inline]
pub fn run<T>(open: Option<Open>, body: impl FnOnce() -> T) -> (T, Option<Open>) {
    let Some(open) = open else {
        return (body(), None);
    };
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(value) => (value, Some(open)),
        Err(payload) => {
            open.end(End::panicked(payload.as_ref()));
            resume_unwind(payload)
        }
    }
}
