//! `genai-trace check`

mod elsewhere;
mod judge;
mod limits;
mod looping;
mod patterns;
mod repeats;
mod rules;
mod seen;

use clap::Args;

use self::elsewhere::Elsewhere;
use self::judge::judge;
use self::limits::Limits;
use self::seen::Seen;
use crate::findings::{Findings, Level, Output, named};
use crate::out::Found;
use crate::reading::Input;

/// Holds traces to limits and rules, for continuous integration.
///
/// Each trace is judged by itself. Without any limit it is still looked for crashes, for loops that are traced step by
/// step, for agents that make the same call again and again, and for patterns of prompt injection and of data that leaves: instructions to ignore instructions, hidden text,
/// images and URLs that carry data, keys in arguments; --rules explains all. --allow switches one off. What is found in a
/// trace twice is said once. What was said is looked at wherever it is kept: on the spans, in traces.events.jsonl, in the
/// store beside the traces.
///
/// --since and --until take whole traces by when they began. Spans are held until their trace's root has been read and 50,000 spans of others since, and 500,000 at most.
///
/// Exits with 0, with 1 where anything was found, and with 2 where there is nothing to read.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    limits: Limits,
    /// Rules that may be broken
    #[arg(long, value_name = "RULE", value_parser = rule)]
    allow: Vec<&'static str>,
    /// Explains all rules, and reads nothing
    #[arg(long)]
    rules: bool,
    #[command(flatten)]
    output: Output,
}

fn rule(name: &str) -> Result<&'static str, String> {
    named(&rules::ALL, name)
}

pub(crate) fn run(arguments: &Arguments) -> Result<Found, String> {
    if arguments.rules {
        return Ok(Found {
            text: crate::findings::explained(&rules::ALL),
            is_something: false,
        });
    }
    let mut findings = Findings::allowing(arguments.allow.clone());
    let elsewhere = Elsewhere::of(&arguments.input)?;
    let judged = arguments.input.each_trace(
        |place, span| {
            elsewhere.lay_into(place, span);
            Seen::of(span)
        },
        |trace| judge(&trace, &arguments.limits, &mut findings),
    )?;
    elsewhere.end()?;
    judged.is_of_something()?;
    findings.add_unreadable(&rules::UNREADABLE, &judged);
    Ok(Found {
        text: arguments.output.render(&findings, &judged, &rules::ALL),
        is_something: findings.count(Level::Note) > 0,
    })
}
