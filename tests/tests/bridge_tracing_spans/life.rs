//! When a span begins there, is entered, left and closed.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll, Waker};

use futures::stream::{self, StreamExt};
use genai_trace::testing::capture;
use genai_trace::{Outcome, Status, genai_chat, genai_tool, span};
use genai_trace_tests::{block_on, recorded_unchecked, recorded_unchecked_as, yield_once};
use tracing::dispatcher::{self, Dispatch};
use tracing::subscriber::with_default;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;

use crate::told::Told;
use crate::{inside, run, shown_to};

#[test]
fn spans_that_nobody_asked_to_show_are_not_shown() {
    let told = Told::default();
    recorded_unchecked(|| {
        with_default(Registry::default().with(told.clone()), || {
            run(|| assert_eq!(inside(), None));
        });
    });
    assert_eq!(*told.lines(), "");
}

#[test]
fn a_span_is_told_of_from_its_beginning_to_its_end() {
    let (told, _) = Told::of(|| {
        run(|| {
            assert_eq!(inside(), Some("invoke_agent coder"));
            span("step").run(|| assert_eq!(inside(), Some("step")));
            assert_eq!(inside(), Some("invoke_agent coder"));
        });
        assert_eq!(inside(), None);
    });
    assert_eq!(
        told,
        "\
new invoke_agent coder
enter invoke_agent coder
new step in invoke_agent coder
enter step
exit step
close step
exit invoke_agent coder
close invoke_agent coder
"
    );
}

#[genai_tool]
async fn wait(rounds: usize) {
    for _ in 0..rounds {
        assert_eq!(inside(), Some("execute_tool wait"));
        yield_once().await;
    }
}

#[test]
fn a_future_is_in_its_span_on_every_poll_and_between_them_nobody_is() {
    let (told, _) = Told::of(|| {
        let mut future = pin!(wait(2));
        let mut cx = TaskContext::from_waker(Waker::noop());
        for _ in 0..2 {
            assert!(future.as_mut().poll(&mut cx).is_pending());
            assert_eq!(inside(), None);
        }
        assert!(future.as_mut().poll(&mut cx).is_ready());
    });
    let turn = "enter execute_tool wait\nexit execute_tool wait\n";
    assert_eq!(
        told,
        format!("new execute_tool wait\n{turn}{turn}{turn}close execute_tool wait\n")
    );
}

#[test]
fn futures_that_take_turns_are_each_in_their_own() {
    shown_to(Registry::default(), || {
        let work = |name: &'static str| {
            span(name).wrap(async move {
                for _ in 0..3 {
                    assert_eq!(inside(), Some(name));
                    yield_once().await;
                }
            })
        };
        block_on(async { futures::join!(work("a"), work("b")) });
    });
}

#[test]
fn a_future_that_is_dropped_is_dropped_inside_its_span() {
    struct Witness(Arc<Mutex<Option<&'static str>>>);
    impl Drop for Witness {
        fn drop(&mut self) {
            *self.0.lock().unwrap() = inside();
        }
    }
    let seen = Arc::new(Mutex::new(None));
    let witness = Witness(Arc::clone(&seen));
    let (told, _) = Told::of(|| {
        let mut future = Box::pin(span("job").wrap(async move {
            let _witness = witness;
            yield_once().await;
        }));
        let mut cx = TaskContext::from_waker(Waker::noop());
        assert!(future.as_mut().poll(&mut cx).is_pending());
    });
    assert_eq!(*seen.lock().unwrap(), Some("job"));
    assert!(told.ends_with("exit job\nclose job\n"), "{told}");
}

#[test]
fn a_span_that_is_cancelled_is_closed_without_an_error() {
    let (told, recorded) = Told::of(|| {
        let mut future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(wait(9));
        let mut cx = TaskContext::from_waker(Waker::noop());
        assert_eq!(future.as_mut().poll(&mut cx), Poll::Pending);
    });
    assert!(!told.contains("error.type"), "{told}");
    let outcome = recorded.spans[0].attributes.str("genai_trace.outcome");
    assert_eq!(outcome, Some(Outcome::Cancelled.as_str()));
}

#[genai_chat(provider = "openai", model = "gpt-4o", stream)]
fn words() -> impl futures::Stream<Item = &'static str> {
    stream::iter(["forty", "-two"]).inspect(|_| assert_eq!(inside(), Some("chat gpt-4o")))
}

#[test]
fn a_stream_is_in_its_span_until_its_end() {
    let (told, _) = Told::of(|| {
        block_on(words().for_each(|_| async { assert_eq!(inside(), None) }));
    });
    assert!(
        told.ends_with("exit chat gpt-4o\nclose chat gpt-4o\n"),
        "{told}"
    );
    assert_eq!(told.matches("new").count(), 1);
    assert_eq!(told.matches("enter").count(), told.matches("exit").count());
}

#[test]
fn a_span_that_fails_says_so_when_it_ends() {
    let (told, _) = Told::of(|| {
        let _ = span("read").try_run(|| Err::<(), _>(std::io::Error::from_raw_os_error(2)));
    });
    assert!(
        told.ends_with("exit read\nrecord read error.type=\"NotFound\"\nclose read\n"),
        "{told}"
    );
}

#[test]
fn a_panic_leaves_and_closes_every_span_on_its_way() {
    let (told, recorded) = Told::of(|| {
        let panicked = std::panic::catch_unwind(|| {
            run(|| {
                let _guard = span("step").enter();
                panic!("out of words");
            });
        });
        assert!(panicked.is_err());
        assert_eq!(inside(), None);
    });
    assert_eq!(told.matches("close").count(), 2, "{told}");
    let status = |name| recorded.span(name).status;
    assert_eq!(
        [status("invoke_agent coder"), status("step")],
        [Status::Error; 2]
    );
}

#[test]
fn guards_that_end_out_of_order_are_left_in_theirs() {
    shown_to(Registry::default(), || {
        let (outer, inner) = (span("outer").enter(), span("inner").enter());
        drop(outer);
        assert_eq!(inside(), Some("inner"));
        drop(inner);
        assert_eq!(inside(), None);
    });
}

#[test]
fn a_span_of_a_thread_that_ends_inside_it_is_left() {
    let told = Told::default();
    let subscriber = Dispatch::new(Registry::default().with(told.clone()));
    recorded_unchecked_as(
        |builder| builder.tracing_spans(true),
        |_| {
            std::thread::spawn(move || {
                dispatcher::with_default(&subscriber, || {
                    std::mem::forget(span("forgotten").enter());
                });
            })
            .join()
            .unwrap();
        },
    );
    assert!(
        told.lines().contains("exit forgotten\n"),
        "{}",
        told.lines()
    );
}

#[test]
fn what_a_test_captures_is_shown_to_nobody_else() {
    let (told, _) = Told::of(|| {
        let ((), captured) = capture(|| run(|| assert_eq!(inside(), None)));
        assert_eq!(captured.spans().len(), 1);
    });
    assert_eq!(told, "");
}
