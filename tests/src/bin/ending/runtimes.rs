//! A process ends inside async code.

use std::time::Duration;

use genai_trace_tests::{block_on, yield_once};

use crate::{Hanging, LONG, init, say, say_step};

pub fn run(case: &str) -> bool {
    match case {
        "flush_on_current_thread" => current_thread().block_on(flush()),
        "flush_on_multi_thread" => {
            multi_thread().block_on(async { tokio::spawn(flush()).await.expect("a task") });
        }
        "flush_on_smol" => smol::block_on(async {
            smol::spawn(flush()).await;
            flush_async().await;
        }),
        "flush_on_no_runtime" => block_on(flush()),
        "flush_in_nested_runtimes" => {
            block_on(async { block_on(async { smol::block_on(flush()) }) });
        }
        "flush_async_on_current_thread" => current_thread().block_on(flush_async()),
        "flush_async_on_no_runtime" => block_on(flush_async()),
        "guard_in_async_main" => {
            current_thread().block_on(async {
                let _telemetry = init();
                yield_once().await;
                say_step();
            });
        }
        "guard_in_a_task" => {
            multi_thread().block_on(async {
                let task = tokio::spawn(async {
                    let _telemetry = init();
                    yield_once().await;
                    say_step();
                });
                task.await.expect("a task");
            });
        }
        "exit_in_a_task" => {
            multi_thread().block_on(async {
                let _telemetry = init();
                let task = tokio::spawn(async {
                    yield_once().await;
                    say_step();
                    std::process::exit(3);
                });
                let _ = task.await;
            });
        }
        "runtime_dropped_with_the_guard_inside" => {
            let runtime = multi_thread();
            let (sender, ready) = std::sync::mpsc::channel();
            runtime.spawn(async move {
                let _telemetry = init();
                say_step();
                let _ = sender.send(());
                std::future::pending::<()>().await;
            });
            ready.recv().expect("a task");
            drop(runtime);
        }
        "flush_async_with_a_hanging_exporter" => {
            let telemetry = genai_trace::Telemetry::builder()
                .exporter(Hanging)
                .flush_timeout(Duration::from_millis(100))
                .install()
                .expect("telemetry");
            say_step();
            let report =
                current_thread().block_on(telemetry.flush_async(Duration::from_millis(100)));
            say(&format!("complete {}", report.complete));
        }
        _ => return false,
    }
    true
}

fn current_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

fn multi_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// Flushes in async code; the guard is leaked, so that nothing else does so before the exit.
async fn flush() {
    let telemetry = init();
    yield_once().await;
    say_step();
    let report = telemetry.flush(LONG);
    say(&format!("report {report}"));
    yield_once().await;
    say_step();
    std::mem::forget(telemetry);
}

async fn flush_async() {
    // On smol it comes after another one: that one goes on recording.
    match genai_trace::init() {
        Ok(telemetry) => {
            say_step();
            let report = telemetry.flush_async(LONG).await;
            say(&format!("report {report}"));
            say_step();
            std::mem::forget(telemetry);
        }
        Err(_) => say_step(),
    }
}
