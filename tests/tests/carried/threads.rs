//! Threads of the standard library.

use std::thread;

use genai_trace::{carry, current, genai_agent, genai_tool, record, span};
use genai_trace_tests::recorded;

use super::{assert_children, parents};

#[genai_tool("search")]
fn search(word: &str) -> usize {
    span("inner").run(|| {});
    word.len()
}

#[test]
fn spawned_threads_are_siblings_of_one_parent() {
    #[genai_agent("coder")]
    fn agent() {
        let searches =
            [4, 5, 6].map(|n| genai_trace::thread::spawn(move || search(&"x".repeat(n))));
        let found: Vec<_> = searches
            .into_iter()
            .map(|search| search.join().unwrap())
            .collect();
        assert_eq!(found, [4, 5, 6]);
    }
    let recorded = recorded(agent);
    assert_children(
        &recorded,
        "execute_tool search",
        3,
        recorded.span("invoke_agent coder"),
    );
}

#[test]
fn scoped_threads_borrow_and_are_siblings_of_one_parent() {
    let words = ["todo".to_owned(), "unsafe".to_owned()];
    let recorded = recorded(|| {
        span("turn").run(|| {
            let lengths = thread::scope(|scope| {
                let searches: Vec<_> = words
                    .iter()
                    .map(|word| genai_trace::thread::spawn_scoped(scope, || search(word)))
                    .collect();
                searches
                    .into_iter()
                    .map(|search| search.join().unwrap())
                    .sum::<usize>()
            });
            assert_eq!(lengths, 10);
        });
    });
    assert_children(&recorded, "execute_tool search", 2, recorded.span("turn"));
}

#[test]
fn a_thread_of_a_thread_is_a_child_of_the_inner_span() {
    let recorded = recorded(|| {
        span("outer").run(|| {
            let outer = genai_trace::thread::spawn(|| {
                let beside = genai_trace::thread::spawn(|| span("beside").run(|| {}));
                let inner =
                    span("middle").run(|| genai_trace::thread::spawn(|| span("inner").run(|| {})));
                beside.join().unwrap();
                inner.join().unwrap();
            });
            outer.join().unwrap();
        });
    });
    let outer = recorded.span("outer");
    assert_children(&recorded, "beside", 1, outer);
    assert_children(&recorded, "middle", 1, outer);
    assert_children(&recorded, "inner", 1, recorded.span("middle"));
}

#[test]
fn a_closure_that_carries_its_span_may_go_anywhere() {
    let recorded = recorded(|| {
        span("turn").run(|| {
            let builder = thread::Builder::new().name("named".to_owned());
            let named = builder.spawn(carry(|| search("todo"))).unwrap();
            assert_eq!(named.join().unwrap(), 4);
            // Where it is called does not matter, where it is made does.
            let carried = carry(|| search("todo"));
            span("elsewhere").run(carried);
        });
    });
    let turn = recorded.span("turn");
    assert_children(&recorded, "execute_tool search", 2, turn);
    assert_children(&recorded, "elsewhere", 1, turn);
}

#[test]
fn a_bare_thread_begins_roots() {
    let recorded = recorded(|| {
        span("turn").run(|| {
            thread::spawn(|| {
                assert_eq!(current().span_id(), None);
                record!(app.lost = 1);
                span("alone").run(|| {});
            })
            .join()
            .unwrap();
        });
    });
    assert_eq!(parents(&recorded, "alone"), [None]);
    let turn = recorded.span("turn");
    assert_ne!(recorded.span("alone").trace_id, turn.trace_id);
    assert_eq!(turn.attributes.len(), 0);
}

#[test]
fn a_thread_that_outlives_its_span_is_below_it_all_the_same() {
    let recorded = recorded(|| {
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let late = span("turn").run(|| {
            genai_trace::thread::spawn(move || {
                wait.recv().unwrap();
                record!(app.late = 1);
                search("todo");
            })
        });
        go.send(()).unwrap();
        late.join().unwrap();
    });
    let turn = recorded.span("turn");
    assert_eq!(turn.attributes.len(), 0);
    assert_children(&recorded, "execute_tool search", 1, turn);
}

#[test]
fn a_thread_that_panics_says_so_to_who_joins_it_and_not_to_the_span() {
    let recorded = recorded(|| {
        span("turn").run(|| {
            let panics = genai_trace::thread::spawn(|| {
                span("panics").run(|| std::panic::resume_unwind(Box::new(5)))
            });
            let panic: Box<dyn std::any::Any + Send> =
                thread::JoinHandle::<()>::join(panics).unwrap_err();
            assert_eq!(panic.downcast_ref(), Some(&5));
        });
    });
    assert_eq!(
        recorded.outline(),
        "turn\n.panics ERROR panic: a panic without a message"
    );
}
