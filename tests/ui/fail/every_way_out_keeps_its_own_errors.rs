#![deny(warnings)]
use std::fmt::Display;

use genai_trace::genai_span;

struct Wrapper<T>(T);

#[genai_span]
async fn unit_that_returns_early() {
    if true {
        return "";
    }
}

#[genai_span]
async fn returns_early() -> String {
    if true {
        return "";
    }
    String::new()
}

#[genai_span]
async fn one_semicolon_too_many() -> i32 {
    1;
}

#[genai_span]
async fn not_what_was_promised() -> impl Display {
    ("",)
}

#[genai_span]
async fn not_wrapped() -> Wrapper<impl Display> {
    ""
}

#[genai_span]
#[track_caller]
fn tracked(text: &str) -> Result<u8, String> {
    if text.is_empty() {
        return "";
    }
    let number = text.parse::<u8>()?;
    number
}

fn main() {
    drop((unit_that_returns_early(), returns_early(), one_semicolon_too_many()));
    drop((not_what_was_promised(), not_wrapped()));
    drop(tracked(""));
}
