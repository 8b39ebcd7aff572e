//! A run in a few words, for the agent that made it or for whoever asks a model about it.

mod budget;
mod facts;
mod step;

use std::fmt::Write;

use self::budget::Budget;
use self::facts::Facts;
use self::step::Step;
use crate::export::tree::short_duration;
use crate::record::SpanRecord;
use crate::recorder::span_in_flight::SpanInFlight;

/// At most so many bytes of a question, an answer or an error are shown.
const LONGEST_TEXT: usize = 400;
/// So many calls are named as the slowest.
const SLOWEST: usize = 3;
/// A call that was made so often with the same arguments is worth a word.
const OFTEN: usize = 3;

/// Says what a run did, in at most about `max_tokens` tokens: what it was asked and answered, what it used and cost, what
/// is open now, what failed or was denied, what it did again and again, what took longest, and its calls in their order
/// as far as there is room; of too many the first and the last.
///
/// It is text for a model to read: an agent that was at work for long may call it as a tool, over its own trace
/// ([`Telemetry::summary`](crate::Telemetry::summary)). `spans` are those of one trace that have ended, `open` those
/// that have not. A token is taken for three bytes, which is what text with code in it has; numbers and other scripts
/// may have less. What was said to models and tools is shown only as far as it was captured
/// ([`content`](crate::content)).
///
/// ```
/// use genai_trace::{MemoryExporter, Telemetry, span, summarize};
///
/// let memory = MemoryExporter::new();
/// let telemetry = Telemetry::builder().memory(&memory).install()?;
/// span("nightly").run(|| span("index").run(|| ()));
/// drop(telemetry);
/// let summary = summarize(&memory.spans(), &[], 200);
/// assert!(summary.starts_with("nightly: ended well after "));
/// assert!(summary.len() <= 600);
/// # Ok::<(), genai_trace::InitError>(())
/// ```
pub fn summarize(spans: &[SpanRecord], open: &[SpanInFlight], max_tokens: usize) -> String {
    let steps = Step::all(spans, open);
    let facts = Facts::of(&steps);
    let mut budget = Budget::of_tokens(max_tokens);
    budget.add(&facts.head(&steps));
    for section in [
        open_now(&steps),
        failures(&steps),
        denials(&steps),
        repeats(&steps),
        said(&steps),
        slowest(&steps),
    ] {
        budget.add_lines(&section);
    }
    budget.add_middle_out("Calls in their order:", &calls(&steps));
    budget.into_text()
}

/// What has not ended, the innermost first: that is what the run waits for.
fn open_now(steps: &[Step<'_>]) -> Vec<String> {
    let open = steps.iter().rev().filter(|step| step.is_open);
    open.map(|step| {
        format!(
            "Open now: {}, for {}",
            step.called(),
            short_duration(step.duration)
        )
    })
    .collect()
}

/// What failed, once where it failed: above it the same error is no news.
fn failures(steps: &[Step<'_>]) -> Vec<String> {
    let failed = steps.iter().filter(|step| step.has_failed);
    failed
        .filter(|step| {
            let is_from = |other: &Step<'_>| {
                other.parent == Some(step.id) && other.has_failed && other.error() == step.error()
            };
            !steps.iter().any(is_from)
        })
        .map(|step| {
            let mut line = format!("Failed: {}", step.called());
            let _ = write!(line, ": {}", step::shortened(&step.error(), LONGEST_TEXT));
            line
        })
        .collect()
}

fn denials(steps: &[Step<'_>]) -> Vec<String> {
    let denied = steps.iter().filter_map(|step| {
        let (decision, reason) = step.denial()?;
        let reason = reason.map_or_else(String::new, |reason| {
            format!(" ({})", step::shortened(reason, LONGEST_TEXT))
        });
        Some(format!("Gate: {} said {decision}{reason}", step.called()))
    });
    denied.collect()
}

/// Calls of a tool with the same arguments.
fn repeats(steps: &[Step<'_>]) -> Vec<String> {
    let mut seen: Vec<(&Step<'_>, usize)> = Vec::new();
    for step in steps.iter().filter(|step| step.is_tool()) {
        let known = seen.iter_mut().find(|(other, _)| {
            other.subject == step.subject && other.arguments() == step.arguments()
        });
        match known {
            Some((_, times)) => *times += 1,
            None if step.arguments().is_some() => seen.push((step, 1)),
            None => {}
        }
    }
    let often = seen.into_iter().filter(|(_, times)| *times >= OFTEN);
    often
        .map(|(step, times)| format!("Repeated: {} {times} times", step.called()))
        .collect()
}

/// What the run was asked, and what it answered.
fn said(steps: &[Step<'_>]) -> Vec<String> {
    let question = steps.iter().find_map(Step::question);
    // Of the run, and not of an agent that it has asked.
    let answer = step::root(steps).and_then(Step::answer);
    let lines = [("Asked", question), ("Answered", answer)];
    lines
        .into_iter()
        .filter_map(|(word, text)| {
            Some(format!("{word}: {}", step::shortened(&text?, LONGEST_TEXT)))
        })
        .collect()
}

fn slowest(steps: &[Step<'_>]) -> Vec<String> {
    let mut calls: Vec<&Step<'_>> = steps.iter().filter(|step| step.is_call()).collect();
    if calls.len() <= SLOWEST {
        return Vec::new();
    }
    crate::order::sort_by_key(&mut calls, |step| std::cmp::Reverse(step.duration));
    let named = calls.iter().take(SLOWEST);
    let named: Vec<_> = named
        .map(|step| format!("{} {}", step.called(), short_duration(step.duration)))
        .collect();
    vec![format!("Slowest: {}", named.join(", "))]
}

fn calls(steps: &[Step<'_>]) -> Vec<String> {
    let calls = steps.iter().filter(|step| step.is_call());
    (1..)
        .zip(calls)
        .map(|(number, step): (usize, _)| format!("{number}. {}", step.line()))
        .collect()
}

#[cfg(test)]
mod tests;
