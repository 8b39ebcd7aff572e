//! A handle runs code in its span.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use genai_trace::{SpanRef, current, genai_agent, genai_tool, record, span};
use genai_trace_tests::{recorded, recorded_with};

use super::{assert_children, parents};

/// Runs `work` on a thread that carries nothing.
fn elsewhere<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join().unwrap())
}

/// The handle of a span that has ended.
fn ended(name: &'static str) -> SpanRef {
    span(name).run(current)
}

#[test]
fn what_begins_inside_is_a_child_on_any_thread() {
    #[genai_tool("search")]
    fn search() {}
    #[genai_agent("coder")]
    fn agent() {
        let here = current();
        elsewhere(|| here.run(search));
        span("between").run(|| here.run(search));
        span("after").run(|| {});
    }
    let recorded = recorded(agent);
    let agent = recorded.span("invoke_agent coder");
    assert_children(&recorded, "execute_tool search", 2, agent);
    assert_children(&recorded, "between", 1, agent);
    assert_children(&recorded, "after", 1, agent);
    for search in recorded
        .spans
        .iter()
        .filter(|span| span.name.ends_with("search"))
    {
        assert_eq!(search.attributes.str("gen_ai.agent.name"), Some("coder"));
    }
    let calls = r#"gen_ai_invoke_agent_tool_calls_sum{gen_ai_agent_name="coder"}"#;
    assert_eq!(recorded.metric(calls), Some(2.0));
}

#[test]
fn inside_the_current_span_is_the_owner_s() {
    let recorded = recorded(|| {
        span("owner").run(|| {
            let here = current();
            let (there, recording) =
                elsewhere(|| here.run(|| (current(), current().is_recording())));
            assert_eq!(there.span_id(), here.span_id());
            assert_eq!(there.trace_id(), here.trace_id());
            assert_eq!(there.context(), here.context());
            assert!(recording);
            // A handle of a stand-in is as good as one of the span.
            elsewhere(|| there.run(|| span("child").run(|| {})));
        });
    });
    assert_children(&recorded, "child", 1, recorded.span("owner"));
}

#[test]
fn what_is_recorded_inside_lands_on_the_owner_from_another_thread() {
    let other = recorded_other();
    let recorded = recorded(|| {
        span("owner").run(|| {
            let here = current();
            record!(app.order = "first", app.here = true);
            elsewhere(|| {
                here.run(|| {
                    record!(app.order = "second", app.there = 1);
                    current().set("app.handle", &2);
                    current().event("told", |event| {
                        event.set("n", &3);
                    });
                    current().link(&other);
                    span("child").run(|| record!(app.own = 4));
                    record!(app.after = 5);
                });
            });
        });
    });
    let owner = recorded.span("owner");
    assert_eq!(
        serde_json::to_string(&owner.attributes).unwrap(),
        r#"{"app.here":true,"app.order":"second","app.there":1,"app.handle":2,"app.after":5}"#
    );
    assert_eq!((owner.events.len(), owner.links.len()), (1, 1));
    assert_eq!(owner.links[0].span_id, other.span_id());
    assert_eq!(recorded.span("child").attributes.len(), 1);
}

fn recorded_other() -> genai_trace::SpanContext {
    let mut other = None;
    recorded(|| other = ended("other").context());
    other.unwrap()
}

#[test]
fn what_is_recorded_inside_lands_on_the_owner_further_down_the_stack() {
    let recorded = recorded(|| {
        span("owner").run(|| {
            let here = current();
            span("inner").run(|| {
                here.run(|| {
                    record!(app.order = "first");
                    here.run(|| current().set("app.order", "second"));
                    record!(app.order = "third");
                });
                record!(app.own = true);
            });
            record!(app.last = true);
        });
    });
    assert_eq!(
        serde_json::to_string(&recorded.span("owner").attributes).unwrap(),
        r#"{"app.order":"third","app.last":true}"#
    );
    assert_eq!(
        serde_json::to_string(&recorded.span("inner").attributes).unwrap(),
        r#"{"app.own":true}"#
    );
}

