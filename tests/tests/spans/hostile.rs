//! What a hostile program does to itself, it does not do to its trace.

use std::error::Error;
use std::fmt;
use std::panic::catch_unwind;

use genai_trace::{
    AttributeValue, Operation, Status, ValueWriter, current, genai_agent, genai_tool, record, span,
};
use genai_trace_tests::{block_on, recorded, recorded_unchecked, yield_once};

/// Panics without the noise of the panic hook.
fn panic_quietly() -> ! {
    std::panic::resume_unwind(Box::new("out of cheese"))
}

#[test]
fn a_handle_may_be_used_while_it_is_used() {
    struct Nosy(genai_trace::SpanRef);
    impl AttributeValue for Nosy {
        fn write(&self, writer: &mut ValueWriter<'_>) {
            self.0.set("app.nosy", &1);
            writer.int(2);
        }
    }
    let recorded = recorded(|| {
        span("outer").run(|| {
            let (here, there) = (current(), current());
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    here.event("retry", |event| {
                        event.set("n", &1);
                        there.set("app.inner", &true);
                    });
                    here.set("app.value", &Nosy(there.clone()));
                });
            });
            here.set("app.own", &Nosy(there.clone()));
        });
    });
    let outer = recorded.span("outer");
    for (key, value) in [("app.nosy", 1), ("app.value", 2), ("app.own", 2)] {
        assert_eq!(outer.attributes.int(key), Some(value), "{key}");
    }
    assert_eq!(outer.events.len(), 1);
}

#[test]
fn agents_may_hand_over_to_agents_without_end() {
    #[genai_agent(name = "relay", parent = from)]
    fn relay(from: Option<genai_trace::SpanContext>) -> Option<genai_trace::SpanContext> {
        current().context()
    }
    let recorded = recorded(|| {
        let mut context = None;
        for _ in 0..100_000 {
            context = relay(context);
        }
    });
    assert_eq!(recorded.spans.len(), 100_000);
}

#[test]
fn a_future_whose_drop_panics_ends_its_span_and_leaves_the_thread_clean() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic_quietly();
        }
    }
    #[genai_tool("bomb")]
    async fn bomb() {
        let _bomb = Bomb;
        std::future::pending::<()>().await;
    }
    let recorded = recorded(|| {
        let mut future = Box::pin(bomb());
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(std::future::Future::poll(future.as_mut(), &mut cx).is_pending());
        assert!(catch_unwind(std::panic::AssertUnwindSafe(|| drop(future))).is_err());
        assert_eq!(current().span_id(), None);
        span("after").run(|| {});
    });
    assert_eq!(recorded.span("after").parent_span_id, None);
    let bomb = recorded.span("execute_tool bomb");
    assert_eq!(
        (bomb.status, bomb.attributes.str("genai_trace.outcome")),
        (Status::Error, Some("panicked"))
    );
}

#[test]
fn a_panic_while_a_fact_is_computed_loses_only_that_fact() {
    #[genai_tool(name = name)]
    fn tool(name: &str) {
        record!(app.before = 1);
        record!(app.lost = if name.is_empty() { 1 } else { panic_quietly() });
    }
    let recorded = recorded(|| {
        let _ = catch_unwind(|| tool("search"));
        let _ = catch_unwind(|| {
            span("by hand").run(|| current().event("e", |_| panic_quietly()));
        });
    });
    let tool = recorded.span("execute_tool search");
    assert_eq!(tool.attributes.int("app.before"), Some(1));
    assert_eq!(tool.attributes.str("error.type"), Some("panic"));
    let by_hand = recorded.span("by hand");
    assert_eq!(
        by_hand
            .events
            .iter()
            .map(|event| event.name.as_str())
            .collect::<Vec<_>>(),
        ["exception"]
    );
}

#[test]
fn whoever_fills_up_a_span_still_learns_its_name_and_its_error() {
    #[genai_tool(name = name)]
    fn full(name: &str) -> Result<(), std::io::Error> {
        for number in 0..200 {
            current().set(&format!("app.{number}"), &number);
            current().event("noise", |_| {});
        }
        for number in 0..5 {
            current().set(&format!("app.{number}"), &"x".repeat(300_000));
        }
        Err(std::io::ErrorKind::TimedOut.into())
    }
    let recorded = recorded(|| {
        let _ = full("search");
        let mut builder = span("filled").operation(Operation::Tool);
        for number in 0..200 {
            builder = builder.attr(&format!("app.{number}"), &number);
        }
        builder.run(|| {});
    });
    let span = recorded.span("execute_tool search");
    assert_eq!(span.attributes.str("error.type"), Some("TimedOut"));
    assert_eq!(
        span.events.last().map(|event| event.name.as_str()),
        Some("exception")
    );
    let dropped = span.dropped.unwrap();
    assert_eq!(
        (dropped.attributes, dropped.events, dropped.truncated),
        (76, 72, 4),
        "the operation's name and the tool's type count as well"
    );
    recorded.span("execute_tool filled");
}

