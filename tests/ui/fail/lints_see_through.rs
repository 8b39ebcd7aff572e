#![deny(warnings)]
use genai_trace::{genai_span, genai_tool};

#[genai_tool]
fn unused_argument(path: &str) -> u32 {
    let mut count = 1;
    count
}

#[genai_span]
async fn unused_later(path: &str) {}

fn main() {
    unused_argument("a");
    drop(unused_later("a"));
}
