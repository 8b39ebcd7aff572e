//! What a thread does at its very end, when its own storage is gone or going, is recorded as anything
//! else; and the gauges of open spans go back to zero.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Barrier};
use std::task::{Context, Waker};
use std::thread;

use genai_trace::testing::capture;
use genai_trace::{
    Entered, OpenSpan, Operation, SpanContext, SpanRef, current, genai_agent, genai_tool, record,
    span,
};
use genai_trace_tests::{Recorded, recorded};

/// Runs when its thread-local is destroyed.
struct AtEnd(Option<Box<dyn FnOnce()>>);

impl Drop for AtEnd {
    fn drop(&mut self) {
        if let Some(work) = self.0.take() {
            work();
        }
    }
}

thread_local! {
    static LAST: RefCell<AtEnd> = const { RefCell::new(AtEnd(None)) };
}

/// On a thread of its own, runs `work`, and what it returns after the thread's storage of spans is
/// gone: destructors run in the opposite order of what a thread used first.
fn on_a_thread<F: FnOnce() + 'static>(work: impl FnOnce() -> F + Send) {
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            LAST.with(|_| {});
            let at_end = work();
            LAST.with(|last| last.borrow_mut().0 = Some(Box::new(at_end)));
        });
        // The scope itself does not wait for destructors of thread-locals.
        thread.join().unwrap();
    });
}

/// The thread uses its storage of spans, so that it is destroyed before `LAST` is.
fn first_span() {
    span("first").run(|| {});
}

fn open_spans(recorded: &Recorded) -> Vec<&str> {
    let lines = recorded.metrics.lines();
    let open = lines.filter(|line| {
        line.starts_with("genai_trace_open_spans{") || line.starts_with("llm_agent_active")
    });
    open.filter(|line| !line.ends_with(" 0")).collect()
}

#[genai_tool("read_file")]
fn read_file(number: u64) -> u64 {
    record!(app.number = number);
    span("inner").run(|| number)
}

#[test]
fn a_call_from_a_destructor_of_a_thread_local_is_recorded_whole() {
    let recorded = recorded(|| {
        on_a_thread(|| {
            first_span();
            || {
                assert_eq!(read_file(7), 7);
            }
        });
    });
    let tool = recorded.span("execute_tool read_file");
    assert_eq!(tool.attributes.int("app.number"), Some(7));
    assert_eq!(tool.parent_span_id, None);
    assert_eq!(
        recorded.span("inner").parent_span_id,
        Some(tool.span_id),
        "it has its place in the tree"
    );
    assert_eq!(
        recorded.metric("tools_called_total{tool=\"read_file\"}"),
        Some(1.0)
    );
    assert_eq!(open_spans(&recorded), [""; 0]);
    assert_eq!(
        recorded.metric("genai_trace_spans_dropped_total{reason=\"no_thread\"}"),
        Some(0.0)
    );
}

#[test]
fn a_future_that_is_dropped_there_is_cancelled() {
    #[genai_tool("wait")]
    async fn wait() {
        std::future::pending::<()>().await;
    }
    let recorded = recorded(|| {
        on_a_thread(|| {
            let mut future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(wait());
            let mut cx = Context::from_waker(Waker::noop());
            assert!(future.as_mut().poll(&mut cx).is_pending());
            || drop(future)
        });
    });
    let wait = recorded.span("execute_tool wait");
    assert_eq!(
        wait.attributes.str("genai_trace.outcome"),
        Some("cancelled")
    );
    assert_eq!(
        recorded.metric("tools_called_total{tool=\"wait\"}"),
        Some(1.0)
    );
    assert_eq!(open_spans(&recorded), [""; 0]);
}

#[test]
fn threads_that_end_at_the_same_time_do_not_meet() {
    #[genai_tool("outer")]
    fn outer(body: impl FnOnce()) {
        body();
    }
    #[genai_tool("inner")]
    fn inner(body: impl FnOnce()) {
        body();
    }
    let recorded = recorded(|| {
        let (begun, done) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let at_end = |work: Box<dyn FnOnce() + Send>| {
            thread::spawn(move || {
                LAST.with(|_| {});
                first_span();
                LAST.with(|last| last.borrow_mut().0 = Some(work));
            })
        };
        let first = at_end(Box::new({
            let (begun, done) = (Arc::clone(&begun), Arc::clone(&done));
            move || {
                outer(|| {
                    inner(|| {
                        begun.wait();
                        done.wait();
                        inner(|| ());
                    });
                });
            }
        }));
        let second = at_end(Box::new(move || {
            begun.wait();
            outer(|| inner(|| drop(current())));
            done.wait();
        }));
        first.join().unwrap();
        second.join().unwrap();
    });
    let roots = recorded
        .spans
        .iter()
        .filter(|span| span.name == "execute_tool outer");
    let mut sizes: Vec<_> = roots
        .map(|root| {
            assert_eq!(root.parent_span_id, None);
            let of_root = recorded
                .spans
                .iter()
                .filter(|span| span.trace_id == root.trace_id);
            of_root.count()
        })
        .collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [2, 3]);
    assert_eq!(
        recorded.metric("tools_called_total{tool=\"inner\"}"),
        Some(3.0)
    );
    assert_eq!(open_spans(&recorded), [""; 0]);
}

