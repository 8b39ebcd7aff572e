//! Patterns of trees: when they hold, and what a test says where they do not.

use crate::agent_run::{chat, run, tool};
use genai_trace::testing::{
    Captured, Children, Expectation, Pattern, anything, called, capture, in_any_order, in_order,
    including,
};
use genai_trace::{Outcome, span};

/// A turn with two tools side by side.
fn parallel() -> Captured {
    let ((), captured) = capture(|| {
        span("turn").run(|| {
            let here = genai_trace::current().context();
            chat(1, 1).run(|| {});
            let search = tool("search").enter();
            tool("list_files").parent(&here).run(|| {});
            drop(search);
            chat(1, 1).run(|| {});
        });
    });
    captured
}

fn differs(captured: &Captured, expected: impl Into<Children>) -> String {
    let mismatch = captured.check(&Expectation::tree(expected)).unwrap_err();
    mismatch.to_string()
}

fn holds(captured: &Captured, pattern: Pattern) -> bool {
    captured.check(&Expectation::at_least(1, pattern)).is_ok()
}

#[test]
fn a_tree_that_is_as_expected_passes() {
    let captured = run();
    let coder = || called("invoke_agent coder");
    for expected in [
        coder(),
        called("invoke_agent *").children([
            called("chat *").attr("gen_ai.usage.input_tokens", 250),
            called("execute_tool read_file").outcome(Outcome::Error),
            called("execute_tool search").children(["execute_tool list_files"]),
            called("chat gpt-4o").no_children(),
        ]),
        coder().children(including(["execute_tool *", "chat *"])),
        coder().children(in_any_order([
            "chat *",
            "chat *",
            "execute_tool *",
            "execute_tool *",
        ])),
        coder().children(in_order(["chat *"]).then(anything()).then(["chat *"])),
        coder().children(
            in_order(["chat *"])
                .then(in_any_order(["* search", "* read_file"]))
                .then(["chat *"]),
        ),
        coder().children(anything()),
        // Both must hold.
        coder()
            .children(including(["* search"]))
            .children(including(["* read_file"])),
    ] {
        captured.assert_tree(expected);
    }
}

#[test]
fn children_that_differ_are_marked_where_they_are() {
    let coder = called("invoke_agent coder");
    assert_eq!(
        differs(
            &run(),
            coder.children([
                called("chat *").attr("gen_ai.usage.input_tokens", 300),
                called("execute_tool raed_file"),
                called("execute_tool search").children([called("execute_tool lst_files")]),
                called("execute_tool run_tests"),
                called("chat *"),
                called("execute_tool serch"),
            ])
        ),
        "\
the spans differ from what was expected in 5 places

  invoke_agent coder
  ├─ chat gpt-4o
  │    ✗ expected gen_ai.usage.input_tokens = 300, got 250
  ├─ execute_tool read_file [error NotFound]
  │    ✗ expected execute_tool raed_file
  ├─ execute_tool search
  │  └─ execute_tool list_files
  │       ✗ expected execute_tool lst_files
  ├─ ✗ expected execute_tool run_tests
  ├─ chat gpt-4o
  └─ ✗ expected execute_tool serch; there is execute_tool search
"
    );
}

#[test]
fn a_span_too_many_and_one_in_the_wrong_place_are_marked() {
    assert_eq!(
        differs(
            &run(),
            called("invoke_agent coder").children([
                called("execute_tool read_file"),
                called("chat *"),
                called("execute_tool search").no_children(),
            ])
        ),
        "\
the spans differ from what was expected in 3 places

  invoke_agent coder
  ├─ chat gpt-4o
  │    ✗ not expected here
  ├─ execute_tool read_file [error NotFound]
  ├─ execute_tool search
  │  │ ✗ not expected here
  │  └─ execute_tool list_files
  ├─ chat gpt-4o
  └─ ✗ expected execute_tool search, without children
"
    );
}

#[test]
fn roots_are_a_list_like_any_other() {
    let ((), captured) = capture(|| {
        for name in ["a", "b", "c"] {
            span(name).run(|| {});
        }
    });
    captured.assert_tree(["a", "b", "c"]);
    captured.assert_tree(in_any_order(["c", "a", "b"]));
    captured.assert_tree(including(["b"]));
    captured.assert_tree(in_order(["a"]).then(anything()));
    assert_eq!(
        differs(&captured, called("d").children(["e"])),
        "\
the spans differ from what was expected in 3 places

  a
    ✗ expected d, with children
  b
    ✗ not expected here
  c
    ✗ not expected here
"
    );
    let ((), nothing) = capture(|| {});
    assert_eq!(
        differs(&nothing, "a"),
        "the spans differ from what was expected in one place\n\n  ✗ expected a\n"
    );
}

#[test]
fn in_any_order_takes_each_child_once() {
    let captured = parallel();
    let tools = || {
        in_order(["chat *"])
            .then(in_any_order([
                "execute_tool list_files",
                "execute_tool search",
            ]))
            .then(["chat *"])
    };
    captured.assert_tree(called("turn").children(tools()));
    // The first pattern fits both tools: the second must get its own.
    captured.assert_tree(called("turn").children(including(["chat *"])));
    let greedy = in_any_order(["*", "execute_tool *", "execute_tool search", "chat *"]);
    captured.assert_tree(called("turn").children(greedy));
    let twice = in_order(["chat *"]).then(in_any_order(["* search", "* search"]));
    assert_eq!(
        differs(&captured, called("turn").children(twice.then(["chat *"]))),
        "\
the spans differ from what was expected in one place

  turn
  ├─ chat gpt-4o
  ├─ execute_tool search
  ├─ execute_tool list_files
  │    ✗ expected * search
  └─ chat gpt-4o
"
    );
    let fewer = in_any_order(["chat *", "chat *", "* search"]);
    assert_eq!(
        differs(&captured, called("turn").children(fewer)),
        "\
the spans differ from what was expected in one place

  turn
  ├─ chat gpt-4o
  ├─ execute_tool search
  ├─ execute_tool list_files
  │    ✗ not expected here
  └─ chat gpt-4o
"
    );
    let more = in_any_order(["chat *", "chat *", "* search", "* list_files", "gate *"]);
    assert!(
        differs(&captured, called("turn").children(more)).ends_with("  └─ ✗ expected gate *\n")
    );
}

