//! A process ends inside async code, on every runtime and none.

use crate::process::run;

/// A flush half way: it is complete, and what comes after it is written by the exit.
fn is_flushed_half_way(case: &str) {
    let ended = run(case).exited(0).quietly();
    assert_eq!(
        ended.said_of("report"),
        ["1 spans ended; jsonl: 1 written, 0 dropped, 0 failed"]
    );
    assert!(ended.spans.len() >= 2);
}

#[test]
fn a_flush_on_one_thread_of_tokio() {
    is_flushed_half_way("flush_on_current_thread");
}

#[test]
fn a_flush_in_a_task_on_many_threads_of_tokio() {
    is_flushed_half_way("flush_on_multi_thread");
}

#[test]
fn a_flush_in_a_task_of_smol() {
    is_flushed_half_way("flush_on_smol");
}

#[test]
fn a_flush_without_any_runtime() {
    is_flushed_half_way("flush_on_no_runtime");
}

#[test]
fn a_flush_in_a_runtime_in_a_runtime() {
    is_flushed_half_way("flush_in_nested_runtimes");
}

#[test]
fn an_async_flush_on_one_thread_of_tokio() {
    is_flushed_half_way("flush_async_on_current_thread");
}

#[test]
fn an_async_flush_without_any_runtime() {
    is_flushed_half_way("flush_async_on_no_runtime");
}

#[test]
fn a_guard_that_is_dropped_in_async_main_loses_nothing() {
    let ended = run("guard_in_async_main").exited(0).quietly();
    assert_eq!(ended.spans.len(), 1);
}

#[test]
fn a_guard_that_is_dropped_in_a_task_loses_nothing() {
    let ended = run("guard_in_a_task").exited(0).quietly();
    assert_eq!(ended.spans.len(), 1);
}

#[test]
fn an_exit_in_a_task_loses_nothing() {
    let ended = run("exit_in_a_task").exited(3).quietly();
    assert_eq!(ended.spans.len(), 1);
}

#[test]
fn a_runtime_that_is_dropped_with_the_guard_inside_loses_nothing() {
    let ended = run("runtime_dropped_with_the_guard_inside")
        .exited(0)
        .quietly();
    assert_eq!(ended.spans.len(), 1);
}

#[test]
fn an_exporter_that_hangs_keeps_an_async_flush_no_longer_than_its_deadline() {
    let ended = run("flush_async_with_a_hanging_exporter");
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(ended.said_of("complete"), ["false"]);
}