#[test]
fn what_is_said_last_stands_wherever_it_was_said() {
    let recorded = recorded(|| {
        block_on(span("job").wrap(async {
            let handle = current();
            let there = handle.clone();
            std::thread::spawn(move || there.set("progress", "half"))
                .join()
                .unwrap();
            yield_once().await;
            record!(progress = "done");
            std::thread::spawn(move || handle.set("app.last", "there"))
                .join()
                .unwrap();
        }));
    });
    let job = recorded.span("job");
    assert_eq!(job.attributes.str("progress"), Some("done"));
    assert_eq!(job.attributes.str("app.last"), Some("there"));
}

#[test]
fn no_key_stands_twice() {
    #[genai_tool("t", fields("gen_ai.agent.name" = "own"))]
    fn tool() {
        record!(
            unchecked gen_ai.operation.name = "other",
            genai_trace.outcome = "mine"
        );
        current().event("e", |event| {
            event.set("a", &1).set("a", &2);
        });
        panic_quietly();
    }
    #[genai_agent("coder")]
    fn agent() {
        let _ = catch_unwind(tool);
    }
    let recorded = recorded_unchecked(agent);
    let tool = recorded.span("execute_tool t");
    let line = serde_json::to_string(&tool.attributes).unwrap();
    for key in [
        "gen_ai.agent.name",
        "gen_ai.operation.name",
        "genai_trace.outcome",
    ] {
        assert_eq!(line.matches(key).count(), 1, "{line}");
    }
    assert_eq!(
        serde_json::to_string(&tool.events[0].attributes).unwrap(),
        r#"{"a":2}"#
    );
    assert_eq!(tool.attributes.str("gen_ai.agent.name"), Some("own"));
    assert_eq!(tool.attributes.str("genai_trace.outcome"), Some("panicked"));
}

#[test]
fn an_error_that_cannot_be_shown_is_returned_all_the_same() {
    #[derive(Debug)]
    struct Mute;
    impl fmt::Display for Mute {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }
    impl Error for Mute {}
    #[genai_tool("mute")]
    fn mute() -> Result<(), Mute> {
        Err(Mute)
    }
    let recorded = recorded(|| assert!(mute().is_err()));
    assert_eq!(
        recorded
            .span("execute_tool mute")
            .attributes
            .str("error.type"),
        Some("Mute")
    );
}

#[test]
fn a_kind_of_error_stands_on_failed_spans_only() {
    let recorded = recorded(|| {
        span("named").run(|| record!(error.type = "timeout"));
        drop(Box::pin(span("dropped").wrap(async {})));
        let mut waits = Box::pin(span("cancelled").wrap(async {
            record!(error.type = "timeout");
            std::future::pending::<()>().await;
        }));
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(std::future::Future::poll(waits.as_mut(), &mut cx).is_pending());
    });
    assert_eq!(recorded.span("named").status, Status::Error);
    let cancelled = recorded.span("cancelled");
    assert_eq!(
        (cancelled.status, cancelled.attributes.get("error.type")),
        (Status::Unset, None)
    );
}

#[test]
fn a_name_too_long_for_a_label_is_whole_on_the_spans() {
    let name = "agent ".repeat(100);
    #[genai_tool("t")]
    fn tool() {}
    #[genai_agent(name = name)]
    fn agent(name: &str) {
        tool();
    }
    let recorded = recorded(|| agent(&name));
    assert_eq!(
        recorded
            .span("execute_tool t")
            .attributes
            .str("gen_ai.agent.name"),
        Some(name.as_str())
    );
}

#[test]
fn floats_read_back_as_they_were() {
    let mut state = 88_172_645_463_325_252_u64;
    let mut numbers = Vec::new();
    for _ in 0..100_000 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        numbers.push(f64::from_bits(state));
        numbers.push((state >> 11) as f64 / (1_u64 << 53) as f64);
    }
    numbers.retain(|number| number.is_finite());
    for chunk in numbers.chunks(1000) {
        let line = serde_json::to_string(&genai_trace::Value::FloatArray(chunk.to_vec())).unwrap();
        let back: genai_trace::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(back, genai_trace::Value::FloatArray(chunk.to_vec()));
    }
}
