//! With nothing installed an annotated function is the plain function.

use std::cell::Cell;
use std::panic::catch_unwind;

use genai_trace::{InCurrentSpan, carry, current, genai_tool, rayon, record, span, thread};
use genai_trace_tests::block_on;

fn never(asked: &Cell<bool>) -> i64 {
    asked.set(true);
    1
}

#[genai_tool("plain", fields("app.cost" = never(asked)), ret_fields("app.result" = |_| never(asked)))]
fn plain(asked: &Cell<bool>) -> i64 {
    record!(app.more = never(asked));
    7
}

#[test]
fn it_returns_the_same_and_evaluates_no_field() {
    let asked = Cell::new(false);
    assert_eq!(plain(&asked), 7);
    assert!(!asked.get());
}

#[test]
fn panics_futures_and_spans_by_hand_are_as_without_us() {
    #[genai_tool]
    async fn later(value: i32) -> i32 {
        value + 1
    }
    #[genai_tool]
    fn explode() {
        std::panic::resume_unwind(Box::new(5));
    }
    assert_eq!(block_on(later(1)), 2);
    assert_eq!(catch_unwind(explode).unwrap_err().downcast_ref(), Some(&5));
    assert_eq!(span("by hand").attr("a", &1).run(|| 3), 3);
    let mut guard = span("guard").enter();
    guard.set("a", &1);
    assert_eq!(guard.context(), None);
    assert!(!current().is_recording() && current().trace_id().is_none());
}

#[test]
fn what_carries_a_span_carries_nothing() {
    assert_eq!(current().run(|| 3), 3);
    assert_eq!(carry(|| 4)(), 4);
    assert_eq!(thread::spawn(|| 5).join().unwrap(), 5);
    assert_eq!(block_on(async { 6 }.in_current_span()), 6);
    assert_eq!(block_on(current().wrap(async { 7 })), 7);
    assert_eq!(rayon::join(|| 8, || 9), (8, 9));
    let panic = catch_unwind(carry(|| std::panic::resume_unwind(Box::new(5))));
    let panic: Result<(), _> = panic;
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&5));
}
