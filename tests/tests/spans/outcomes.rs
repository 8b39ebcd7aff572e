//! Every way out of a function ends its span once, with its own outcome, and is not changed by it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use genai_trace::{Status, genai_span, genai_tool, span};
use genai_trace_tests::{Recorded, block_on, recorded, recorded_as, yield_once};

fn outcome<'a>(recorded: &'a Recorded, name: &str) -> (Status, Option<&'a str>, Option<&'a str>) {
    let span = recorded.span(name);
    (
        span.status,
        span.attributes.str("genai_trace.outcome"),
        span.attributes.str("error.type"),
    )
}

/// Panics without the noise of the panic hook.
fn panic_quietly(payload: &'static str) -> ! {
    std::panic::resume_unwind(Box::new(payload))
}

#[test]
fn question_marks_early_returns_and_loops_keep_their_meaning() {
    #[genai_tool("parse")]
    fn parse(texts: &[&str]) -> Result<i32, std::num::ParseIntError> {
        let mut sum = 0;
        for text in texts {
            if *text == "stop" {
                return Ok(sum);
            }
            sum += text.parse::<i32>()?;
        }
        Ok(sum)
    }
    let recorded = recorded(|| {
        assert_eq!(parse(&["1", "2"]), Ok(3));
        assert_eq!(parse(&["1", "stop", "x"]), Ok(1));
        assert!(parse(&["1", "x"]).is_err());
    });
    let statuses: Vec<_> = recorded.spans.iter().map(|span| span.status).collect();
    assert_eq!(statuses, [Status::Unset, Status::Unset, Status::Error]);
    assert_eq!(
        recorded.metric(r#"genai_trace_spans_total{outcome="error"}"#),
        Some(1.0)
    );
}

#[test]
fn a_failure_says_where_it_happened_where_that_is_asked() {
    let test = "a_failure_says_where";
    let begin = line!();
    #[inline(never)]
    #[genai_tool("parse")]
    fn parse(text: &str) -> Result<i32, std::num::ParseIntError> {
        text.parse()
    }
    #[genai_tool("parse_later")]
    async fn parse_later(text: &str) -> Result<i32, std::num::ParseIntError> {
        yield_once().await;
        text.parse()
    }
    let end = line!();
    let fail = || {
        assert!(parse("x").is_err());
        assert!(block_on(parse_later("x")).is_err());
    };
    let with = recorded_as(|it| it.stacktraces(true), |_| fail());
    for name in ["parse", "parse_later"] {
        let event = &with.span(&format!("execute_tool {name}")).events[0];
        let stack = event.attributes.str("exception.stacktrace").unwrap();
        let mut lines = stack.lines();
        let (first, place) = (lines.next().unwrap(), lines.next().unwrap());
        // What was inlined has a place, and no path.
        let is_named = first.contains(&format!("outcomes::{test}")) && first.contains(name);
        assert!(is_named || first.ends_with(": {async_fn#0}"), "{stack}");
        let line = place.rsplit("tests/spans/outcomes.rs:").next().unwrap();
        let line: u32 = line.split(':').next().unwrap().parse().expect(stack);
        assert!((begin..end).contains(&line), "{stack}");
        assert!(stack.contains(&format!("outcomes::{test}")), "{stack}");
        assert!(!stack.contains("genai-trace/src/"), "{stack}");
    }
    let without = recorded(fail);
    let event = &without.span("execute_tool parse").events[0];
    assert_eq!(event.attributes.str("exception.stacktrace"), None);
}

#[test]
fn a_panic_is_recorded_and_goes_on() {
    #[genai_tool("explode")]
    fn explode() {
        panic_quietly("out of cheese");
    }
    #[genai_span("outer")]
    fn outer() {
        explode();
    }
    let recorded = recorded(|| {
        let payload = catch_unwind(outer).unwrap_err();
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"out of cheese"));
    });
    for name in ["execute_tool explode", "outer"] {
        assert_eq!(
            outcome(&recorded, name),
            (Status::Error, Some("panicked"), Some("panic"))
        );
        assert_eq!(recorded.span(name).status_message, "out of cheese");
    }
}

