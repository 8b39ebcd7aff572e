//! The main paths, one at a time: `instructions CASE UNITS`.
//!
//! `.ci/instructions` runs it under callgrind with two numbers of units; the difference is what a unit
//! takes, since whatever happens once cancels out. The program fails where a span is lost, because a
//! lost span is a cheap one.

mod calls;
mod polls;
mod telemetry;

use std::process::ExitCode;

/// Does so many units of one path.
type Case = fn(u64) -> Result<(), String>;

/// Every path by its name in `.ci/instructions`.
const CASES: [(&str, Case); 18] = [
    ("child_span", calls::child_span),
    ("crash_safe", calls::crash_safe),
    ("sampled_out", calls::sampled_out),
    ("failing_span", calls::failing_span),
    ("recording_span", calls::recording_span),
    ("agent", calls::agent),
    ("plain_call", calls::plain_call),
    ("disabled_call", calls::disabled_call),
    ("current", calls::current_in_a_span),
    ("current_disabled", calls::current_disabled),
    ("metrics", calls::metrics),
    ("async_span", polls::async_span),
    ("disabled_async", polls::disabled_async),
    ("plain_async", polls::plain_async),
    ("poll", polls::poll),
    ("plain_poll", polls::plain_poll),
    ("chunk", polls::chunk),
    ("plain_chunk", polls::plain_chunk),
];

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let name = args.next().unwrap_or_default();
    let case = CASES.iter().find(|(known, _)| *known == name);
    let units = args.next().and_then(|units| units.parse().ok());
    let (Some((_, case)), Some(units)) = (case, units) else {
        let names = CASES.map(|(name, _)| name).join(" | ");
        eprintln!("usage: instructions {names} UNITS");
        return ExitCode::from(2);
    };
    match case(units) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("instructions: {name}: {error}");
            ExitCode::FAILURE
        }
    }
}
