//! Jobs of rayon, which workers steal from each other.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use genai_trace::rayon::ParallelIteratorExt;
use genai_trace::{carry, current, genai_agent, genai_tool, record, span};
use genai_trace_tests::{Recorded, recorded};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::{assert_children, parents};

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
}

/// A tree of joins, each in a span of its own that says its parent's name.
fn halve(name: String, depth: u32) {
    let child = |side| {
        let name = format!("{name}.{side}");
        move || {
            span(name.clone()).run(|| {
                // Long enough for others to steal what waits.
                std::thread::sleep(std::time::Duration::from_micros(50));
                halve(name, depth - 1);
            });
        }
    };
    if depth > 0 {
        genai_trace::rayon::join(child('a'), child('b'));
    }
}

/// Every span's parent is the one whose name its own begins with.
fn assert_named_after_parents(recorded: &Recorded) {
    let ids: HashMap<_, _> = recorded
        .spans
        .iter()
        .map(|span| (&*span.name, span))
        .collect();
    assert_eq!(ids.len(), recorded.spans.len());
    for span in &recorded.spans {
        let parent = span.name.rsplit_once('.').map(|(parent, _)| ids[parent]);
        assert_eq!(
            span.parent_span_id,
            parent.map(|parent| parent.span_id),
            "{}",
            span.name
        );
        if let Some(parent) = parent {
            assert_eq!(span.trace_id, parent.trace_id);
        }
    }
}

#[test]
fn a_tree_of_joins_is_the_tree_of_spans_whoever_steals_them() {
    let pool = pool(8);
    let recorded = recorded(|| {
        span("root").run(|| pool.install(carry(|| halve("root".to_owned(), 7))));
        // Bare jobs: no worker has been left inside a span.
        let inside = pool.broadcast(|_| current().span_id());
        assert_eq!(inside, [None; 8]);
    });
    assert_eq!(recorded.spans.len(), 255);
    assert_named_after_parents(&recorded);
}

#[test]
fn several_trees_at_once_stay_apart() {
    let pool = pool(8);
    let recorded = recorded(|| {
        std::thread::scope(|scope| {
            for tree in 0..4 {
                let pool = &pool;
                scope.spawn(move || {
                    let name = format!("tree {tree}");
                    span(name.clone()).run(|| pool.install(carry(|| halve(name, 5))));
                });
            }
        });
    });
    assert_eq!(recorded.spans.len(), 4 * 63);
    assert_named_after_parents(&recorded);
}

#[test]
fn a_stolen_job_is_in_the_span_it_was_submitted_in() {
    let pool = pool(1);
    let recorded = recorded(|| {
        pool.install(|| {
            span("submitter")
                .run(|| genai_trace::rayon::spawn(|| span("job").run(|| record!(app.job = 1))));
            genai_trace::rayon::spawn(|| span("outside").run(|| {}));
            span("thief").run(|| {
                // The only worker runs what waits, in the midst of this span.
                while rayon::yield_now() == Some(rayon::Yield::Executed) {}
                record!(app.thief = 1);
                span("own").run(|| {});
            });
        });
    });
    assert_children(&recorded, "job", 1, recorded.span("submitter"));
    assert_eq!(parents(&recorded, "outside"), [None]);
    let thief = recorded.span("thief");
    assert_children(&recorded, "own", 1, thief);
    assert_eq!(thief.attributes.len(), 1);
}

#[test]
fn jobs_of_a_scope_are_siblings_and_their_jobs_are_theirs() {
    let pool = pool(8);
    let words: Vec<String> = (0..20).map(|n| format!("word {n}")).collect();
    let recorded = recorded(|| {
        span("turn").run(|| {
            let answer = pool.install(carry(|| {
                genai_trace::rayon::scope(|scope| {
                    for word in &words {
                        scope.spawn(move |scope| {
                            scope.spawn(|_| span("beside").run(|| {}));
                            span(word.clone()).run(|| {
                                scope.spawn(move |_| span(format!("below {word}")).run(|| {}));
                            });
                        });
                    }
                    42
                })
            }));
            assert_eq!(answer, 42);
        });
    });
    let turn = recorded.span("turn");
    assert_children(&recorded, "beside", 20, turn);
    for word in &words {
        assert_children(&recorded, word, 1, turn);
        assert_children(&recorded, &format!("below {word}"), 1, recorded.span(word));
    }
}