#[test]
fn facts_computed_inside_may_begin_spans_of_their_own() {
    #[genai_tool("measure")]
    fn measure() -> i64 {
        record!(app.own = 1);
        7
    }
    let recorded = recorded(|| {
        span("owner").run(|| {
            let here = current();
            elsewhere(|| here.run(|| record!(app.measured = measure(), app.other = measure())));
        });
    });
    let owner = recorded.span("owner");
    assert_eq!(owner.attributes.int("app.measured"), Some(7));
    assert_eq!(owner.attributes.len(), 2);
    assert_children(&recorded, "execute_tool measure", 2, owner);
}

#[test]
fn stand_ins_nest_and_leave_the_stack_as_it_was() {
    let recorded = recorded(|| {
        let (a, b) = (span("a").enter(), current_of("b"));
        let a_ref = current();
        elsewhere(|| {
            a_ref.run(|| {
                b.run(|| {
                    span("in b").run(|| a_ref.run(|| span("in a, in b").run(|| {})));
                    a_ref.run(|| a_ref.run(|| span("in a twice").run(|| {})));
                    span("in b").run(|| {});
                });
                span("in a").run(|| {});
            });
            assert_eq!(current().span_id(), None);
            span("root").run(|| {});
        });
        drop(a);
        assert_eq!(current().span_id(), None);
    });
    let (a, b) = (recorded.span("a"), recorded.span("b"));
    assert_children(&recorded, "in b", 2, b);
    for name in ["in a", "in a, in b", "in a twice"] {
        assert_children(&recorded, name, 1, a);
    }
    assert_eq!(parents(&recorded, "root"), [None]);
}

/// The handle of a span that has ended, beside the one that the thread is in.
fn current_of(name: &'static str) -> SpanRef {
    span(name).root().run(current)
}

#[test]
fn a_guard_of_the_owner_may_end_inside_its_own_stand_in() {
    let recorded = recorded(|| {
        let outer = span("outer").enter();
        let owner = span("owner").enter();
        let here = current();
        here.run(|| {
            record!(app.before = 1);
            here.run(|| {
                drop(owner);
                assert!(!current().is_recording());
                record!(app.late = 1);
                span("child").run(|| {});
            });
            span("child").run(|| {});
        });
        span("after").run(|| {});
        drop(outer);
        assert_eq!(current().span_id(), None);
    });
    let owner = recorded.span("owner");
    assert_eq!(
        serde_json::to_string(&owner.attributes).unwrap(),
        r#"{"app.before":1}"#
    );
    assert_children(&recorded, "child", 2, owner);
    assert_children(&recorded, "after", 1, recorded.span("outer"));
    assert_children(&recorded, "owner", 1, recorded.span("outer"));
}

#[test]
fn a_guard_that_was_entered_inside_outlives_the_stand_in() {
    let recorded = recorded(|| {
        let owner = span("owner").enter();
        let here = current();
        elsewhere(|| {
            let mut guard = here.run(|| {
                let guard = span("guard").enter();
                here.run(|| span("beside").run(|| {}));
                guard
            });
            guard.set("app.set", &true);
            record!(app.recorded = true);
            span("below").run(|| {});
            drop(guard);
            assert_eq!(current().span_id(), None);
        });
        drop(owner);
    });
    let (owner, guard) = (recorded.span("owner"), recorded.span("guard"));
    assert_children(&recorded, "guard", 1, owner);
    assert_children(&recorded, "beside", 1, owner);
    assert_children(&recorded, "below", 1, guard);
    assert_eq!((owner.attributes.len(), guard.attributes.len()), (0, 2));
}

#[test]
fn after_the_owner_s_end_children_are_its_own_and_facts_are_dropped() {
    let recorded = recorded(|| {
        let owner = ended("owner");
        owner.run(|| {
            assert!(!current().is_recording());
            assert_eq!(current().span_id(), owner.span_id());
            record!(app.late = 1);
            current().event("late", |_| {});
            span("child").run(|| record!(app.own = 1));
        });
        // The span that follows takes over the frame, not the facts.
        span("next").run(|| owner.run(|| record!(app.late = 1)));
    });
    let owner = recorded.span("owner");
    assert_children(&recorded, "child", 1, owner);
    assert_eq!((owner.attributes.len(), owner.events.len()), (0, 0));
    assert_eq!(recorded.span("next").attributes.len(), 0);
    assert_eq!(recorded.span("child").attributes.len(), 1);
}

