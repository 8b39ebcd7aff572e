//! With nothing installed an annotated function is the plain function.

use std::cell::Cell;
use std::panic::catch_unwind;

use genai_trace::{
    Carried, Carrier, InCurrentSpan, Runs, TokenUsage, carry, current, genai_tool, rayon, record,
    span, thread,
};
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

#[test]
fn open_spans_messages_and_carriers_do_nothing() {
    let mut open = span("job").start();
    open.set("a", &1);
    assert_eq!((open.run(|| 3), open.context()), (3, None));
    assert!(!open.handle().is_recording());
    open.end();
    assert!(Carrier::current().is_empty());
    let wire = serde_json::to_string(&Carried::new(7)).unwrap();
    assert_eq!(wire, r#"{"carrier":{},"value":7}"#);
    let message: Carried<i32> = serde_json::from_str(&wire).unwrap();
    assert_eq!(message.run(|value| value + 1), 8);
}

#[test]
fn runs_still_tell_their_totals() {
    let runs = Runs::new();
    runs.on_llm_start(1, None::<u8>, "openai", "gpt-4o")
        .unwrap();
    runs.on_tool_start(2, Some(1), "read_file", "Cargo.toml")
        .unwrap();
    runs.on_tool_end(2, "[package]").unwrap();
    runs.on_llm_end(1, TokenUsage::new(5, 7)).unwrap();
    assert!(runs.end(1).is_err());
    let totals = runs.totals();
    assert_eq!(totals.token_usage.total(), Some(12));
    assert_eq!(totals.tool_calls[0].output, "[package]");
    assert_eq!(totals.ignored, 1);
}
