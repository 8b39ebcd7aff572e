//! Captures for tests: each sees its own spans, and all of them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::task::{Context, Waker};
use std::time::Duration;

use genai_trace::testing::{Capture, Captured, called, capture, capture_async};
use genai_trace::{
    Outcome, SpanContext, current, genai_agent, genai_chat, genai_span, genai_tool, record, span,
};
use genai_trace_tests::{block_on, recorded, yield_once};

#[genai_tool("read_file")]
fn read_file(path: &str) -> std::io::Result<String> {
    record!(app.path = path);
    std::fs::read_to_string(path)
}

#[genai_chat(provider = "openai", model = "gpt-4o")]
fn chat(tokens: i64) {
    record!(gen_ai.usage.input_tokens = tokens);
}

#[genai_agent("coder")]
fn coder(questions: i64) {
    for question in 0..questions {
        chat(question);
    }
    let _ = read_file("no/such/file");
}

#[test]
fn what_ran_is_there_with_its_value_and_nothing_is_installed() {
    let (value, captured) = capture(|| {
        coder(1);
        7
    });
    assert_eq!(value, 7);
    assert_eq!(
        captured.outline_with(["gen_ai.agent.name", "app.path"]),
        "\
invoke_agent coder gen_ai.agent.name=\"coder\"
  chat gpt-4o
  execute_tool read_file [error NotFound] gen_ai.agent.name=\"coder\" app.path=\"no/such/file\"
"
    );
}

#[test]
fn captures_on_eight_threads_do_not_see_each_other_nor_anything_else() {
    let start = &Barrier::new(9);
    std::thread::scope(|scope| {
        let run = move |thread: i64| {
            start.wait();
            for round in 0..100 {
                let (name, questions) = (format!("agent {thread} {round}"), round % 5);
                let ((), captured) = capture(|| {
                    let outer = span(name.clone()).enter();
                    coder(questions);
                    drop(outer);
                    span("last").run(|| {});
                });
                let chats = "    chat gpt-4o\n".repeat(usize::try_from(questions).unwrap());
                let tool = "    execute_tool read_file [error NotFound]\n";
                assert_eq!(
                    captured.outline(),
                    format!("{name}\n  invoke_agent coder\n{chats}{tool}last\n")
                );
            }
        };
        let runs: Vec<_> = (0..8)
            .map(|thread| scope.spawn(move || run(thread)))
            .collect();
        // Telemetry comes and goes meanwhile, and this thread records for it.
        start.wait();
        while !runs.iter().all(|run| run.is_finished()) {
            let seen = recorded(|| span("elsewhere").run(|| span("below").run(|| {})));
            assert_eq!(seen.outline(), "elsewhere\n.below");
        }
    });
}

#[test]
fn an_async_capture_follows_its_future_and_the_tasks_that_carry_its_span() {
    #[genai_tool(name = name, parent = &parent)]
    async fn tool(name: String, parent: Option<SpanContext>) {
        tokio::task::yield_now().await;
        span("step")
            .wrap(tokio::time::sleep(Duration::from_millis(1)))
            .await;
    }
    #[genai_agent("coder")]
    async fn agent(tools: usize) {
        let tools: Vec<_> = (0..tools)
            .map(|number| tokio::spawn(tool(number.to_string(), current().context())))
            .collect();
        for tool in tools {
            tool.await.unwrap();
        }
        tokio::task::yield_now().await;
        span("after").run(|| {});
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let runs: Vec<_> = (0..16)
            .map(|tools| tokio::spawn(capture_async(agent(tools))))
            .collect();
        for (tools, run) in runs.into_iter().enumerate() {
            let ((), captured) = run.await.unwrap();
            captured.assert_exactly(tools, called("execute_tool *").children(["step"]));
            captured.assert_exactly(1, "after");
            assert_eq!(captured.spans().len(), 2 * tools + 2);
            assert_eq!(ids(&captured).len(), 2 * tools + 2);
        }
    });
}

