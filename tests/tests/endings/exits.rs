//! A process exits, or panics, in any of the ways that there are.

use std::time::Duration;

use crate::process::{run, run_crash_safe};

/// What `abort` ends a process with.
const SIGABRT: i32 = 6;

#[test]
fn at_process_exit_nothing_is_lost() {
    let ended = run("exit").exited(3).quietly();
    assert_eq!(ended.spans.len(), 1);
}

#[test]
fn at_an_exit_on_another_thread_nothing_is_lost() {
    let ended = run("exit_on_a_thread").exited(3).quietly();
    assert_eq!(ended.spans.len(), 2);
}

#[test]
fn at_an_exit_while_other_threads_record_nothing_that_was_said_is_lost() {
    run("exit_while_others_record").exited(3);
}

#[test]
fn a_guard_that_was_forgotten_loses_nothing() {
    let ended = run("leaked").exited(0).quietly();
    assert_eq!(ended.spans.len(), 1);
}

#[test]
fn a_guard_in_a_leaked_box_loses_nothing() {
    let ended = run("boxed").exited(0).quietly();
    assert_eq!(ended.spans.len(), 1);
}

#[test]
fn a_guard_in_a_static_loses_nothing() {
    let ended = run("static").exited(0).quietly();
    assert_eq!(ended.spans.len(), 1);
}

#[test]
fn an_exit_after_the_guard_finds_nothing_to_do() {
    let ended = run("dropped_then_exit").exited(3).quietly();
    assert_eq!(ended.spans.len(), 1);
}

#[test]
fn an_exporter_that_hangs_keeps_an_exit_no_longer_than_the_flush_timeout() {
    let ended = run("exit_with_a_hanging_exporter");
    assert_eq!(ended.status.code(), Some(3));
    assert!(ended.took >= Duration::from_millis(200), "{:?}", ended.took);
    assert!(
        ended
            .stderr
            .starts_with("genai-trace: 1 spans ended; hanging: "),
        "{}",
        ended.stderr
    );
}

#[test]
fn an_exporter_that_hangs_keeps_the_guard_no_longer_than_the_flush_timeout() {
    let ended = run("drop_with_a_hanging_exporter");
    assert_eq!(ended.status.code(), Some(0));
    assert!(
        ended
            .stderr
            .starts_with("genai-trace: 1 spans ended; hanging: "),
        "{}",
        ended.stderr
    );
}

#[test]
fn an_exporter_that_exits_does_not_wait_for_itself() {
    let ended = run("exit_in_an_exporter");
    assert_eq!(ended.status.code(), Some(3));
}

#[test]
fn an_exit_in_a_panic_hook_loses_nothing() {
    let ended = run("exit_in_a_panic_hook").exited(4).quietly();
    assert_eq!(ended.spans.len(), 2);
}

#[test]
fn a_flush_in_a_panic_hook_is_complete() {
    let ended = run("flush_in_a_panic_hook").died_of(SIGABRT);
    assert_eq!(
        ended.said_of("report"),
        ["1 spans ended; jsonl: 1 written, 0 dropped, 0 failed"]
    );
}

#[test]
fn where_a_panic_aborts_a_flush_in_the_hook_loses_nothing() {
    let ended = run("panic_is_abort").died_of(SIGABRT);
    assert_eq!(ended.said_of("report").len(), 1);
}

#[test]
fn a_panic_in_main_drops_the_guard() {
    let ended = run("panic_in_main").exited(101);
    assert_eq!(
        (ended.spans.len(), ended.said_of("complete")),
        (2, vec!["true"])
    );
}

#[test]
fn a_drop_that_unwinds_may_flush() {
    let ended = run("flush_in_a_drop_while_unwinding").exited(0);
    assert_eq!(
        (ended.spans.len(), ended.said_of("complete")),
        (2, vec!["true"])
    );
}

#[test]
fn a_thread_that_ends_may_flush_in_the_destructors_of_its_locals() {
    let ended = run("flush_at_thread_end").exited(0).quietly();
    assert_eq!(ended.said_of("complete"), ["true", "true"]);
    assert_eq!(ended.spans.len(), 4);
}

#[test]
fn the_main_thread_may_flush_in_the_destructors_of_its_locals() {
    let ended = run("flush_at_the_end_of_main").exited(0).quietly();
    assert_eq!(ended.said_of("complete"), ["true"]);
}

#[test]
fn an_exit_handler_that_runs_before_ours_records_and_flushes() {
    let ended = run("atexit_after_init").exited(0).quietly();
    assert_eq!(ended.said_of("complete"), ["true"]);
    assert_eq!(ended.said_of("metrics"), ["true"]);
}

#[test]
fn an_exit_handler_that_runs_after_ours_finds_the_account() {
    let ended = run("atexit_before_init").exited(0).quietly();
    assert_eq!(ended.said_of("complete"), ["true"]);
    assert_eq!(ended.said_of("metrics"), ["true"]);
}

#[test]
fn an_exit_handler_may_drop_the_guard() {
    let ended = run("atexit_drops_the_guard").exited(0).quietly();
    assert_eq!(ended.spans.len(), 1);
}

#[test]
fn at_an_exit_the_black_box_goes_with_the_process() {
    let ended = run_crash_safe("exit").exited(3).quietly();
    assert_eq!(ended.spans.len(), 1);
}
