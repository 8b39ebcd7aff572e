//! `genai-trace validate`

mod amounts;
mod attributes;
mod flaw;
mod messages;
mod names;
mod parts;
mod rules;
mod seen;
mod tokens;
mod trace;

use clap::Args;

use self::seen::Seen;
use crate::findings::{Findings, Level, Output, explained, named};
use crate::out::Found;
use crate::reading::Input;

/// Holds spans against the OpenTelemetry conventions for generative AI, and against sense.
///
/// Names, types and values of attributes, what each operation requires, names and kinds of spans, errors, usage,
/// messages in JSON; and in a trace: ids that are there once, parents that are there, times in order and inside those of
/// the parents, tools behind the calls that asked for them. An error breaks what the conventions require or cannot be
/// true; a warning breaks what they advise; a note may be as it is. In
/// brackets stands where the conventions say so. --rules explains all.
///
/// --since and --until take whole traces by when they began. Spans are held until their trace's root has been read and 50,000 spans of others since, and 500,000 at most.
///
/// Exits with 0, with 1 where there are errors (with --strict warnings too), and with 2 where there is nothing to read.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Exits with 1 on warnings as well
    #[arg(long)]
    strict: bool,
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
            text: explained(&rules::ALL),
            is_something: false,
        });
    }
    let mut findings = Findings::allowing(arguments.allow.clone());
    let judged = arguments.input.each_trace(
        |_, span| Seen::of(span),
        |trace| trace::judge(trace, &mut findings),
    )?;
    judged.is_of_something()?;
    findings.add_unreadable(&rules::UNREADABLE, &judged);
    let worst = match arguments.strict {
        true => Level::Warning,
        false => Level::Error,
    };
    Ok(Found {
        text: arguments.output.render(&findings, &judged, &rules::ALL),
        is_something: findings.count(worst) > 0,
    })
}
