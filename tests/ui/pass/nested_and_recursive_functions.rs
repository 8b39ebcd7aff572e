#![deny(warnings)]
use std::future::Future;
use std::pin::Pin;

use genai_trace::{genai_agent, genai_span, genai_tool};

#[genai_agent]
fn outer(depth: u32) -> u32 {
    #[genai_tool]
    fn inner(depth: u32) -> u32 {
        #[genai_span]
        fn innermost(depth: u32) -> u32 {
            depth + 1
        }
        innermost(depth)
    }
    inner(depth)
}

#[genai_span("step")]
fn recursive(depth: u32) -> u32 {
    if depth == 0 {
        return 0;
    }
    recursive(depth - 1) + 1
}

#[genai_span("step")]
async fn recursive_later(depth: u32) -> u32 {
    if depth == 0 {
        return 0;
    }
    let below: Pin<Box<dyn Future<Output = u32>>> = Box::pin(recursive_later(depth - 1));
    below.await + 1
}

fn main() {
    assert_eq!(outer(1), 2);
    assert_eq!(recursive(5), 5);
    drop(recursive_later(5));
}
