#![deny(warnings)]
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use genai_trace::{genai_agent, genai_chat, genai_gate, genai_tool};

#[genai_tool("read_file", fields("path" = path))]
async fn read_file(path: &str) -> Result<String, String> {
    if path.is_empty() {
        return Err("no path".to_owned());
    }
    let number: u32 = path.parse().map_err(|_| "no number")?;
    yielding().await;
    Ok(number.to_string())
}

#[genai_chat(model = model)]
async fn chat(model: String, question: &str) -> Box<dyn Fn() -> usize> {
    let (model, question) = (model.len(), question.len());
    if model > question {
        return Box::new(move || model);
    }
    Box::new(move || question)
}

#[genai_agent]
async fn run() {
    yielding().await;
}

#[genai_gate("allow")]
async fn allow(command: &str) -> bool {
    command == "ls"
}

async fn yielding() {
    let mut polled = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut polled, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
    }
}

fn main() {
    assert_eq!(block_on(read_file("42")), Ok("42".to_owned()));
    assert_eq!(block_on(read_file("")), Err("no path".to_owned()));
    assert_eq!(block_on(read_file("x")), Err("no number".to_owned()));
    assert_eq!(block_on(chat("gpt".to_owned(), "yes, why?"))(), 9);
    block_on(run());
    assert!(block_on(allow("ls")));
    drop(run());
}
