//! The same spans on every runtime that users have, and at every way a runtime ends a future.

use std::time::Duration;

use genai_trace::{SpanContext, current, genai_agent, genai_tool, record};
use genai_trace_tests::{recorded, yield_once};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

#[genai_tool(name = name, parent = parent)]
async fn tool(name: &str, parent: Option<SpanContext>) {
    yield_once().await;
    tokio::time::sleep(Duration::from_millis(1)).await;
    record!(app.thread = format!("{:?}", std::thread::current().id()));
}

#[genai_agent("coder")]
async fn agent() {
    tool("awaited", None).await;
    tokio::join!(tool("joined 1", None), tool("joined 2", None));
    let here = current().context();
    let spawned = ["spawned 1", "spawned 2"].map(|name| tokio::spawn(tool(name, here.clone())));
    for task in spawned {
        task.await.unwrap();
    }
    let slow = tokio::time::timeout(Duration::from_millis(5), never("timed out"));
    assert!(slow.await.is_err());
    tokio::select! {
        () = never("not selected") => {}
        () = tool("selected", None) => {}
    }
    let (begun, has_begun) = oneshot::channel();
    let task = tokio::spawn(begins("aborted", begun).in_span_of(here));
    has_begun.await.unwrap();
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
}

#[genai_tool(name = name)]
async fn never(name: &str) {
    std::future::pending::<()>().await;
}

/// Says that it has begun, and never ends.
#[genai_tool(name = name)]
async fn begins(name: &str, begun: oneshot::Sender<()>) {
    begun.send(()).unwrap();
    std::future::pending::<()>().await;
}

/// Runs a future under a parent that is on another task.
trait InSpanOf: Future + Sized {
    fn in_span_of(self, parent: Option<SpanContext>) -> impl Future<Output = Self::Output> + Send
    where
        Self: Send,
    {
        genai_trace::span("task").parent(&parent).wrap(self)
    }
}

impl<F: Future> InSpanOf for F {}

fn outline_on(runtime: &Runtime) -> String {
    let recorded = recorded(|| runtime.block_on(agent()));
    let agent = recorded.span("invoke_agent coder");
    assert!(
        recorded
            .spans
            .iter()
            .all(|span| span.trace_id == agent.trace_id)
    );
    let mut lines: Vec<String> = recorded.outline().lines().map(str::to_owned).collect();
    // Which of two that run at the same time begins first is the runtime's affair.
    lines.sort();
    lines.join("\n")
}

const EXPECTED: &str = "\
..execute_tool aborted cancelled
.execute_tool awaited
.execute_tool joined 1
.execute_tool joined 2
.execute_tool not selected cancelled
.execute_tool selected
.execute_tool spawned 1
.execute_tool spawned 2
.execute_tool timed out cancelled
.task cancelled
invoke_agent coder";

#[test]
fn on_one_thread_of_tokio() {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    assert_eq!(outline_on(&runtime), EXPECTED);
}

#[test]
fn on_many_threads_of_tokio() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(4)
        .enable_time()
        .build()
        .unwrap();
    assert_eq!(outline_on(&runtime), EXPECTED);
}

#[test]
fn a_runtime_that_is_dropped_cancels_what_it_runs() {
    let recorded = recorded(|| {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_time()
            .build()
            .unwrap();
        let (begun, has_begun) = oneshot::channel();
        runtime.spawn(begins("left behind", begun));
        has_begun.blocking_recv().unwrap();
        drop(runtime);
    });
    assert_eq!(recorded.outline(), "execute_tool left behind cancelled");
}
