//! One request of many, in a process that may be frozen after it: its spans are flushed by then.

use std::pin::pin;
use std::sync::MutexGuard;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use genai_trace::{
    ExportError, FlushOnDrop, MemoryExporter, Outcome, SpanBatch, SpanExporter, Telemetry,
    genai_tool, span,
};
use genai_trace_tests::{block_on, turn, yield_once};

const LONG: Duration = Duration::from_secs(30);

fn installed() -> (MutexGuard<'static, ()>, MemoryExporter, Telemetry) {
    let turn = turn();
    let memory = MemoryExporter::new();
    let telemetry = Telemetry::builder().memory(&memory).install().unwrap();
    (turn, memory, telemetry)
}

#[genai_tool("handle")]
async fn handle(event: &str) -> usize {
    yield_once().await;
    assert_ne!(event, "bad", "a bad event");
    event.len()
}

#[test]
fn a_guard_for_a_request_flushes_when_it_is_dropped() {
    let (_turn, memory, telemetry) = installed();
    for requests in 1..=3 {
        {
            let _flush = telemetry.flush_on_drop(LONG);
            span("request").run(|| {});
        }
        assert_eq!(memory.spans().len(), requests);
    }
}

#[test]
fn a_guard_for_a_request_gives_the_report() {
    let (_turn, memory, telemetry) = installed();
    let flush = telemetry.flush_on_drop(LONG);
    span("request").run(|| {});
    let report = flush.flush();
    assert_eq!(
        report.to_string(),
        "1 spans ended; memory: 1 written, 0 dropped, 0 failed"
    );
    assert_eq!(memory.spans().len(), 1);
}

#[test]
fn a_request_that_panics_is_flushed() {
    let (_turn, memory, telemetry) = installed();
    let caught = std::panic::catch_unwind(|| {
        let _flush = telemetry.flush_on_drop(LONG);
        span("request").run(|| panic!("a bad event"));
    });
    assert!(caught.is_err());
    assert_eq!(memory.spans().len(), 1);
}

#[test]
fn a_guard_for_a_request_goes_along_to_another_thread() {
    let (_turn, memory, telemetry) = installed();
    let flush: FlushOnDrop = telemetry.flush_on_drop(LONG);
    std::thread::spawn(move || {
        span("request").run(|| {});
        drop(flush);
    })
    .join()
    .unwrap();
    assert_eq!(memory.spans().len(), 1);
}

#[test]
fn an_async_request_gives_its_answer_and_the_report() {
    let (_turn, memory, telemetry) = installed();
    let (answer, report) = block_on(telemetry.flush_after(LONG, handle("event")));
    assert_eq!((answer, report.ended, report.complete), (5, 1, true));
    assert_eq!(memory.spans().len(), 1);
}

#[test]
fn an_async_request_may_be_spawned() {
    let (_turn, memory, telemetry) = installed();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let request = telemetry.flush_after(LONG, handle("event"));
    let (_, report) = runtime.block_on(async { tokio::spawn(request).await.unwrap() });
    assert!(report.complete);
    assert_eq!(memory.spans().len(), 1);
}

#[test]
fn an_async_request_that_panics_is_flushed_and_panics_on() {
    let (_turn, memory, telemetry) = installed();
    let caught = std::panic::catch_unwind(|| block_on(telemetry.flush_after(LONG, handle("bad"))));
    let message = caught.unwrap_err();
    assert!(
        message
            .downcast_ref::<String>()
            .unwrap()
            .contains("a bad event")
    );
    assert_eq!(memory.spans()[0].outcome(), Outcome::Panicked);
}

#[test]
fn an_async_request_that_is_cancelled_is_flushed_with_its_end() {
    let (_turn, memory, telemetry) = installed();
    let mut request = Box::pin(telemetry.flush_after(LONG, handle("event")));
    let polled = request
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending() && memory.spans().is_empty());
    drop(request);
    assert_eq!(memory.spans()[0].outcome(), Outcome::Cancelled);
}

#[test]
fn an_async_request_that_was_never_polled_does_no_harm() {
    let (_turn, memory, telemetry) = installed();
    drop(telemetry.flush_after(LONG, handle("event")));
    assert!(memory.spans().is_empty());
}

/// Lets nothing through before it is told to.
struct Gated(std::sync::mpsc::Receiver<()>);

impl SpanExporter for Gated {
    fn name(&self) -> &str {
        "gated"
    }

    fn export(&mut self, batch: &SpanBatch<'_>) -> Result<(), ExportError> {
        if !batch.is_empty() {
            let _ = self.0.recv();
        }
        Ok(())
    }
}

#[test]
fn an_async_flush_does_not_block_its_thread() {
    let _turn = turn();
    let (open, gate) = std::sync::mpsc::channel();
    let telemetry = Telemetry::builder()
        .exporter(Gated(gate))
        .install()
        .unwrap();
    span("request").run(|| {});
    let report = block_on(async {
        let mut flush = pin!(telemetry.flush_async(LONG));
        let first = std::future::poll_fn(|cx| Poll::Ready(flush.as_mut().poll(cx))).await;
        assert!(first.is_pending());
        // The exporter goes on because this thread does.
        drop(open);
        flush.await
    });
    assert!(report.complete);
}

#[test]
fn an_exporter_that_hangs_keeps_no_request_longer_than_the_deadline() {
    let _turn = turn();
    let (open, gate) = std::sync::mpsc::channel();
    let telemetry = Telemetry::builder()
        .exporter(Gated(gate))
        .install()
        .unwrap();
    let deadline = Duration::from_millis(50);
    let began = Instant::now();
    drop(telemetry.flush_on_drop(deadline));
    span("request").run(|| {});
    let report = telemetry.flush_on_drop(deadline).flush();
    assert!(!report.complete);
    let (_, report) = block_on(telemetry.flush_after(deadline, handle("event")));
    assert!(!report.complete);
    let mut request = Box::pin(telemetry.flush_after(deadline, handle("event")));
    let _ = request
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    drop(request);
    // Four deadlines, on a machine however busy.
    assert!(began.elapsed() < LONG);
    drop(open);
}

#[test]
fn without_telemetry_requests_are_answered_all_the_same() {
    let _turn = turn();
    let telemetry = Telemetry::builder()
        .memory(&MemoryExporter::new())
        .install()
        .unwrap();
    let _ = telemetry.shutdown(LONG);
    let (answer, report) = block_on(telemetry.flush_after(LONG, handle("event")));
    assert_eq!((answer, report.complete), (5, true));
}
