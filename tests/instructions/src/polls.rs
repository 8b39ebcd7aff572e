//! Polls: futures and streams in a span.

use std::future::{Future, poll_fn};
use std::hint::black_box;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use genai_trace::{genai_agent, genai_chat, genai_tool};

use crate::telemetry::{Setting, with};

/// Pending so many times, then ready.
async fn pending(times: u64) {
    let mut left = times;
    poll_fn(|_| match black_box(left).checked_sub(1) {
        Some(fewer) => {
            left = fewer;
            Poll::Pending
        }
        None => Poll::Ready(()),
    })
    .await;
}

/// Polls until it is ready; nobody waits here, so nothing is woken.
#[inline]
fn drive<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = black_box(future.as_mut().poll(&mut context)) {
            return output;
        }
    }
}

#[genai_tool("wait", fields("app.times" = times))]
async fn wait(times: u64) {
    pending(times).await;
}

/// The same without a span.
async fn plain_wait(times: u64) {
    pending(times).await;
}

#[genai_tool("read_file", fields("app.path" = path))]
async fn read_file(path: &str) -> io::Result<usize> {
    Ok(black_box(path).len())
}

/// The same without a span.
async fn plain_read_file(path: &str) -> io::Result<usize> {
    Ok(black_box(path).len())
}

fn each<F: Future<Output = io::Result<usize>>>(calls: u64, tool: fn(&'static str) -> F) {
    for _ in 0..calls {
        let _ = black_box(drive(tool(black_box(
            "crates/core/src/module_01/part_11.rs",
        ))));
    }
}

#[genai_agent("coder")]
async fn waits(spans: u64) {
    for _ in 0..spans {
        wait(1).await;
    }
}

/// An async tool's span that is polled twice, inside an async agent's.
pub fn async_span(units: u64) -> Result<(), String> {
    with(Setting::Default, |_| drive(waits(units)))
}

/// A call of an async tool that is ready at once, where nothing is installed.
pub fn disabled_async(units: u64) -> Result<(), String> {
    each(units, read_file);
    Ok(())
}

/// A call of the same function without anything.
pub fn plain_async(units: u64) -> Result<(), String> {
    each(units, plain_read_file);
    Ok(())
}

/// A poll of a future in a span that does nothing but pass it on.
pub fn poll(units: u64) -> Result<(), String> {
    with(Setting::Default, |_| drive(wait(units)))
}

/// A poll of the same future without a span.
pub fn plain_poll(units: u64) -> Result<(), String> {
    drive(plain_wait(units));
    Ok(())
}

/// So many chunks, each ready at once.
struct Chunks(u64);

impl Stream for Chunks {
    type Item = u64;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u64>> {
        let left = black_box(self.0).checked_sub(1);
        if let Some(fewer) = left {
            self.0 = fewer;
        }
        Poll::Ready(left)
    }
}

#[genai_chat(provider = "openai", model = "gpt-4o", stream)]
fn answer(chunks: u64) -> impl Stream<Item = u64> {
    Chunks(chunks)
}

fn read(stream: impl Stream<Item = u64>) {
    let mut stream = pin!(stream);
    let mut context = Context::from_waker(Waker::noop());
    while let Poll::Ready(Some(chunk)) = stream.as_mut().poll_next(&mut context) {
        black_box(chunk);
    }
}

/// A chunk of a stream in a chat's span.
pub fn chunk(units: u64) -> Result<(), String> {
    with(Setting::Default, |_| read(answer(units)))
}

/// A chunk of the same stream without a span.
pub fn plain_chunk(units: u64) -> Result<(), String> {
    read(Chunks(units));
    Ok(())
}
