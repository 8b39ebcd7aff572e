//! A process forks: the parent's account stays exact, the child records on its own or not at all.

use std::collections::HashSet;

use crate::process::{Ended, run, run_crash_safe};

/// What the parent and its children said is in the file, and nothing else is.
fn holds_what_was_said(ended: &Ended) {
    let said: HashSet<&str> = ended
        .said_of("span")
        .into_iter()
        .chain(ended.said_of("child"))
        .collect();
    assert_eq!(ended.spans.len(), said.len());
}

#[test]
fn a_child_that_does_nothing_about_it_stays_silent() {
    let ended = run("fork_and_stay_silent").exited(0).quietly();
    assert_eq!(ended.spans.len(), 2);
}

#[test]
fn a_child_that_installs_telemetry_records_into_the_same_file() {
    let ended = run("fork_and_record").exited(0).quietly();
    assert_eq!(ended.said_of("child").len(), 6);
    holds_what_was_said(&ended);
    let trace = |id| ended.span(id).trace_id;
    let traces: HashSet<_> = ended.said_of("child").into_iter().map(trace).collect();
    assert_eq!(traces.len(), 6, "two children have the same ids");
}

#[test]
fn a_span_that_is_open_at_the_fork_is_the_parents_alone() {
    let ended = run("fork_inside_a_span").exited(0).quietly();
    holds_what_was_said(&ended);
    for id in ended.said_of("child") {
        assert_eq!(ended.span(id).parent_span_id, None);
    }
}

#[test]
fn a_child_never_waits_for_what_another_thread_was_doing_at_the_fork() {
    let ended = run("fork_beside_an_exposition").exited(0).quietly();
    assert_eq!(ended.spans.len(), 501);
}

#[test]
fn a_child_that_drops_the_parents_guard_ends_nothing() {
    let ended = run("fork_and_drop_the_guard").exited(0).quietly();
    assert_eq!(ended.spans.len(), 2);
}

#[test]
fn a_child_may_return_from_main() {
    let ended = run("fork_and_return_from_main").exited(0).quietly();
    assert_eq!(ended.spans.len(), 2);
}

#[test]
fn a_child_of_a_child_is_a_child_as_well() {
    let ended = run("fork_in_a_fork").exited(0).quietly();
    assert_eq!(ended.said_of("child").len(), 3);
    holds_what_was_said(&ended);
}

#[test]
fn handles_and_open_spans_of_the_parent_do_nothing_in_the_child() {
    let ended = run("fork_with_handles").exited(0).quietly();
    assert_eq!(ended.said_of("child").len(), 50);
}

#[test]
fn fifty_forks_beside_eight_threads_that_record() {
    let ended = run("fork_from_many_threads").exited(0).quietly();
    assert_eq!(ended.said_of("child").len(), 40);
    holds_what_was_said(&ended);
}

#[test]
fn fifty_forks_while_flushes_are_under_way() {
    let ended = run("fork_during_flushes").exited(0).quietly();
    assert_eq!(ended.said_of("child").len(), 50);
}

#[test]
fn forks_while_functions_are_called_for_the_first_time() {
    run("fork_while_callsites_register").exited(0).quietly();
}

#[test]
fn beside_a_black_box_fifty_forks_are_no_other() {
    let ended = run_crash_safe("fork_from_many_threads").exited(0).quietly();
    assert_eq!(ended.said_of("child").len(), 40);
    holds_what_was_said(&ended);
}

#[test]
fn beside_a_black_box_names_that_are_new_to_a_child_are_its_own() {
    run_crash_safe("fork_while_callsites_register")
        .exited(0)
        .quietly();
}