#[test]
fn the_items_of_a_parallel_iterator_are_siblings() {
    #[genai_tool("measure")]
    fn measure(number: u32) -> u32 {
        span("inner").run(|| {});
        number
    }
    #[genai_agent("coder")]
    fn agent(pool: &ThreadPool) {
        pool.install(carry(|| {
            // It stays indexed, and so keeps the order and every consumer.
            let numbers: Vec<u32> = (0..100_u32)
                .into_par_iter()
                .map_in_current_span(measure)
                .enumerate()
                .map(|(index, number)| index as u32 + number)
                .collect();
            assert!(numbers.into_iter().eq((0..100).map(|n| 2 * n)));
            (0..100)
                .into_par_iter()
                .for_each_in_current_span(|_| span("each").run(|| {}));
            let some = (0..1000_u64)
                .into_par_iter()
                .map_in_current_span(|n| n)
                .find_any(|n| *n == 7);
            assert_eq!(some, Some(7));
            let sum: u32 = (0..10_u32)
                .into_par_iter()
                .flat_map(|n| (0..n).into_par_iter())
                .map_in_current_span(measure)
                .sum();
            assert_eq!(sum, 120);
        }));
    }
    let pool = pool(8);
    let recorded = recorded(|| agent(&pool));
    let agent = recorded.span("invoke_agent coder");
    assert_children(&recorded, "execute_tool measure", 100 + 45, agent);
    assert_children(&recorded, "each", 100, agent);
    assert_eq!(parents(&recorded, "inner").len(), 145);
}

#[test]
fn a_parallel_iterator_within_another_is_below_its_item() {
    let pool = pool(8);
    let recorded = recorded(|| {
        let names = Arc::new(["a", "b", "c", "d"]);
        span("turn").run(|| {
            pool.install(carry(|| {
                names.par_iter().for_each_in_current_span(|name| {
                    span(*name).run(|| {
                        (0..16).into_par_iter().for_each_in_current_span(|_| {
                            std::thread::sleep(std::time::Duration::from_micros(50));
                            span(format!("in {name}")).run(|| record!(app.n = 1));
                        });
                        record!(app.done = true);
                    });
                });
            }));
        });
    });
    for name in ["a", "b", "c", "d"] {
        let outer = recorded.span(name);
        assert_eq!(outer.parent_span_id, Some(recorded.span("turn").span_id));
        assert_eq!(outer.attributes.len(), 1);
        assert_children(&recorded, &format!("in {name}"), 16, outer);
    }
}

#[test]
fn what_jobs_record_lands_on_the_span_they_carry() {
    let pool = pool(8);
    let recorded = recorded(|| {
        span("turn").run(|| {
            pool.install(carry(|| {
                (0..64).into_par_iter().for_each_in_current_span(|n: i32| {
                    current().set(&format!("app.{n}"), &n);
                });
            }));
            record!(app.last = true);
        });
    });
    assert_eq!(recorded.span("turn").attributes.len(), 65);
}

#[test]
fn a_panic_of_a_job_goes_to_who_waits_for_it_and_leaves_workers_clean() {
    let pool = pool(4);
    let recorded = recorded(|| {
        span("turn").run(|| {
            let panic = catch_unwind(AssertUnwindSafe(|| {
                pool.install(carry(|| {
                    genai_trace::rayon::join(
                        || span("panics").run(|| resume_unwind(Box::new("out of cheese"))),
                        || span("goes on").run(|| {}),
                    )
                }))
            }));
            let panic: Result<((), ()), _> = panic;
            assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"out of cheese"));
        });
        assert_eq!(pool.broadcast(|_| current().span_id()), [None; 4]);
    });
    assert_children(&recorded, "panics", 1, recorded.span("turn"));
    assert_eq!(
        recorded.span("turn").attributes.str("genai_trace.outcome"),
        None
    );
}
