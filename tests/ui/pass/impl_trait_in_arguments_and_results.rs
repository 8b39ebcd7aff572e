#![deny(warnings)]
use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;

use genai_trace::{genai_span, genai_tool};

#[genai_tool]
fn count(items: impl IntoIterator<Item = impl Display>) -> impl Iterator<Item = String> {
    let texts: Vec<_> = items.into_iter().map(|item| item.to_string()).collect();
    texts.into_iter()
}

#[genai_tool]
fn nested(up_to: u8) -> Result<Option<impl Iterator<Item = u8> + Clone>, String> {
    if up_to == 0 {
        return Err("nothing".to_owned());
    }
    Ok(Some(0..up_to))
}

#[genai_tool]
async fn nested_later(up_to: u8) -> Result<impl Iterator<Item = u8>, String> {
    if up_to == 0 {
        return Err("nothing".to_owned());
    }
    Ok(0..up_to)
}

#[genai_span]
fn captures<'a>(text: &'a str) -> impl Fn() -> usize + use<'a> {
    move || text.len()
}

#[genai_span]
fn a_future(number: u8) -> impl Future<Output = u8> + Send {
    let doubled = number * 2;
    async move { doubled }
}

#[genai_span]
fn a_boxed_future<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = usize> + Send + 'a>> {
    Box::pin(async move { text.len() })
}

fn main() {
    assert_eq!(count([1, 2]).last().as_deref(), Some("2"));
    assert_eq!(nested(3).map(|it| it.into_iter().flatten().count()), Ok(3));
    assert!(nested(0).is_err());
    drop(nested_later(1));
    assert_eq!(captures("abc")(), 3);
    drop(a_future(1));
    drop(a_boxed_future("a"));
}