#[test]
fn a_panic_in_a_future_is_recorded_and_goes_on() {
    #[genai_tool("explode")]
    async fn explode() {
        yield_once().await;
        panic_quietly("later");
    }
    let recorded = recorded(|| {
        catch_unwind(|| block_on(explode())).unwrap_err();
    });
    let expected = (Status::Error, Some("panicked"), Some("panic"));
    assert_eq!(outcome(&recorded, "execute_tool explode"), expected);
}

#[test]
fn a_dropped_future_is_cancelled_and_what_it_holds_is_dropped_inside_its_span() {
    struct OnDrop;
    impl Drop for OnDrop {
        fn drop(&mut self) {
            span("cleanup").run(|| {});
        }
    }
    #[genai_tool("wait")]
    async fn wait() {
        let _guard = OnDrop;
        std::future::pending::<()>().await;
    }
    let recorded = recorded(|| {
        let mut future = Box::pin(wait());
        let mut cx = Context::from_waker(Waker::noop());
        assert!(future.as_mut().poll(&mut cx).is_pending());
        drop(future);
    });
    assert_eq!(
        outcome(&recorded, "execute_tool wait"),
        (Status::Unset, Some("cancelled"), None)
    );
    assert_eq!(recorded.outline(), "execute_tool wait cancelled\n.cleanup");
}

#[test]
fn a_future_dropped_while_its_thread_unwinds_is_cancelled_not_panicked() {
    #[genai_tool("wait")]
    async fn wait() {
        std::future::pending::<()>().await;
    }
    let recorded = recorded(|| {
        let unwound = catch_unwind(|| {
            let mut future = pin!(wait());
            let poll = future
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()));
            assert_eq!(poll, Poll::Pending);
            panic_quietly("elsewhere");
        });
        assert!(unwound.is_err());
    });
    assert_eq!(
        outcome(&recorded, "execute_tool wait"),
        (Status::Unset, Some("cancelled"), None)
    );
}

#[test]
fn a_future_wrapped_by_hand_and_never_polled_says_so() {
    let recorded = recorded(|| drop(span("idle").wrap(async {})));
    assert_eq!(
        outcome(&recorded, "idle"),
        (Status::Unset, Some("never_polled"), None)
    );
}

#[test]
fn references_in_and_out_are_what_they_were() {
    #[genai_tool("first")]
    fn first(numbers: &mut [i32]) -> &mut i32 {
        &mut numbers[0]
    }
    #[genai_tool("longest")]
    fn longest<'a>(left: &'a str, right: &'a str) -> &'a str {
        if left.len() > right.len() {
            left
        } else {
            right
        }
    }
    let recorded = recorded(|| {
        let mut numbers = vec![1, 2];
        *first(&mut numbers) += 10;
        assert_eq!(numbers, [11, 2]);
        assert_eq!(longest("ab", "c"), "ab");
    });
    assert_eq!(recorded.spans.len(), 2);
}

#[test]
fn a_panic_inside_a_drop_while_unwinding_is_survived_by_the_spans_around_it() {
    struct Caught;
    impl Drop for Caught {
        fn drop(&mut self) {
            let _ = catch_unwind(AssertUnwindSafe(|| {
                span("inner").run(|| panic_quietly("second"))
            }));
        }
    }
    let recorded = recorded(|| {
        let _ = catch_unwind(|| {
            span("outer").run(|| {
                let _caught = Caught;
                panic_quietly("first");
            });
        });
    });
    assert_eq!(recorded.span("inner").status_message, "second");
    assert_eq!(recorded.span("outer").status_message, "first");
    assert_eq!(
        recorded.span("inner").parent_span_id,
        Some(recorded.span("outer").span_id)
    );
}
