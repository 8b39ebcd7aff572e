//! Tasks of tokio, on both of its runtimes.

use std::time::Duration;

use genai_trace::{InCurrentSpan, carry, current, genai_agent, genai_tool, record, span, task};
use genai_trace_tests::{Recorded, recorded, yield_once};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task::{JoinSet, LocalSet};

use super::{assert_children, parents};

/// Records what `work` does on a runtime of one thread, and on one of four.
fn on_both(work: impl Fn(&Runtime)) -> [Recorded; 2] {
    [
        Builder::new_current_thread().enable_time().build(),
        Builder::new_multi_thread()
            .worker_threads(4)
            .enable_time()
            .build(),
    ]
    .map(|runtime| {
        let runtime = runtime.unwrap();
        recorded(|| {
            work(&runtime);
            // All that was spawned has ended when the spans are counted.
            runtime.shutdown_timeout(Duration::from_secs(10));
        })
    })
}

#[genai_tool("search")]
async fn search() {
    yield_once().await;
    span("inner").run(|| {});
    tokio::time::sleep(Duration::from_millis(1)).await;
    span("inner").run(|| {});
}

#[genai_agent("coder")]
async fn agent() {
    let spawned = [(); 3].map(|()| task::spawn(async { search().await }));
    let blocking = task::spawn_blocking(|| span("blocking").run(|| 3));
    let mut set = JoinSet::new();
    set.spawn(async { search().await }.in_current_span());
    set.spawn_blocking(carry(|| span("blocking").run(|| {})));
    let by_handle = Handle::current().spawn(async { search().await }.in_current_span());
    for task in spawned {
        task.await.unwrap();
    }
    assert_eq!(blocking.await.unwrap(), 3);
    while set.join_next().await.is_some() {}
    by_handle.await.unwrap();
}

#[test]
fn whatever_spawns_makes_siblings_of_one_parent() {
    for recorded in on_both(|runtime| runtime.block_on(agent())) {
        let agent = recorded.span("invoke_agent coder");
        assert_children(&recorded, "execute_tool search", 5, agent);
        assert_children(&recorded, "blocking", 2, agent);
        let mut inner = parents(&recorded, "inner");
        inner.sort();
        let mut tools: Vec<_> = recorded
            .spans
            .iter()
            .filter(|span| span.name == "execute_tool search")
            .flat_map(|tool| [Some(tool.span_id); 2])
            .collect();
        tools.sort();
        assert_eq!(inner, tools);
    }
}

#[test]
fn a_task_that_outlives_its_span_is_below_it_all_the_same() {
    for recorded in on_both(|runtime| {
        runtime.block_on(async {
            let (go, wait) = oneshot::channel::<()>();
            let late = span("turn").run(|| {
                task::spawn(async {
                    wait.await.unwrap();
                    record!(app.late = 1);
                    search().await;
                })
            });
            go.send(()).unwrap();
            late.await.unwrap();
        });
    }) {
        let turn = recorded.span("turn");
        assert_children(&recorded, "execute_tool search", 1, turn);
        assert_eq!(turn.attributes.len(), 0);
    }
}

#[test]
fn facts_recorded_in_a_task_land_on_the_owner() {
    for recorded in on_both(|runtime| {
        runtime.block_on(span("turn").wrap(async {
            let here = current();
            let tasks = [1, 2].map(|n| {
                task::spawn(async move {
                    yield_once().await;
                    current().set(&format!("app.task.{n}"), &n);
                    current().event("told", |_| {});
                })
            });
            let handle = task::spawn(async move { here.set("app.handle", &3) });
            task::spawn_blocking(|| record!(app.blocking = 4))
                .await
                .unwrap();
            handle.await.unwrap();
            for task in tasks {
                task.await.unwrap();
            }
        }));
    }) {
        let turn = recorded.span("turn");
        for (key, value) in [
            ("app.task.1", 1),
            ("app.task.2", 2),
            ("app.handle", 3),
            ("app.blocking", 4),
        ] {
            assert_eq!(turn.attributes.int(key), Some(value), "{key}");
        }
        assert_eq!(turn.events.len(), 2);
    }
}