fn ids(captured: &Captured) -> std::collections::HashSet<String> {
    let spans = captured.spans().into_iter();
    spans.map(|span| span.span_id.to_string()).collect()
}

#[test]
fn two_captured_futures_on_one_thread_keep_apart() {
    async fn run(name: &'static str) {
        for _ in 0..3 {
            span(name).wrap(yield_once()).await;
        }
    }
    let mut left = Box::pin(capture_async(run("left")));
    let mut right = Box::pin(capture_async(run("right")));
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..3 {
        assert!(left.as_mut().poll(&mut cx).is_pending());
        assert!(right.as_mut().poll(&mut cx).is_pending());
    }
    for (future, name) in [(left, "left\n"), (right, "right\n")] {
        let ((), captured) = block_on(future);
        assert_eq!(captured.outline(), name.repeat(3));
    }
}

#[test]
fn other_threads_are_captured_below_a_span_and_not_without_one() {
    let mut captured = None;
    let recorded = recorded(|| {
        let ((), taken) = capture(|| {
            span("here").run(|| {
                let here = current();
                std::thread::scope(|scope| {
                    scope.spawn(|| {
                        here.set("app.from", "there");
                        span("not carried").run(|| {});
                        let context = here.context();
                        span("there").parent(&context).run(|| {
                            span("root").root().run(|| span("leaf").run(|| {}));
                            span("remote").parent(&remote()).run(|| {});
                        });
                    });
                });
            });
        });
        captured = Some(taken);
    });
    let captured = captured.unwrap();
    assert_eq!(
        captured.outline_with(["app.from"]),
        "here app.from=\"there\"\n  there\nroot\n  leaf\nremote\n"
    );
    assert_eq!(recorded.outline(), "not carried");
    let remote_span = captured.spans().pop().unwrap();
    assert_eq!(remote_span.trace_id, remote().trace_id());
}

fn remote() -> SpanContext {
    SpanContext::new(
        "4bf92f3577b34da6a3ce929d0e0e4736".parse().unwrap(),
        "00f067aa0ba902b7".parse().unwrap(),
    )
}

#[test]
fn a_capture_in_a_capture_keeps_its_spans_to_itself() {
    let (inner, outer) = capture(|| {
        span("outer").run(|| {
            let ((), inner) = capture(|| {
                record!(app.lost = true);
                assert_eq!(current().span_id(), None);
                span("inner").run(|| {});
            });
            span("after").run(|| record!(app.kept = true));
            inner
        })
    });
    assert_eq!(inner.outline(), "inner\n");
    assert_eq!(
        outer.outline_with(["app.lost", "app.kept"]),
        "outer\n  after app.kept=true\n"
    );
}

