//! A crate of edition 2021.
#![deny(warnings)]

#[path = "../../kinds.rs"]
mod kinds;

use genai_trace::{MemoryExporter, Telemetry};
use genai_trace::{genai_tool, record};

/// `gen` is a keyword only later, and `async` was one already.
#[genai_tool("gen", fields("app.gen" = gen))]
fn gen(gen: u8, r#async: u8) -> u8 {
    record!("app.async" = r#async);
    gen + r#async
}

/// A parameter is dropped after the tail of the body, as this edition has it.
#[genai_tool("tail")]
fn tail(numbers: &std::cell::RefCell<Vec<u8>>) -> usize {
    let length = numbers.borrow().len();
    length
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let memory = MemoryExporter::new();
    let telemetry = Telemetry::builder().memory(&memory).install()?;
    assert_eq!(kinds::block_on(kinds::agent("why?"))?, 1);
    assert_eq!(gen(1, 2), 3);
    assert_eq!(tail(&std::cell::RefCell::new(vec![1])), 1);
    drop(telemetry);
    let spans = memory.spans();
    let mut names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    names.sort_unstable();
    let mut expected = [kinds::SPANS, &["execute_tool gen", "execute_tool tail"]].concat();
    expected.sort_unstable();
    assert_eq!(names, expected);
    Ok(())
}
