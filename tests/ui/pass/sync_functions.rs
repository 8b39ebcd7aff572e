#![deny(warnings)]
use std::io;

use genai_trace::{genai_agent, genai_chat, genai_gate, genai_span, genai_tool};

#[genai_tool("read_file")]
fn read_file(path: &str) -> io::Result<String> {
    if path.is_empty() {
        return Err(io::Error::other("no path"));
    }
    let number: u32 = path.parse().map_err(io::Error::other)?;
    Ok(number.to_string())
}

#[genai_chat(provider = "openai", model = "gpt-4o")]
fn chat(question: &str) -> String {
    question.to_uppercase()
}

#[genai_agent("coder")]
fn run(mut turns: u32) -> u32 {
    while turns > 3 {
        turns -= 1;
    }
    turns
}

#[genai_gate]
fn allow(command: &str) -> bool {
    command == "ls"
}

/// Without arguments, without a result, with attributes around it.
#[genai_span]
#[inline]
#[allow(dead_code)]
pub(crate) fn step() {
    //! And inside it.
    #![allow(unused_variables)]
    let nothing = ();
}

#[genai_span]
#[must_use]
fn option(list: &[u8]) -> Option<u8> {
    let first = list.first()?;
    Some(*first)
}

fn main() {
    assert_eq!(read_file("42").ok().as_deref(), Some("42"));
    assert!(read_file("").is_err());
    assert!(read_file("x").is_err());
    assert_eq!(chat("yes"), "YES");
    assert_eq!(run(7), 3);
    assert!(allow("ls") && !allow("rm"));
    step();
    assert_eq!(option(&[1]), Some(1));
    assert_eq!(option(&[]), None);
}
