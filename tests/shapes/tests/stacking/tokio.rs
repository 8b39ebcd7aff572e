//! `#[tokio::main]` and `#[tokio::test]`.

use std::time::Duration;

use genai_trace::{Outcome, SpanRecord, genai_agent, genai_span};
use genai_trace_shapes::{calls, ends};

/// How long the functions below wait.
const WAIT: Duration = Duration::from_millis(5);

#[genai_agent("above")]
#[tokio::main(flavor = "current_thread")]
async fn main_above(fail: bool) -> Result<u8, String> {
    tokio::time::sleep(WAIT).await;
    if fail {
        return Err("failed".to_owned());
    }
    Ok(1)
}

#[tokio::main(flavor = "current_thread")]
#[genai_agent("below")]
async fn main_below(fail: bool) -> Result<u8, String> {
    tokio::time::sleep(WAIT).await;
    if fail {
        return Err("failed".to_owned());
    }
    Ok(1)
}

/// The one span of a call, which waited.
fn waited(name: &str, outcome: Outcome, call: impl FnOnce()) -> SpanRecord {
    let span = ends(name, outcome, call);
    assert!(span.duration() >= WAIT, "{span:?}");
    span
}

#[test]
fn above_and_below_tokio_main() {
    for (name, main) in [
        ("invoke_agent above", main_above as fn(bool) -> _),
        ("invoke_agent below", main_below),
    ] {
        waited(name, Outcome::Ok, || assert_eq!(main(false), Ok(1)));
        let failed = waited(name, Outcome::Error, || assert!(main(true).is_err()));
        assert_eq!(failed.status_message, "failed");
    }
}

/// Tests of users, called by tests of ours.
mod tests_of_users {
    use genai_trace::genai_span;

    use super::WAIT;

    #[genai_span]
    #[tokio::test]
    #[ignore = "it would end up in the recording of another test"]
    pub(super) async fn above() {
        tokio::time::sleep(WAIT).await;
    }

    #[tokio::test]
    #[ignore = "it would end up in the recording of another test"]
    #[genai_span]
    pub(super) async fn below() -> Result<(), String> {
        tokio::time::sleep(WAIT).await;
        Ok(())
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "it would end up in the recording of another test"]
    #[genai_span]
    pub(super) async fn on_many_threads() {
        tokio::time::sleep(WAIT).await;
    }
}

#[test]
fn above_and_below_tokio_test() {
    waited("above", Outcome::Ok, tests_of_users::above);
    waited("below", Outcome::Ok, || {
        assert_eq!(tests_of_users::below(), Ok(()));
    });
    waited(
        "on_many_threads",
        Outcome::Ok,
        tests_of_users::on_many_threads,
    );
}

#[test]
fn main_with_a_task_on_another_thread() {
    #[tokio::main(flavor = "multi_thread", worker_threads = 2)]
    #[genai_agent("coder")]
    async fn main() -> u8 {
        let here = genai_trace::current().context();
        let task =
            tokio::spawn(async move { genai_trace::span("task").parent(&here).wrap(work()).await });
        task.await.unwrap()
    }
    #[genai_span]
    async fn work() -> u8 {
        tokio::time::sleep(WAIT).await;
        1
    }
    let recorded = calls(|| assert_eq!(main(), 1));
    assert_eq!(
        recorded.outline(),
        "caller\n.invoke_agent coder\n..task\n...work"
    );
}
