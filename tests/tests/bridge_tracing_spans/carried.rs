//! Spans on other threads, and under parents that were said.

use genai_trace::{current, span, thread};
use tracing::Span;
use tracing::dispatcher;

use crate::told::Told;
use crate::{inside, run};

#[test]
fn a_span_ends_on_whatever_thread_and_is_closed_there() {
    let (told, _) = Told::of(|| {
        let mut job = span("job").start();
        assert_eq!(inside(), None);
        let subscriber = dispatcher::get_default(Clone::clone);
        std::thread::spawn(move || {
            dispatcher::with_default(&subscriber, || {
                job.run(|| assert_eq!(inside(), Some("job")));
                assert_eq!(inside(), None);
                job.end();
            });
        })
        .join()
        .unwrap();
    });
    let turn = "enter job\nexit job\n";
    assert_eq!(told, format!("new job\n{turn}{turn}close job\n"));
}

#[test]
fn work_that_is_carried_to_a_thread_is_in_the_span_there() {
    let (_, recorded) = Told::of(|| {
        run(|| {
            let subscriber = dispatcher::get_default(Clone::clone);
            let work = move || {
                dispatcher::with_default(&subscriber, || {
                    assert_eq!(inside(), Some("invoke_agent coder"));
                    span("there").run(|| assert_eq!(inside(), Some("there")));
                    assert_eq!(inside(), Some("invoke_agent coder"));
                });
            };
            thread::spawn(work).join().unwrap();
        });
    });
    assert_eq!(recorded.outline(), "invoke_agent coder\n.there");
}

#[test]
fn a_span_stays_open_there_while_carried_work_is_in_it() {
    let (told, _) = Told::of(|| {
        let here = span("parent").run(current);
        here.run(|| assert_eq!(inside(), Some("parent")));
        Span::none().in_scope(|| drop(here));
    });
    let turn = "enter parent\nexit parent\n";
    assert_eq!(told, format!("new parent\n{turn}{turn}close parent\n"));
}

#[test]
fn a_parent_that_is_said_is_the_parent_there_too() {
    let (told, recorded) = Told::of(|| {
        let parent = span("parent").start();
        let context = parent.context();
        span("elsewhere").run(|| {
            span("child").parent(&context).run(|| {});
            span("root").root().run(|| {});
        });
        parent.end();
    });
    assert!(told.contains("new child in parent\n"), "{told}");
    assert!(told.contains("new root\n"), "{told}");
    assert_eq!(recorded.span("root").parent_span_id, None);
}