#[test]
fn a_group_of_which_nearly_all_are_missing_does_not_fit() {
    let ((), captured) = capture(|| span("a").run(|| {}));
    let many = in_any_order(["b", "c", "d", "e", "f", "g"]).then(["a"]);
    let text = differs(&captured, many);
    assert!(text.starts_with("the spans differ from what was expected in 6 places"));
    assert!(text.ends_with("\n  ✗ expected g\n  a\n"), "{text}");
}

#[test]
fn including_asks_for_the_order_and_passes_over_the_rest() {
    let captured = run();
    let coder = || called("invoke_agent coder");
    captured.assert_tree(coder().children(including(["* read_file", "* search"])));
    assert_eq!(
        differs(
            &captured,
            coder().children(including(["* search", "* read_file"]))
        ),
        "\
the spans differ from what was expected in one place

  invoke_agent coder
  ├─ chat gpt-4o
  ├─ execute_tool read_file [error NotFound]
  ├─ execute_tool search
  │  └─ execute_tool list_files
  ├─ ✗ expected * read_file
  └─ chat gpt-4o
"
    );
}

#[test]
fn every_predicate_holds_or_says_what_is_there_instead() {
    let captured = run();
    let read = || called("execute_tool read_file");
    let search = || called("execute_tool search");
    let chat = || called("chat *").attr("gen_ai.usage.output_tokens", 130);
    let tokens = "gen_ai.usage.input_tokens";
    for pattern in [
        read().outcome(Outcome::Error),
        search().outcome(Outcome::Ok),
        chat()
            .attr(tokens, 250_u64)
            .attr("gen_ai.request.model", "gpt-4o"),
        search().attr("app.misses", None::<i64>),
        search().has_attr("app.hits").without_attr("app.misses"),
        chat().attr_where(tokens, |tokens| tokens.as_int() > Some(100)),
        search().satisfies("to take 3 ms", |span| span.duration().as_millis() == 3),
    ] {
        assert!(holds(&captured, pattern.clone()), "{pattern}");
    }
    let complaint = |pattern: Pattern| {
        let mismatch = captured
            .check(&Expectation::at_least(1, pattern))
            .unwrap_err();
        let text = mismatch.to_string();
        let mark = text.lines().find_map(|line| line.split_once("✗ ")).unwrap();
        mark.1.to_owned()
    };
    for (pattern, expected) in [
        (
            read().outcome(Outcome::Ok),
            "expected outcome ok, got error NotFound: no such file",
        ),
        (
            search().outcome(Outcome::Cancelled),
            "expected outcome cancelled, got ok",
        ),
        (search().attr("app.hits", 4), "expected app.hits = 4, got 3"),
        // The type counts.
        (
            search().attr("app.hits", "3"),
            "expected app.hits = \"3\", got 3",
        ),
        (
            search().attr("app.hit", 3),
            "expected app.hit = 3, which is not set; there is app.hits",
        ),
        (
            search().has_attr("error.type"),
            "expected error.type, which is not set",
        ),
        (
            search().without_attr("app.hits"),
            "expected no app.hits, got 3",
        ),
        (
            search().attr_where("app.hits", |hits| hits.as_int() > Some(9)),
            "expected another value of app.hits, got 3",
        ),
        (
            search().attr_where("app.misses", |_| true),
            "expected another value of app.misses, which is not set",
        ),
        (
            search().satisfies("to take a second", |_| false),
            "expected to take a second",
        ),
        (
            search().overlapping(),
            "expected to run while a sibling does, got none that did",
        ),
    ] {
        assert_eq!(complaint(pattern), expected);
    }
}

#[test]
fn siblings_overlap_or_do_not() {
    let captured = parallel();
    captured.assert_exactly(2, called("execute_tool *").overlapping());
    captured.assert_never(called("chat *").overlapping());
    captured.assert_tree(called("turn").children([
        called("chat *"),
        called("execute_tool search").overlapping(),
        called("execute_tool list_files").overlapping(),
        called("chat *"),
    ]));
}

#[test]
fn an_open_span_has_no_outcome() {
    let (_guard, captured) = capture(|| span("open").enter());
    captured.assert_tree("open");
    assert_eq!(
        differs(&captured, called("open").outcome(Outcome::Ok)),
        "\
the spans differ from what was expected in one place

  open [open]
    ✗ expected outcome ok, got a span that is still open
"
    );
}

#[test]
fn what_a_span_says_does_not_break_the_drawing() {
    let ((), captured) = capture(|| {
        span("red \u{1b}[31m").attr("app.text", &"a\nb").run(|| {});
    });
    assert_eq!(
        captured.outline_with(["app.text"]),
        "red \\u{1b}[31m app.text=\"a\\nb\"\n"
    );
    assert!(differs(&captured, "\n").contains("✗ expected \\n\n"));
}
