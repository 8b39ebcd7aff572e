#![deny(warnings)]
use genai_trace::{genai_agent, genai_span, genai_tool};

#[genai_tool]
fn wrong_type() -> String {
    5
}

#[genai_agent]
async fn wrong_type_later() -> String {
    5
}

#[genai_tool]
fn no_result() -> String {
    let _text = String::new();
}

#[genai_span]
async fn too_much() {
    5
}

#[genai_span]
async fn wrong_error() -> Result<u8, String> {
    let number = "5".parse::<u8>()?;
    return Ok(number);
}

fn main() {
    wrong_type();
    drop(wrong_type_later());
    no_result();
    drop(too_much());
    drop(wrong_error());
}