#[test]
fn an_open_span_ends_there() {
    let recorded = recorded(|| {
        on_a_thread(|| {
            let mut job: OpenSpan = span("job").operation(Operation::Tool).start();
            move || {
                job.set("app.late", &true);
                job.run(|| span("child").run(|| {}));
                job.end();
            }
        });
    });
    let job = recorded.span("execute_tool job");
    assert!(job.attributes.get("app.late").is_some());
    assert_eq!(recorded.span("child").parent_span_id, Some(job.span_id));
    assert_eq!(open_spans(&recorded), [""; 0]);
}

#[test]
fn a_handle_is_used_there_and_no_current_span_is_no_panic() {
    let recorded = recorded(|| {
        span("outer").run(|| {
            let outer: SpanRef = current();
            on_a_thread(|| {
                first_span();
                move || {
                    current().set("app.nobody", &1);
                    record!(app.nobody = 2);
                    assert_eq!(current().span_id(), None);
                    outer.set("app.late", &1);
                    outer.run(|| {
                        record!(app.inside = 1);
                        span("child").run(|| {});
                    });
                    assert_eq!(current().span_id(), None);
                }
            });
        });
    });
    let outer = recorded.span("outer");
    assert_eq!(outer.attributes.int("app.late"), Some(1));
    assert_eq!(outer.attributes.int("app.inside"), Some(1));
    assert_eq!(recorded.span("child").parent_span_id, Some(outer.span_id));
}

#[test]
fn threads_at_their_end_do_not_meet_in_each_others_spans() {
    const THREADS: usize = 8;
    let recorded = recorded(|| {
        let barrier = Arc::new(Barrier::new(THREADS));
        let threads: Vec<_> = (0..THREADS)
            .map(|number| {
                let barrier = Arc::clone(&barrier);
                thread::spawn(move || {
                    on_a_thread(move || {
                        first_span();
                        move || {
                            span(format!("outer {number}")).run(|| {
                                // All are in a span at once.
                                barrier.wait();
                                span(format!("inner {number}")).run(|| {});
                                barrier.wait();
                            });
                        }
                    });
                })
            })
            .collect();
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
    });
    for number in 0..THREADS {
        let outer = recorded.span(&format!("outer {number}"));
        let inner = recorded.span(&format!("inner {number}"));
        assert_eq!(outer.parent_span_id, None);
        assert_eq!(inner.parent_span_id, Some(outer.span_id));
    }
    assert_eq!(open_spans(&recorded), [""; 0]);
}

#[test]
fn a_capture_in_a_destructor_is_that_threads_own() {
    let recorded = recorded(|| {
        on_a_thread(|| {
            first_span();
            || {
                let ((), captured) = capture(|| span("captured").run(|| {}));
                assert_eq!(captured.spans().len(), 1);
                span("recorded").run(|| {});
            }
        });
    });
    assert_eq!(recorded.span("recorded").parent_span_id, None);
    assert!(recorded.spans.iter().all(|span| span.name != "captured"));
}

#[test]
fn a_guard_that_is_forgotten_ends_with_its_thread() {
    #[genai_agent("coder")]
    fn coder() {
        std::mem::forget(span("search").operation(Operation::Tool).enter());
        std::mem::forget(span("deeper").enter());
    }
    let recorded = recorded(|| {
        thread::spawn(|| {
            std::mem::forget(span("lost").operation(Operation::Agent).enter());
            coder();
            // The stack is not spoilt for what follows.
            span("after").run(|| {});
        })
        .join()
        .unwrap();
    });
    for name in ["invoke_agent lost", "execute_tool search", "deeper"] {
        let span = recorded.span(name);
        let outcome = span.attributes.str("genai_trace.outcome");
        assert_eq!(outcome, Some("abandoned"), "{name}");
    }
    let [lost, deeper] = ["invoke_agent lost", "deeper"].map(|name| recorded.span(name));
    assert!(deeper.end_unix_nano <= lost.end_unix_nano);
    assert_eq!(
        recorded.span("after").parent_span_id,
        Some(deeper.span_id),
        "nobody has left the span"
    );
    assert_eq!(
        recorded.metric("tools_called_total{tool=\"search\"}"),
        Some(1.0)
    );
    assert_eq!(open_spans(&recorded), [""; 0]);
}

