//! A span that no thread is in: begun here, ended there.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};

use genai_trace::{Operation, Outcome, SpanRecord, current, record, span};
use genai_trace_tests::{block_on, recorded, recorded_with, yield_once};

fn outcome(span: &SpanRecord) -> &str {
    span.attributes.str("genai_trace.outcome").unwrap_or("ok")
}

#[test]
fn it_begins_on_one_thread_and_ends_on_another() {
    let recorded = recorded_with(|telemetry| {
        let open = |metrics: &str| {
            let series = "genai_trace_open_spans{operation=\"execute_tool\"} ";
            let line = metrics.lines().find_map(|line| line.strip_prefix(series));
            line.map(str::to_owned)
        };
        let mut job = span("index")
            .operation(Operation::Tool)
            .attr("app.size", &3)
            .start();
        assert_eq!(open(&telemetry.metrics_text()).as_deref(), Some("1"));
        let worker = std::thread::spawn(move || {
            job.set("app.thread", "worker");
            job.event("half", |event| {
                event.set("at", &50);
            });
            job.end();
        });
        worker.join().unwrap();
        assert_eq!(open(&telemetry.metrics_text()).as_deref(), Some("0"));
    });
    let job = recorded.span("execute_tool index");
    assert_eq!(outcome(job), "ok");
    assert_eq!(job.attributes.int("app.size"), Some(3));
    assert_eq!(job.attributes.str("app.thread"), Some("worker"));
    assert_eq!(job.events[0].name, "half");
    assert_eq!(
        recorded.metric("tools_called_total{tool=\"index\"}"),
        Some(1.0)
    );
}

#[test]
fn it_is_a_child_of_where_it_began_and_no_parent_of_what_comes_after() {
    let recorded = recorded(|| {
        span("outer").run(|| {
            let first = span("first").start();
            let second = span("second").start();
            assert_eq!(
                current().span_id(),
                current().context().map(|outer| outer.span_id())
            );
            span("third").run(|| {});
            drop(first);
            second.end();
        });
    });
    assert_eq!(recorded.outline(), "outer\n.first\n.second\n.third");
}

#[test]
fn it_is_current_while_it_runs_code() {
    let recorded = recorded(|| {
        let mut job = span("job").start();
        let context = job.context();
        for _ in 0..2 {
            let answer = job.run(|| {
                assert_eq!(current().context(), context);
                record!(app.inside = true);
                span("child").run(|| 7)
            });
            assert_eq!((answer, current().span_id()), (7, None));
        }
        job.end();
    });
    assert_eq!(recorded.outline(), "job\n.child\n.child");
    let inside = recorded.span("job").attributes.get("app.inside").is_some();
    assert!(inside);
}

#[test]
fn its_handle_runs_code_in_it_on_several_threads_at_once() {
    let recorded = recorded(|| {
        let mut job = span("job").start();
        let handle = job.handle();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| handle.run(|| span("child").run(|| record!(app.at = 1))));
            }
        });
        handle.set("app.order", "handle first");
        job.set("app.order", "owner last");
        job.end();
        handle.set("app.late", &true);
        assert!(!handle.is_recording());
    });
    assert_eq!(recorded.outline(), "job\n.child\n.child\n.child");
    let job = recorded.span("job");
    assert_eq!(job.attributes.str("app.order"), Some("owner last"));
    assert_eq!(job.attributes.len(), 1);
}

#[test]
fn it_ends_with_what_went_wrong() {
    let recorded = recorded(|| {
        let job = span("job").start();
        job.fail(&std::io::Error::from(std::io::ErrorKind::TimedOut));
    });
    let job = recorded.span("job");
    assert_eq!(job.attributes.str("error.type"), Some("TimedOut"));
    assert_eq!(job.status_message, "timed out");
}

#[test]
fn dropped_without_an_end_it_ends_and_says_whether_the_thread_was_unwinding() {
    struct InDrop;
    impl Drop for InDrop {
        fn drop(&mut self) {
            drop(span("while unwinding").start());
        }
    }
    let recorded = recorded(|| {
        drop(span("dropped").start());
        let job = span("unwound").start();
        let caught = catch_unwind(AssertUnwindSafe(|| {
            let _job = job;
            let _in_drop = InDrop;
            panic!("on purpose");
        }));
        assert!(caught.is_err());
    });
    assert_eq!(outcome(recorded.span("dropped")), "ok");
    assert_eq!(outcome(recorded.span("unwound")), "panicked");
    assert_eq!(outcome(recorded.span("while unwinding")), "ok");
}

#[test]
fn a_panic_in_what_it_runs_ends_it_once_and_goes_on() {
    let recorded = recorded(|| {
        let mut job = span("job").start();
        let caught = catch_unwind(AssertUnwindSafe(|| job.run(|| panic!("on purpose"))));
        assert!(caught.is_err());
        assert_eq!((job.context(), current().context()), (None, None));
        job.set("app.late", &true);
        assert_eq!(job.run(|| 3), 3);
        job.fail(&"late");
    });
    let job = recorded.span("job");
    assert_eq!(
        job.attributes.str("genai_trace.outcome"),
        Some(Outcome::Panicked.as_str())
    );
    assert_eq!(job.status_message, "on purpose");
    assert!(job.attributes.get("app.late").is_none());
}

#[test]
fn an_agent_that_is_open_has_its_calls_counted_wherever_they_run() {
    let recorded = recorded(|| {
        let mut agent = span("coder").operation(Operation::Agent).start();
        agent.run(|| span("read").operation(Operation::Tool).run(|| {}));
        let context = agent.context();
        let worker = std::thread::spawn(move || {
            span("write")
                .operation(Operation::Tool)
                .parent(&context)
                .run(|| {});
            agent.end();
        });
        worker.join().unwrap();
    });
    assert_eq!(
        recorded.outline(),
        "invoke_agent coder\n.execute_tool read\n.execute_tool write"
    );
    let calls = r#"gen_ai_invoke_agent_tool_calls_sum{gen_ai_agent_name="coder"}"#;
    assert_eq!(recorded.metric(calls), Some(2.0));
}

#[test]
fn many_that_cross_threads_are_all_counted() {
    let recorded = recorded(|| {
        let (sender, jobs) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                let sender = sender.clone();
                scope.spawn(move || {
                    for _ in 0..500 {
                        sender
                            .send(span("job").operation(Operation::Tool).start())
                            .unwrap();
                    }
                });
            }
            drop(sender);
            for mut job in jobs {
                job.run(|| {});
            }
        });
    });
    assert_eq!(recorded.spans.len(), 1500);
    assert_eq!(
        recorded.metric("tools_called_total{tool=\"job\"}"),
        Some(1500.0)
    );
    let open = recorded.metric("genai_trace_open_spans{operation=\"execute_tool\"}");
    assert_eq!(open, Some(0.0));
}

#[test]
fn it_ends_with_the_future_that_it_is_given() {
    let recorded = recorded(|| {
        let ready = span("ready").start();
        let failed = span("failed").start();
        let dropped = span("dropped").start();
        let work = async {
            yield_once().await;
            span("child").run(|| 3)
        };
        assert_eq!(block_on(ready.wrap(work)), 3);
        let error = block_on(failed.try_wrap(async { Err::<(), _>("no such file") }));
        assert_eq!(error, Err("no such file"));
        let mut future = Box::pin(dropped.wrap(yield_once()));
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(future.as_mut().poll(&mut cx).is_pending());
        assert_eq!(current().context(), None);
    });
    assert_eq!(
        recorded.outline(),
        "ready\n.child\nfailed ERROR str: no such file\ndropped cancelled"
    );
}