#[test]
fn a_task_that_is_aborted_is_dropped_in_its_span() {
    struct Leaves;
    impl Drop for Leaves {
        fn drop(&mut self) {
            span("dropped").run(|| {});
        }
    }
    #[genai_tool("endless")]
    async fn endless(begun: oneshot::Sender<()>) {
        begun.send(()).unwrap();
        std::future::pending::<()>().await;
    }
    for recorded in on_both(|runtime| {
        runtime.block_on(span("turn").wrap(async {
            let (begun, has_begun) = oneshot::channel();
            let task = task::spawn(async {
                let _leaves = Leaves;
                endless(begun).await;
            });
            has_begun.await.unwrap();
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        }));
    }) {
        assert_eq!(
            recorded.outline(),
            "turn\n.execute_tool endless cancelled\n.dropped"
        );
        assert_children(&recorded, "dropped", 1, recorded.span("turn"));
    }
}

#[test]
fn a_task_that_panics_leaves_its_worker_clean() {
    for recorded in on_both(|runtime| {
        runtime.block_on(span("turn").wrap(async {
            let panics = task::spawn(async {
                span("panics").run(|| std::panic::resume_unwind(Box::new("out of cheese")))
            });
            let panic: Result<(), _> = panics.await;
            let panic = panic.unwrap_err().into_panic();
            assert_eq!(panic.downcast_ref(), Some(&"out of cheese"));
        }));
        // Every worker has its turn.
        runtime.block_on(async {
            let tasks: Vec<_> = (0..64)
                .map(|_| tokio::spawn(async { span("bare").run(|| {}) }))
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
    }) {
        assert_children(&recorded, "panics", 1, recorded.span("turn"));
        assert_eq!(parents(&recorded, "bare"), [None; 64]);
        assert_eq!(
            recorded.span("turn").attributes.str("genai_trace.outcome"),
            None
        );
    }
}

#[test]
fn a_task_spawned_outside_any_span_is_a_root_whoever_polls_it() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let recorded = recorded(|| {
        let _entered = runtime.enter();
        let outside = task::spawn(async { span("root").run(|| {}) });
        // The one thread of this runtime polls its tasks inside this span.
        span("poller").run(|| runtime.block_on(outside)).unwrap();
    });
    assert_eq!(parents(&recorded, "root"), [None]);
}

#[test]
fn tasks_that_stay_on_their_thread_are_siblings_too() {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let recorded = recorded(|| {
        let local = LocalSet::new();
        let name = std::rc::Rc::new("local");
        span("turn").run(|| {
            let name = std::rc::Rc::clone(&name);
            local.spawn_local(async move { span(*name).run(|| {}) }.in_current_span());
        });
        runtime.block_on(local.run_until(async {
            span("turn 2")
                .wrap(async {
                    let tasks = [(); 2].map(|()| {
                        let name = std::rc::Rc::clone(&name);
                        task::spawn_local(async move {
                            yield_once().await;
                            span(format!("{name} 2")).run(|| {});
                        })
                    });
                    for task in tasks {
                        task.await.unwrap();
                    }
                })
                .await;
        }));
    });
    assert_children(&recorded, "local", 1, recorded.span("turn"));
    assert_children(&recorded, "local 2", 2, recorded.span("turn 2"));
}

#[test]
fn where_there_is_no_runtime_the_message_names_the_caller() {
    let (sender, places) = std::sync::mpsc::channel();
    let others = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some("no runtime") {
            return others(panic);
        }
        let place = panic.location().map(|at| at.file().to_owned());
        sender.send(place).unwrap();
    }));
    for spawn in [
        || drop(task::spawn(async {})),
        || drop(task::spawn_blocking(|| {})),
        || drop(task::spawn_local(async {})),
    ] {
        let named = std::thread::Builder::new().name("no runtime".to_owned());
        assert!(named.spawn(spawn).unwrap().join().is_err());
        let place = places.recv().unwrap().unwrap();
        assert!(place.ends_with("carried/tokio.rs"), "{place}");
    }
}
