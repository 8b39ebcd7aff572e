//! What `tokio` says of tasks and of time.

use std::error::Error;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::GenAiError;
use crate::span::error_type::of_erased;

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

fn hidden(error: impl Error + 'static) -> Option<std::borrow::Cow<'static, str>> {
    of_erased(&error).map(|known| known.error_type)
}

#[test]
fn a_task_that_is_aborted_is_cancelled_and_one_that_panics_is_a_panic() {
    let (aborted, panicked) = runtime().block_on(async {
        let pending = tokio::spawn(std::future::pending::<()>());
        pending.abort();
        let panicking = tokio::spawn(async { std::panic::resume_unwind(Box::new(1)) });
        (
            pending.await.expect_err("it is aborted"),
            panicking.await.map(|()| 1).expect_err("it panics"),
        )
    });
    assert_eq!(aborted.error_type(), "cancelled");
    assert_eq!(panicked.error_type(), "panic");
    assert_eq!(hidden(panicked).as_deref(), Some("panic"));
}

#[test]
fn a_time_that_runs_out_is_a_timeout() {
    let elapsed = runtime().block_on(async {
        tokio::time::timeout(Duration::ZERO, std::future::pending::<()>()).await
    });
    let elapsed = elapsed.expect_err("it never ends");
    assert_eq!(elapsed.error_type(), "timeout");
    assert_eq!(hidden(elapsed).as_deref(), Some("timeout"));
}
