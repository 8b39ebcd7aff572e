//! A run of `evaluation` as a user starts it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, unreachable_pub)]

#[allow(dead_code)]
mod support;

use genai_trace::{SpanRecord, Status};

use support::Run;

#[test]
fn a_run_shows_how_each_task_went() {
    let run = Run::of("evaluation", &[], &[]).assert_success();
    assert_eq!(run.stdout(), include_str!("../evaluation/output.txt"));
}

#[test]
fn every_task_is_a_trace_with_what_it_took_and_its_score() {
    let run = Run::of("evaluation", &[], &[]).assert_success();
    let spans = run.spans();
    let tasks: Vec<&SpanRecord> = spans
        .iter()
        .filter(|it| it.name == "agent.evaluation")
        .collect();
    let said = |span: &SpanRecord| {
        let text = |key: &str| span.attributes.str(key).unwrap().to_owned();
        let score = span.attributes.float("eval.score.exact_match").unwrap();
        let completed = span.attributes.get("task.completed") == Some(&true.into());
        let steps = span.attributes.int("task.steps").unwrap();
        (
            text("task.id"),
            text("task.difficulty"),
            completed,
            steps,
            score,
        )
    };
    let said: Vec<_> = tasks.iter().map(|span| said(span)).collect();
    let expected = [
        ("one_kind", "easy", true, 2, 1.0),
        ("two_kinds", "medium", true, 2, 1.0),
        ("not_sold", "medium", true, 2, 1.0),
        ("half_price", "hard", false, 2, 0.0),
        ("not_priced_yet", "hard", false, 4, 0.0),
    ];
    let expected = expected.map(|(id, difficulty, completed, steps, score)| {
        (
            id.to_owned(),
            difficulty.to_owned(),
            completed,
            steps,
            score,
        )
    });
    assert_eq!(said, expected);

    for task in tasks {
        let in_trace = |span: &&SpanRecord| span.trace_id == task.trace_id;
        let count = |name: &str| {
            spans
                .iter()
                .filter(in_trace)
                .filter(|it| it.name == name)
                .count()
        };
        assert_eq!(task.parent_span_id, None);
        assert_eq!(count("invoke_agent shopkeeper"), 1);
        let steps = task.attributes.int("task.steps").unwrap();
        assert_eq!(i64::try_from(count("chat abacus-1")).unwrap(), steps);
        // What the task took is what the calls of the model did.
        let chats = spans
            .iter()
            .filter(in_trace)
            .filter(|it| it.name == "chat abacus-1");
        let tokens = |chat: &SpanRecord| {
            let used = |class: &str| chat.attributes.int(&format!("gen_ai.usage.{class}_tokens"));
            used("input").unwrap() + used("output").unwrap()
        };
        let tokens: i64 = chats.map(tokens).sum();
        assert_eq!(task.attributes.int("task.tokens_used"), Some(tokens));
        let event = &task.events[0];
        assert_eq!(event.name, "gen_ai.evaluation.result");
        let completed = task.attributes.get("task.completed") == Some(&true.into());
        let label = event.attributes.str("gen_ai.evaluation.score.label");
        assert_eq!(label, Some(if completed { "pass" } else { "fail" }));
    }
}

#[test]
fn an_agent_that_gets_nowhere_has_failed_and_its_task_is_only_not_done() {
    let run = Run::of("evaluation", &[], &[]).assert_success();
    let spans = run.spans();
    let task = spans
        .iter()
        .find(|span| span.attributes.str("task.id") == Some("not_priced_yet"))
        .unwrap();
    assert_eq!(task.status, Status::Unset);
    let agent = spans
        .iter()
        .find(|span| span.parent_span_id == Some(task.span_id))
        .unwrap();
    assert_eq!(agent.attributes.str("error.type"), Some("TooManySteps"));
    let tools = spans.iter().filter(|span| span.trace_id == task.trace_id);
    let failed = tools.filter(|span| span.attributes.str("error.type") == Some("NotKnownYet"));
    assert_eq!(failed.count(), 4);
}