#[test]
fn telemetry_of_the_process_goes_on_beside_a_capture_and_sees_nothing_of_it() {
    let recorded = recorded(|| {
        span("around").run(|| {
            let ((), captured) = capture(|| {
                record!(app.lost = true);
                coder(1);
            });
            captured.assert_exactly(1, "invoke_agent coder");
            span("after").run(|| {});
        });
    });
    assert_eq!(recorded.outline(), "around\n.after");
    assert_eq!(recorded.span("around").attributes.len(), 0);
    let tools = recorded.metric(r#"tools_called_total{tool="read_file"}"#);
    assert_eq!(tools, None);
}

#[test]
fn telemetry_that_comes_and_goes_inside_leaves_the_tree_whole() {
    let (recorded, captured) = capture(|| {
        let outer = span("outer").enter();
        let recorded = recorded(|| span("during").run(|| span("below").run(|| {})));
        span("after").run(|| {});
        drop(outer);
        recorded
    });
    assert_eq!(captured.outline(), "outer\n  during\n    below\n  after\n");
    assert!(recorded.spans.is_empty());
}

#[test]
fn a_panic_goes_on_and_nothing_of_it_is_in_the_next_capture() {
    for _ in 0..2 {
        let payload = catch_unwind(AssertUnwindSafe(|| {
            capture(|| {
                let _open = span("open").enter();
                span("panics").run(|| std::panic::resume_unwind(Box::new("out of cheese")));
            })
        }))
        .unwrap_err();
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"out of cheese"));
        assert_eq!(current().span_id(), None);
        let ((), captured) = capture(|| span("next").run(|| {}));
        assert_eq!(captured.outline(), "next\n");
        assert!(captured.jsonl().contains(r#""span_id":"0000000000000001""#));
    }
}

#[test]
fn a_panic_that_is_caught_inside_is_an_outcome() {
    #[genai_tool("explode")]
    fn explode() {
        std::panic::resume_unwind(Box::new("out of cheese"));
    }
    let ((), captured) = capture(|| {
        catch_unwind(explode).unwrap_err();
    });
    captured.assert_tree(called("execute_tool explode").outcome(Outcome::Panicked));
    assert_eq!(captured.outline(), "execute_tool explode [panicked]\n");
}

#[test]
fn spans_that_are_still_open_are_shown_and_what_they_do_later_is_not() {
    let (mut future, captured) = capture(|| {
        let mut future = Box::pin(span("waiting").attr("app.n", &1).wrap(async {
            yield_once().await;
            span("late").run(|| {});
        }));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(future.as_mut().poll(&mut cx).is_pending());
        future
    });
    let mut cx = Context::from_waker(Waker::noop());
    assert!(future.as_mut().poll(&mut cx).is_ready());
    assert_eq!(captured.outline_with(["app.n"]), "waiting [open] app.n=1\n");
    assert!(captured.spans().is_empty());
}

#[test]
fn a_capture_that_is_dropped_halfway_leaves_the_thread_as_it_was() {
    struct OnDrop;
    impl Drop for OnDrop {
        fn drop(&mut self) {
            span("cleanup").run(|| {});
        }
    }
    #[genai_span("halfway")]
    async fn halfway() {
        std::future::pending::<()>().await;
    }
    // What it begins while it is dropped is still of the capture.
    let recorded = recorded(|| {
        let mut future = Box::pin(capture_async(async {
            let _on_drop = OnDrop;
            halfway().await;
        }));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(future.as_mut().poll(&mut cx).is_pending());
        drop(future);
        span("after").run(|| {});
    });
    assert_eq!(recorded.outline(), "after");
    let mut future = Box::pin(capture_async(halfway()));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(future.as_mut().poll(&mut cx).is_pending());
    let ((), captured) = capture(|| {
        drop(future);
        span("mine").run(|| {});
    });
    assert_eq!(captured.outline(), "mine\n");
}

#[test]
fn spans_that_ran_at_the_same_time_overlap_whatever_the_clock_says() {
    let standing = Capture::new().clock_step(Duration::ZERO);
    let ((), captured) = standing.run(|| {
        let first = span("first").enter();
        span("second").root().run(|| {});
        drop(first);
        span("third").run(|| {});
    });
    captured.assert_tree([
        called("first").overlapping(),
        called("second").overlapping(),
        called("third"),
    ]);
    captured.assert_never(called("third").overlapping());
}

#[test]
fn work_that_carries_its_span_carries_its_capture() {
    #[genai_agent("coder")]
    async fn coder() {
        record!(app.where = "here");
        let task = genai_trace::task::spawn(async {
            record!(app.task = true);
            span("in a task").wrap(tokio::task::yield_now()).await;
        });
        task.await.unwrap();
        let thread = genai_trace::thread::spawn(|| {
            current().event("seen", |_| {});
            span("on a thread").run(|| assert!(current().is_recording()));
        });
        thread.join().unwrap();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let run = || runtime.block_on(capture_async(coder())).1;
    let captured = run();
    assert_eq!(
        captured.outline_with(["app.task"]),
        "invoke_agent coder app.task=true\n  in a task\n  on a thread\n"
    );
    assert_eq!(captured.jsonl(), run().jsonl());
}