#[test]
fn a_panic_goes_through_and_leaves_the_stack_clean() {
    let recorded = recorded(|| {
        span("owner").run(|| {
            let here = current();
            elsewhere(|| {
                let panic = catch_unwind(AssertUnwindSafe(|| {
                    here.run(|| {
                        here.run(|| span("child").run(|| resume_unwind(Box::new("out of cheese"))))
                    })
                }));
                let panic: Result<(), _> = panic;
                assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"out of cheese"));
                assert_eq!(current().span_id(), None);
                span("root").run(|| {});
            });
            record!(app.alive = true);
        });
    });
    let owner = recorded.span("owner");
    // It was no panic of the owner's.
    assert_eq!(owner.attributes.str("genai_trace.outcome"), None);
    assert_eq!(owner.attributes.len(), 1);
    let child = recorded.span("child");
    assert_eq!(child.parent_span_id, Some(owner.span_id));
    assert_eq!(
        child.attributes.str("genai_trace.outcome"),
        Some("panicked")
    );
    assert_eq!(parents(&recorded, "root"), [None]);
}

#[test]
fn a_handle_without_a_span_runs_outside_any() {
    let recorded = recorded(|| {
        let nothing = current();
        nothing.run(|| span("root").run(|| {}));
        span("outer").run(|| {
            nothing.run(|| {
                assert!(!current().is_recording() && current().context().is_none());
                record!(app.lost = 1);
                current().set("app.lost", &1);
                span("root").run(|| {});
            });
            span("inner").run(|| {});
        });
    });
    assert_eq!(parents(&recorded, "root"), [None, None]);
    let outer = recorded.span("outer");
    assert_eq!(outer.attributes.len(), 0);
    assert_children(&recorded, "inner", 1, outer);
    assert!(
        recorded
            .spans
            .iter()
            .filter(|span| span.name == "root")
            .all(|root| root.trace_id != outer.trace_id)
    );
}

#[test]
fn a_handle_of_earlier_telemetry_is_no_parent_of_later_spans() {
    let mut kept = None;
    recorded(|| kept = Some(ended("earlier")));
    let kept = kept.unwrap();
    let recorded = recorded(|| {
        span("outer").run(|| {
            kept.run(|| {
                record!(app.lost = 1);
                assert_eq!(current().span_id(), None);
                span("inside").run(|| {});
            });
            span("inner").run(|| {});
        });
    });
    assert_eq!(parents(&recorded, "inside"), [None]);
    assert_children(&recorded, "inner", 1, recorded.span("outer"));
    assert_eq!(recorded.span("outer").attributes.len(), 0);
}

#[test]
fn telemetry_may_be_shut_down_inside() {
    let recorded = recorded_with(|telemetry| {
        let owner = span("owner").enter();
        let here = current();
        elsewhere(|| {
            here.run(|| {
                span("before").run(|| {});
                let _ = telemetry.shutdown(std::time::Duration::from_secs(30));
                record!(app.late = 1);
                span("after").run(|| {});
            });
            here.run(|| span("after").run(|| {}));
        });
        drop(owner);
    });
    assert_eq!(recorded.outline(), "before");
    let next = genai_trace_tests::recorded(|| span("next").run(|| {}));
    assert_eq!(parents(&next, "next"), [None]);
}

#[test]
fn a_thread_that_ends_runs_what_its_destructors_ask_for() {
    struct Last(SpanRef, std::sync::mpsc::Sender<i32>);
    impl Drop for Last {
        fn drop(&mut self) {
            let answer = self.0.run(|| {
                record!(app.last = 1);
                41 + 1
            });
            self.1.send(answer).unwrap();
        }
    }
    thread_local! {
        static LAST: std::cell::RefCell<Option<Last>> = const { std::cell::RefCell::new(None) };
    }
    let (sender, answers) = std::sync::mpsc::channel();
    recorded(|| {
        span("owner").run(|| {
            let here = current();
            std::thread::spawn(move || {
                // Made before the thread's stack, and so dropped after it.
                LAST.with(|last| *last.borrow_mut() = Some(Last(here.clone(), sender)));
                here.run(|| {});
            })
            .join()
            .unwrap();
        });
    });
    assert_eq!(answers.recv(), Ok(42));
}
