//! Looks whether the spans of traces files are as the conventions have them: `conformance [--own PREFIX].. FILE..`.
//! Exits with 1 where something is found.

use std::process::ExitCode;

use genai_trace_tests::conformance::{Namespaces, check};

fn main() -> ExitCode {
    let mut own = Vec::new();
    let mut files = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--own" => own.extend(arguments.next()),
            _ => files.push(argument),
        }
    }
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let mut found = 0;
    for file in &files {
        let lines = match std::fs::read_to_string(file) {
            Ok(lines) => lines,
            Err(error) => {
                eprintln!("cannot read {file}: {error}");
                return ExitCode::from(2);
            }
        };
        let findings = check(&lines, Namespaces::These(&own));
        for finding in &findings {
            println!("{file}: {finding}");
        }
        println!(
            "{file}: {} spans, {} findings",
            lines.lines().count(),
            findings.len()
        );
        found += findings.len();
    }
    ExitCode::from(u8::from(found > 0))
}
