//! An agent is evaluated: a handful of tasks, each a trace of its own with a score.
//!
//! ```text
//! cargo run --example evaluation
//! ```
//!
//! The agent is a shopkeeper who says what things cost. Its model (`model.rs`) is a stand-in that answers in the
//! form of OpenAI's, and cannot do everything that it is asked: so some tasks fail. What one wants to know of
//! them stands on the spans `agent.evaluation`: which task it was, whether it was done, in how many steps, with
//! how many tokens, and the score as the conventions' event.

mod agent;
mod model;

use std::error::Error;
use std::io::{self, Write};
use std::time::Duration;

use genai_trace::{Builder, genai_span, score};

use crate::agent::{Spent, shopkeeper};

/// What the agent is to do.
struct Task {
    id: &'static str,
    difficulty: &'static str,
    question: &'static str,
    expected: &'static str,
}

const TASKS: [Task; 5] = [
    Task {
        id: "one_kind",
        difficulty: "easy",
        question: "What do 3 apples cost?",
        expected: "6 coins",
    },
    Task {
        id: "two_kinds",
        difficulty: "medium",
        question: "What do 3 apples and 2 pears cost?",
        expected: "12 coins",
    },
    Task {
        id: "not_sold",
        difficulty: "medium",
        question: "What do 2 melons cost?",
        expected: "melons are not sold here",
    },
    Task {
        id: "half_price",
        difficulty: "hard",
        question: "What do 4 pears cost at half the price?",
        expected: "6 coins",
    },
    Task {
        id: "not_priced_yet",
        difficulty: "hard",
        question: "What do 5 figs cost?",
        expected: "nobody knows yet what figs cost",
    },
];

/// How a task went.
struct Done {
    /// What the agent said; else why it said nothing.
    answer: Result<String, String>,
    is_right: bool,
    spent: Spent,
}

#[genai_span(
    "agent.evaluation",
    fields("task.id" = task.id, "task.difficulty" = task.difficulty),
    ret_fields(
        "task.completed" = |done: &Done| done.is_right,
        "task.steps" = |done: &Done| done.spent.steps,
        "task.tokens_used" = |done: &Done| done.spent.tokens,
    )
)]
fn evaluate(task: &Task) -> Done {
    let mut spent = Spent::default();
    let answer = shopkeeper(task.question, &mut spent).map_err(|error| error.to_string());
    let is_right = answer.as_deref() == Ok(task.expected);
    score!(
        "exact_match",
        is_right,
        label = if is_right { "pass" } else { "fail" },
        explanation = format!("{:?} was expected", task.expected)
    );
    Done {
        answer,
        is_right,
        spent,
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let telemetry = Builder::from_env()?
        .default_service_name("evaluation")
        .install()?;
    let done: Vec<(&Task, Done)> = TASKS.iter().map(|task| (task, evaluate(task))).collect();
    let report = telemetry.shutdown(Duration::from_secs(5));

    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{:<16}{:<12}{:<8}{:<7}{:<8}answer",
        "task", "difficulty", "passed", "steps", "tokens"
    )?;
    for (task, done) in &done {
        let Task { id, difficulty, .. } = task;
        let passed = if done.is_right { "yes" } else { "no" };
        let Spent { steps, tokens } = done.spent;
        let answer = match &done.answer {
            Ok(answer) => answer.clone(),
            Err(error) => format!("none: {error}"),
        };
        writeln!(
            out,
            "{id:<16}{difficulty:<12}{passed:<8}{steps:<7}{tokens:<8}{answer}"
        )?;
    }
    let passed = done.iter().filter(|(_, done)| done.is_right).count();
    writeln!(out, "\n{passed} of {} passed", done.len())?;
    writeln!(out, "{report}")?;
    Ok(())
}