#[test]
fn a_guard_in_a_thread_local_ends_its_span_once() {
    thread_local! {
        static BEFORE: RefCell<Option<Entered>> = const { RefCell::new(None) };
        static AFTER: RefCell<Option<Entered>> = const { RefCell::new(None) };
    }
    let recorded = recorded(|| {
        thread::spawn(|| {
            // This one is dropped after the thread's storage, the other before.
            BEFORE.with(|_| {});
            let before = span("before").enter();
            AFTER.set(Some(span("after").enter()));
            BEFORE.set(Some(before));
        })
        .join()
        .unwrap();
    });
    assert_eq!(
        recorded.span("after").attributes.get("genai_trace.outcome"),
        None
    );
    assert_eq!(
        recorded
            .span("before")
            .attributes
            .str("genai_trace.outcome"),
        Some("abandoned")
    );
    assert_eq!(open_spans(&recorded), [""; 0]);
}

#[test]
fn guards_may_be_dropped_oldest_first_by_the_hundred_thousand() {
    const GUARDS: usize = 100_000;
    let recorded = recorded(|| {
        let mut guards: Vec<Entered> = (0..GUARDS).map(|_| span("held").enter()).collect();
        let top = current().span_id();
        // From the oldest on, but for the innermost, which stays the current one.
        let last = guards.pop();
        drop(guards);
        assert_eq!(current().span_id(), top);
        drop(last);
        assert_eq!(current().span_id(), None);
    });
    assert_eq!(recorded.spans.len(), GUARDS);
    assert_eq!(open_spans(&recorded), [""; 0]);
}

#[test]
fn guards_that_hand_over_for_ever_find_their_spans() {
    let recorded = recorded(|| {
        let root = span("root").enter();
        let mut held = span("0").enter();
        for number in 1..10_000 {
            let next = span(number.to_string()).enter();
            drop(held);
            next_is_current(&next.context());
            held = next;
        }
        drop(held);
        next_is_current(&root.context());
    });
    assert_eq!(recorded.spans.len(), 10_001);
    let parents = recorded
        .spans
        .iter()
        .filter(|span| span.name != "root" && span.name != "0" && span.parent_span_id.is_none());
    assert_eq!(parents.count(), 0);
}

fn next_is_current(context: &Option<SpanContext>) {
    let context = context.as_ref().expect("the span is open");
    assert_eq!(current().span_id(), Some(context.span_id()));
    current().set("app.was", "current");
}

#[test]
fn a_guard_that_is_dropped_while_its_span_is_written_to_leaves_a_whole_span() {
    let recorded = recorded(|| {
        let mut guard = Some(
            span("search")
                .operation(Operation::Tool)
                .attr("app.before", &1)
                .enter(),
        );
        record!(
            app.during = {
                drop(guard.take());
                // Outside the span by now.
                assert_eq!(current().span_id(), None);
                2
            },
            app.rest = 3
        );
        let mut guard = Some(span("nested").operation(Operation::Agent).enter());
        record!(
            app.outer = {
                record!(
                    app.inner = {
                        drop(guard.take());
                        1
                    }
                );
                2
            }
        );
        let mut guard = Some(span("panics").enter());
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            record!(
                app.lost = {
                    drop(guard.take());
                    if guard.is_none() {
                        std::panic::resume_unwind(Box::new("out of cheese"));
                    }
                    1
                }
            );
        }));
        assert!(caught.is_err());
    });
    let search = recorded.span("execute_tool search");
    assert_eq!(search.attributes.str("gen_ai.tool.name"), Some("search"));
    for (key, value) in [("app.before", 1), ("app.during", 2), ("app.rest", 3)] {
        assert_eq!(search.attributes.int(key), Some(value), "{key}");
    }
    let nested = recorded.span("invoke_agent nested");
    for (key, value) in [("app.inner", 1), ("app.outer", 2)] {
        assert_eq!(nested.attributes.int(key), Some(value), "{key}");
    }
    recorded.span("panics");
    assert_eq!(
        recorded.metric("tools_called_total{tool=\"search\"}"),
        Some(1.0)
    );
    assert_eq!(open_spans(&recorded), [""; 0]);
}
