//! Where a call failed, as a text.

use std::backtrace::Backtrace;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// More than this of a stack is left out, a frame at a time.
const MOST_BYTES: usize = 16 * 1024;

/// Whether the spans of the process say where they failed.
static WANTED: AtomicBool = AtomicBool::new(false);

/// Says whether [`take`] takes anything.
pub(crate) fn want(yes: bool) {
    WANTED.store(yes, Relaxed);
}

/// The stack of the thread, the function that the span is of first; none where nobody wants it.
#[inline]
pub(super) fn take() -> Option<String> {
    WANTED
        .load(Relaxed)
        .then(|| without_ours(&Backtrace::force_capture().to_string()))
}

/// A printed stack without the frames of how it was taken, those of how the thread was begun, and those that are
/// too many.
#[cold]
fn without_ours(stack: &str) -> String {
    let mut text = String::new();
    for frame in frames(stack).skip(ours(stack)) {
        if text.len() + frame.len() > MOST_BYTES || frame.contains("__rust_begin_short_backtrace") {
            break;
        }
        text.push_str(frame);
    }
    text.truncate(text.trim_end().len());
    text
}

/// How many frames are of how the stack was taken: all up to the last of ours, with the standard library's between
/// them.
fn ours(stack: &str) -> usize {
    let until = frames(stack).take_while(|frame| is_ours(frame) || is_standard(frame));
    let ours = until.enumerate().filter(|(_, frame)| is_ours(frame));
    ours.last().map_or(0, |(last, _)| last + 1)
}

/// Whether a frame is of this library: by its name, or by its place, since a build with nothing but line tables
/// names what was inlined without a path.
fn is_ours(frame: &str) -> bool {
    let sources = file!().strip_suffix("span/stacktrace.rs");
    name(frame).starts_with("genai_trace::") || sources.is_some_and(|at| frame.contains(at))
}

/// Whether a frame is of the standard library.
fn is_standard(frame: &str) -> bool {
    let name = name(frame);
    let is_named = ["std::", "core::", "alloc::"]
        .iter()
        .any(|of| name.starts_with(of));
    is_named || (frame.contains("/rustc/") && frame.contains("/library/"))
}

/// What stands behind a frame's number: the path of a function, or of the type that it is of.
fn name(frame: &str) -> &str {
    let digits = |c: char| c.is_ascii_digit();
    frame
        .trim_start()
        .trim_start_matches(digits)
        .trim_start_matches(": ")
        .trim_start_matches('<')
}

/// The frames of a printed stack, each with its number, its name and, where that is known, its place on a line
/// of its own.
fn frames(stack: &str) -> impl Iterator<Item = &str> {
    let mut rest = stack;
    std::iter::from_fn(move || {
        let mut end = 0;
        for line in rest.split_inclusive('\n') {
            if end > 0 && !line.trim_start().starts_with("at ") {
                break;
            }
            end += line.len();
        }
        let (frame, others) = rest.split_at_checked(end)?;
        rest = others;
        (!frame.is_empty()).then_some(frame)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STACK: &str = "   0: std::backtrace::Backtrace::create\n   1: <genai_trace::span::Open as Drop>::drop
             at ./open.rs:1:2\n   2: core::bool::then\n   3: genai_trace::__private::run\n   4: core::ops::call
  10: app::read\n             at ./src/main.rs:3:4\n  11: genai_trace::scope\n  12: main\n";

    #[test]
    fn a_stack_begins_and_ends_where_the_program_does() {
        let program = "   4: core::ops::call\n  10: app::read\n             at ./src/main.rs:3:4\n  11: genai_trace::scope\n  12: main";
        assert_eq!(without_ours(STACK), program);
        let thread = format!("{STACK}  13: std::sys::__rust_begin_short_backtrace\n  14: clone\n");
        assert_eq!(without_ours(&thread), program);
        assert_eq!(without_ours(""), "");
        assert_eq!(without_ours("disabled backtrace"), "disabled backtrace");
    }

    #[test]
    fn what_was_inlined_is_known_by_its_place() {
        let stack = format!(
            "   0: create\n             at /rustc/5980/library/std/src/backtrace.rs:1:2\n   1: close\n             \
             at ./{}:1:2\n   2: {{closure#0}}\n             at /rustc/5980/library/core/src/ops.rs:1:2\n   3: \
             genai_trace::run\n   4: read\n             at ./src/main.rs:3:4\n",
            file!()
        );
        let program = "   4: read\n             at ./src/main.rs:3:4";
        assert_eq!(without_ours(&stack), program);
    }

    #[test]
    fn a_stack_has_an_end_between_two_frames() {
        let text = without_ours(&format!("{STACK}{}", "  13: again\n".repeat(10_000)));
        assert!(text.len() <= MOST_BYTES && text.len() > MOST_BYTES - 20);
        assert!(text.ends_with("\n  13: again"));
    }
}
