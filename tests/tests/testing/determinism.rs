//! A captured run is the same from run to run: ids, times, lines.

use std::panic::catch_unwind;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::agent_run::run;
use genai_trace::testing::{Capture, Captured, advance, capture};
use genai_trace::{SpanContext, current, genai_chat, span};
use genai_trace_tests::{block_on, yield_once};

#[test]
fn a_run_is_the_same_again() {
    let first = run().jsonl();
    assert_eq!(first.lines().count(), 6);
    // Another thread has another stock of ids.
    assert_eq!(first, std::thread::spawn(|| run().jsonl()).join().unwrap());
}

#[test]
fn every_line_is_the_same_from_run_to_run() {
    let lines = || {
        let ((), captured) = capture(|| {
            span("failed")
                .try_run(|| Err::<(), _>(std::fmt::Error))
                .unwrap_err();
            span("root").run(|| span("child").run(|| {}));
            let mut guard = span("by hand").link(&remote()).enter();
            current().event("noted", |event| {
                event.set("n", &1);
            });
            std::thread::sleep(Duration::from_millis(1));
            guard.event("ended", |_| {});
            drop(guard);
            block_on(span("async").wrap(yield_once()));
        });
        captured.jsonl()
    };
    let first = lines();
    // Another thread has another stock of ids, and another clock reading.
    assert_eq!(first, std::thread::spawn(lines).join().unwrap());
    let by_hand = first.lines().find(|line| line.contains("by hand")).unwrap();
    assert_eq!(
        by_hand,
        concat!(
            r#"{"trace_id":"00000000000000000000000000000003","span_id":"0000000000000004","#,
            r#""parent_span_id":null,"name":"by hand","kind":"INTERNAL","#,
            r#""start_unix_nano":1767225600006000000,"end_unix_nano":1767225600009000000,"#,
            r#""status":"UNSET","status_message":"","attributes":{},"events":[{"name":"noted","#,
            r#""time_unix_nano":1767225600007000000,"attributes":{"n":1}},{"name":"ended","#,
            r#""time_unix_nano":1767225600008000000,"attributes":{}}],"#,
            r#""links":[{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","#,
            r#""span_id":"00f067aa0ba902b7","attributes":{}}],"resource":{}}"#,
        )
    );
}

#[test]
fn the_clock_steps_stands_or_is_the_real_one() {
    let durations = |captured: Captured| -> Vec<u128> {
        let spans = captured.spans().into_iter();
        spans.map(|span| span.duration().as_millis()).collect()
    };
    let work = || span("outer").run(|| span("inner").run(|| advance(Duration::from_secs(1))));
    assert_eq!(durations(capture(work).1), [1_003, 1_001]);
    let standing = Capture::new().clock_step(Duration::ZERO).run(work).1;
    assert_eq!(durations(standing), [1_000, 1_000]);
    let nap = || span("nap").run(|| std::thread::sleep(Duration::from_millis(5)));
    let (before, real) = (std::time::SystemTime::now(), Capture::new().real_clock());
    let spans = real.run(nap).1.spans();
    assert!(spans[0].duration() >= Duration::from_millis(5));
    let before = before
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_nanos();
    assert!(u128::from(spans[0].start_unix_nano) + 100_000_000 > before);
}

#[test]
fn the_clock_is_moved_only_where_there_is_one_to_move() {
    let message = |work: fn()| {
        let payload = catch_unwind(work).unwrap_err();
        let text = payload.downcast_ref::<String>().cloned();
        text.unwrap_or_else(|| (*payload.downcast_ref::<&str>().unwrap()).to_owned())
    };
    assert_eq!(
        message(|| advance(Duration::ZERO)),
        "`advance` moves the clock of a capture, and there is none here"
    );
    assert_eq!(
        message(|| Capture::new()
            .real_clock()
            .run(|| advance(Duration::ZERO))
            .0),
        "the clock of this capture is the real one, which cannot be moved"
    );
}

fn remote() -> SpanContext {
    SpanContext::new(
        "4bf92f3577b34da6a3ce929d0e0e4736".parse().unwrap(),
        "00f067aa0ba902b7".parse().unwrap(),
    )
}

#[test]
fn a_stream_tells_the_time_of_its_capture() {
    use futures::Stream;
    struct Three(u8);
    impl Stream for Three {
        type Item = u8;
        fn poll_next(mut self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u8>> {
            self.0 += 1;
            Poll::Ready((self.0 < 4).then_some(self.0))
        }
    }
    #[genai_chat(provider = "openai", model = "gpt-4o", stream)]
    fn streamed() -> impl Stream<Item = u8> {
        Three(0)
    }
    let run = || {
        capture(|| {
            let mut stream = Box::pin(streamed());
            let mut cx = Context::from_waker(Waker::noop());
            while stream.as_mut().poll_next(&mut cx) != Poll::Ready(None) {}
        })
        .1
        .jsonl()
    };
    assert_eq!(run(), run());
    assert!(run().contains(r#""gen_ai.response.time_to_first_chunk":0.001"#));
}
