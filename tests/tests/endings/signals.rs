//! A process is told by a signal to end.

use std::time::Duration;

use crate::process::start;

const SIGINT: i32 = 2;
const SIGTERM: i32 = 15;

#[test]
fn sigterm_hands_over_and_ends_the_process_as_it_does() {
    let ended = start("signals").has_said("ready").send(SIGTERM).wait();
    let ended = ended.died_of(SIGTERM).quietly();
    assert_eq!(ended.spans.len(), 1);
}

#[test]
fn sigint_hands_over_and_ends_the_process_as_it_does() {
    let ended = start("signals").has_said("ready").send(SIGINT).wait();
    let ended = ended.died_of(SIGINT).quietly();
    assert_eq!(ended.spans.len(), 1);
}

#[test]
fn nothing_is_done_about_signals_unless_said() {
    let ended = start("signals_unwatched")
        .has_said("ready")
        .send(SIGTERM)
        .wait();
    ended.died_of(SIGTERM).quietly();
}

#[test]
fn an_exporter_that_hangs_keeps_a_signal_no_longer_than_the_flush_timeout() {
    let ended = start("signals_with_a_hanging_exporter")
        .has_said("ready")
        .send(SIGTERM)
        .wait();
    assert!(
        ended
            .stderr
            .starts_with("genai-trace: 1 spans ended; hanging: "),
        "{}",
        ended.stderr
    );
    assert!(ended.took >= Duration::from_millis(300), "{:?}", ended.took);
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&ended.status),
        Some(SIGTERM)
    );
}

#[test]
fn a_second_signal_ends_the_process_at_once() {
    // The flush would take 40 s.
    let mut process = start("signals_twice").has_said("ready").send(SIGINT);
    while process.is_running() {
        process = process.send(SIGINT);
    }
    let ended = process.wait();
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&ended.status),
        Some(SIGINT)
    );
}

#[test]
fn a_signal_after_the_guard_ends_the_process() {
    let ended = start("signals_after_the_guard")
        .has_said("ready")
        .send(SIGTERM)
        .wait();
    ended.died_of(SIGTERM).quietly();
}

#[test]
fn a_signal_that_is_ignored_stays_ignored() {
    let ended = start("signals_ignored")
        .has_said("ready")
        .send(SIGINT)
        .wait();
    let ended = ended.exited(0).quietly();
    assert_eq!(ended.spans.len(), 2);
}

#[test]
fn a_handler_that_was_there_before_decides_how_the_process_ends() {
    goes_on_until_it_exits("signals_handled_before");
}

#[test]
fn a_handler_that_takes_our_place_decides_how_the_process_ends() {
    goes_on_until_it_exits("signals_handled_after");
}

#[test]
fn a_listener_of_tokio_that_was_there_before_decides_how_the_process_ends() {
    goes_on_until_it_exits("signals_on_tokio_before");
}

#[test]
fn a_listener_of_tokio_that_came_after_decides_how_the_process_ends() {
    goes_on_until_it_exits("signals_on_tokio_after");
}

/// The program's own handler is called, and what it records until it exits is recorded.
fn goes_on_until_it_exits(case: &str) {
    let ended = start(case).has_said("ready").send(SIGTERM).wait();
    let ended = ended.exited(7).quietly();
    assert_eq!(ended.spans.len(), 2);
}

#[test]
fn a_forked_child_dies_of_its_own_signal_and_its_parent_goes_on() {
    let ended = start("signals_in_a_child").wait();
    let ended = ended.exited(0).quietly();
    assert_eq!(ended.said_of("signal"), ["15"]);
    assert_eq!(ended.spans.len(), 2);
}

#[test]
fn a_thread_that_takes_the_signals_may_flush() {
    let ended = start("signals_taken_by_a_thread")
        .has_said("ready")
        .send(SIGTERM)
        .wait();
    let ended = ended.died_of(6);
    assert_eq!(
        ended.said_of("report"),
        ["2 spans ended; jsonl: 2 written, 0 dropped, 0 failed"]
    );
}
