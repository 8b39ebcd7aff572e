//! A crate of edition 2024.
#![deny(warnings)]

#[path = "../../kinds.rs"]
mod kinds;

use genai_trace::{MemoryExporter, Telemetry};
use genai_trace::{genai_tool, record};

/// `gen` is a keyword.
#[genai_tool("gen", fields("app.gen" = r#gen))]
fn r#gen(r#gen: u8) -> u8 {
    record!("app.more" = r#gen + 1);
    r#gen
}

/// What a tail borrows from is dropped before the borrow ends, as this edition has it.
#[genai_tool("tail")]
fn tail() -> usize {
    let numbers = std::cell::RefCell::new(vec![1_u8]);
    numbers.borrow().len()
}

/// All lifetimes are captured by the type that is returned.
#[genai_tool("captures")]
fn captures(text: &str) -> impl Iterator<Item = char> {
    text.chars()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let memory = MemoryExporter::new();
    let telemetry = Telemetry::builder().memory(&memory).install()?;
    assert_eq!(kinds::block_on(kinds::agent("why?"))?, 1);
    assert_eq!(r#gen(1), 1);
    assert_eq!(tail(), 1);
    assert_eq!(captures("abc").count(), 3);
    drop(telemetry);
    let spans = memory.spans();
    let mut names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    names.sort_unstable();
    let own = [
        "execute_tool captures",
        "execute_tool gen",
        "execute_tool tail",
    ];
    let mut expected = [kinds::SPANS, &own].concat();
    expected.sort_unstable();
    assert_eq!(names, expected);
    Ok(())
}
