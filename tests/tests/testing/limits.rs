//! Limits on what an agent does, and how an assertion fails.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::agent_run::run;
use genai_trace::testing::{Captured, Expectation, called};

#[test]
fn limits_hold_or_show_what_was_counted() {
    let captured = run();
    captured.assert_at_most(2, "chat *");
    captured.assert_at_least(2, "chat *");
    captured.assert_exactly(3, "execute_tool *");
    captured.assert_never("execute_tool delete_*");
    captured.assert_tokens_at_most(800);
    let mismatch = |expectation| captured.check(&expectation).unwrap_err().to_string();
    assert_eq!(
        mismatch(Expectation::at_most(2, "execute_tool *")),
        "\
expected at most 2 spans `execute_tool *`, found 3

  invoke_agent coder
  ├─ chat gpt-4o
  ├─ execute_tool read_file [error NotFound]
  │    ✓ 1
  ├─ execute_tool search
  │  │ ✓ 2
  │  └─ execute_tool list_files
  │       ✗ 3
  └─ chat gpt-4o
"
    );
    assert_eq!(
        mismatch(Expectation::exactly(
            2,
            called("chat *").attr("gen_ai.usage.input_tokens", 250)
        )),
        "\
expected exactly 2 spans `chat *, gen_ai.usage.input_tokens = 250`, found 1

  invoke_agent coder
  ├─ chat gpt-4o
  │    ✓ 1
  ├─ execute_tool read_file [error NotFound]
  ├─ execute_tool search
  │  └─ execute_tool list_files
  └─ chat gpt-4o
       ✗ expected gen_ai.usage.input_tokens = 250, got 400
"
    );
    assert_eq!(
        mismatch(Expectation::tokens_at_most(500)),
        "\
expected at most 500 tokens, used 800

  invoke_agent coder
  ├─ chat gpt-4o
  │    ✓ 250 + 130 tokens, 380 so far
  ├─ execute_tool read_file [error NotFound]
  ├─ execute_tool search
  │  └─ execute_tool list_files
  └─ chat gpt-4o
       ✗ 400 + 20 tokens, 800 so far
"
    );
    let title = |expectation| mismatch(expectation).lines().next().unwrap().to_owned();
    assert_eq!(
        title(Expectation::at_least(1, "execute_tool serch")),
        "expected at least 1 span `execute_tool serch`, found none; there is execute_tool search"
    );
    assert_eq!(
        title(Expectation::never("execute_tool *_file")),
        "expected no span `execute_tool *_file`, found 1"
    );
}

#[test]
fn an_assertion_that_fails_panics_with_the_tree_at_the_line_of_the_test() {
    thread_local! {
        static LINE: Cell<Option<(u32, bool)>> = const { Cell::new(None) };
    }
    let others = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if LINE.get().is_none() {
            return others(info);
        }
        let location = info.location().unwrap();
        LINE.set(Some((location.line(), location.file() == file!())));
    }));
    let captured = run();
    let tree: fn(&Captured) = |captured| captured.assert_tree("a");
    for (line, assert) in [
        (line!() - 2, tree),
        (line!(), |captured| captured.assert_at_most(1, "chat *")),
        (line!(), |captured| captured.assert_at_least(3, "chat *")),
        (line!(), |captured| captured.assert_exactly(3, "chat *")),
        (line!(), |captured| captured.assert_never("chat *")),
        (line!(), |captured| captured.assert_tokens_at_most(1)),
    ] {
        LINE.set(Some((0, false)));
        let payload = catch_unwind(AssertUnwindSafe(|| assert(&captured))).unwrap_err();
        let text = payload.downcast_ref::<String>().unwrap();
        assert!(text.contains("\n\n  invoke_agent coder\n"), "{text}");
        assert_eq!(LINE.take(), Some((line, true)));
    }
}
