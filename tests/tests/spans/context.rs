//! Which span is whose child: on one thread, on several, across awaits, with guards out of order.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use genai_trace::{current, genai_agent, genai_span, genai_tool, record, span};
use genai_trace_tests::{block_on, recorded, yield_once};

#[test]
fn parallel_calls_on_threads_are_siblings_of_one_parent() {
    #[genai_tool("work")]
    fn work() {}
    #[genai_tool("parallel", parent = parent)]
    fn parallel(parent: &genai_trace::SpanContext) {
        work();
    }
    #[genai_agent("coder")]
    fn agent() {
        let here = current().context().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| parallel(&here));
            }
        });
    }
    let recorded = recorded(agent);
    let agent = recorded.span("invoke_agent coder");
    let siblings: Vec<_> = recorded
        .spans
        .iter()
        .filter(|span| span.name == "execute_tool parallel")
        .collect();
    assert_eq!(siblings.len(), 4);
    for sibling in siblings {
        assert_eq!(
            (sibling.trace_id, sibling.parent_span_id),
            (agent.trace_id, Some(agent.span_id))
        );
        assert_eq!(sibling.attributes.str("gen_ai.agent.name"), Some("coder"));
    }
    // The agent's own calls are counted wherever they ran: four, and four below them.
    assert_eq!(
        recorded.metric(r#"gen_ai_invoke_agent_tool_calls_sum{gen_ai_agent_name="coder"}"#),
        Some(8.0)
    );
}

/// Polls both until both are ready, one poll of each in turn.
async fn join<A: Future, B: Future>(a: A, b: B) {
    let (mut a, mut b) = (Box::pin(a), Box::pin(b));
    let (mut a_ready, mut b_ready) = (false, false);
    std::future::poll_fn(move |cx: &mut Context<'_>| {
        fn step<F: Future>(future: &mut Pin<Box<F>>, ready: &mut bool, cx: &mut Context<'_>) {
            if !*ready {
                *ready = future.as_mut().poll(cx).is_ready();
            }
        }
        step(&mut a, &mut a_ready, cx);
        step(&mut b, &mut b_ready, cx);
        if a_ready && b_ready {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

#[test]
fn interleaved_futures_are_siblings_and_keep_their_own_children() {
    #[genai_tool(name = name)]
    async fn tool(name: &'static str) {
        yield_once().await;
        span(format!("{name} half")).run(|| {});
        yield_once().await;
        record!(app.name = name);
    }
    #[genai_agent("coder")]
    async fn agent() {
        join(tool("a"), tool("b")).await;
        span("after").run(|| {});
    }
    let recorded = recorded(|| block_on(agent()));
    assert_eq!(
        recorded.outline(),
        "invoke_agent coder\n.execute_tool a\n..a half\n.execute_tool b\n..b half\n.after"
    );
    for name in ["a", "b"] {
        let tool = recorded.span(&format!("execute_tool {name}"));
        assert_eq!(tool.attributes.str("app.name"), Some(name));
    }
}

#[test]
fn a_future_that_moves_between_threads_stays_in_its_span() {
    #[genai_span("wanderer")]
    async fn wanderer() {
        for _ in 0..3 {
            yield_once().await;
            span("stop").run(|| {});
        }
    }
    let recorded = recorded(|| {
        let mut future: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(wanderer());
        loop {
            let (back, poll) = std::thread::spawn(move || {
                let poll = future
                    .as_mut()
                    .poll(&mut Context::from_waker(std::task::Waker::noop()));
                assert_eq!(current().span_id(), None);
                (future, poll)
            })
            .join()
            .unwrap();
            future = back;
            if poll.is_ready() {
                break;
            }
        }
    });
    assert_eq!(recorded.outline(), "wanderer\n.stop\n.stop\n.stop");
}

#[test]
fn guards_that_end_out_of_order_keep_their_parents() {
    let recorded = recorded(|| {
        let first = span("first").enter();
        let second = span("second").enter();
        drop(first);
        let third = span("third").enter();
        drop(second);
        drop(third);
        span("alone").run(|| {});
    });
    let parent = |name| recorded.span(name).parent_span_id;
    assert_eq!(parent("first"), None);
    assert_eq!(parent("second"), Some(recorded.span("first").span_id));
    assert_eq!(parent("third"), Some(recorded.span("second").span_id));
    assert_eq!(parent("alone"), None);
}

#[test]
fn a_handle_records_from_another_thread_and_while_its_future_waits() {
    let recorded = recorded(|| {
        span("outer").run(|| {
            let handle = current();
            span("inner").run(|| handle.set("app.from", "inner"));
            std::thread::scope(|scope| {
                let handle = handle.clone();
                scope.spawn(move || {
                    assert!(handle.is_recording());
                    handle.set("app.thread", &true);
                    handle.event("told", |event| {
                        event.set("n", &1);
                    });
                });
            });
        });
        let (sender, handles) = std::sync::mpsc::channel();
        let mut future = Box::pin(span("waiting").wrap(async move {
            sender.send(current()).unwrap();
            yield_once().await;
        }));
        let mut cx = Context::from_waker(std::task::Waker::noop());
        assert!(future.as_mut().poll(&mut cx).is_pending());
        let handle = handles.recv().unwrap();
        assert_eq!(current().span_id(), None);
        handle.set("app.while", "it waits");
        assert!(future.as_mut().poll(&mut cx).is_ready());
        assert!(!handle.is_recording() && handle.trace_id().is_some());
        handle.set("app.late", &true);
    });
    let outer = recorded.span("outer");
    assert_eq!(outer.attributes.str("app.from"), Some("inner"));
    assert_eq!(
        outer
            .attributes
            .get("app.thread")
            .and_then(genai_trace::Value::as_bool),
        Some(true)
    );
    assert_eq!(outer.events[0].name, "told");
    assert_eq!(recorded.span("inner").attributes.len(), 0);
    let waiting = recorded.span("waiting");
    assert_eq!(waiting.attributes.str("app.while"), Some("it waits"));
    assert_eq!(waiting.attributes.len(), 1);
}

#[test]
fn facts_that_are_computed_by_annotated_functions_land_on_the_right_span() {
    #[genai_tool("measure")]
    fn measure() -> i64 {
        record!(app.own = 1);
        7
    }
    let recorded = recorded(|| {
        span("outer").run(|| {
            record!(app.measured = measure(), app.other = measure());
        });
    });
    let outer = recorded.span("outer");
    assert_eq!(outer.attributes.int("app.measured"), Some(7));
    assert_eq!(outer.attributes.get("app.own"), None);
    let tools: Vec<_> = recorded
        .spans
        .iter()
        .filter(|span| span.name == "execute_tool measure")
        .collect();
    assert_eq!(tools.len(), 2);
    assert!(
        tools
            .iter()
            .all(|tool| tool.parent_span_id == Some(outer.span_id))
    );
}

#[test]
fn outside_any_span_nothing_is_recorded_and_nothing_breaks() {
    let recorded = recorded(|| {
        record!(app.lost = 1);
        current().set("app.lost", &1);
        assert!(!current().is_recording());
        assert_eq!(current().context(), None);
    });
    assert!(recorded.spans.is_empty());
}
