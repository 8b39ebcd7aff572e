#![deny(warnings)]
use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;

use futures::stream::{self, Stream};
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

#[genai_span]
fn no_future() -> impl Future<Output = u8> {
    5
}

#[genai_span]
fn a_future_of_another_type() -> impl Future<Output = u8> {
    async { "5" }
}

#[genai_span]
fn a_box_of_another_type<'a>() -> Pin<Box<dyn Future<Output = u8> + Send + 'a>> {
    Box::pin(async { "5" })
}

#[genai_span]
fn no_stream() -> impl Stream<Item = u8> {
    5
}

#[genai_span]
fn a_stream_of_another_type() -> impl Stream<Item = u8> {
    stream::iter(["5"])
}

fn main() {
    drop((no_future(), a_future_of_another_type(), a_box_of_another_type()));
    drop((no_stream(), a_stream_of_another_type()));
    drop((unit_that_returns_early(), returns_early(), one_semicolon_too_many()));
    drop((not_what_was_promised(), not_wrapped()));
    drop(tracked(""));
}
