#![deny(warnings)]
use std::fmt::{Debug, Display};

use genai_trace::{genai_span, genai_tool};

#[genai_tool("find", fields("size" = N))]
fn find<'a, T, const N: usize>(list: &'a [T; N], is: impl Fn(&T) -> bool) -> Option<&'a T>
where
    T: Debug + 'a,
{
    list.iter().find(|item| is(item))
}

#[genai_tool(ret_fields("found" = Option::is_some))]
async fn find_later<'a, T: PartialEq + ?Sized>(list: &'a [&'a T], wanted: &T) -> Option<&'a T> {
    list.iter().copied().find(|item| *item == wanted)
}

#[genai_span]
fn elided(text: &str) -> std::str::Chars<'_> {
    text.chars()
}

#[genai_span]
fn boxed<'a>(text: &'a str) -> Box<dyn Display + 'a> {
    if text.is_empty() {
        return Box::new("empty");
    }
    Box::new(text)
}

#[genai_span]
fn nothing_is_asked_of_types<T, E>(result: Result<T, E>) -> Result<T, E> {
    result
}

struct Wrapper<T>(T);

impl<T: Clone> Wrapper<T> {
    #[genai_span]
    fn both<U>(&self, other: U) -> (T, U)
    where
        Self: Sized,
    {
        (self.0.clone(), other)
    }
}

struct Bare;

fn main() {
    assert_eq!(find(&[1, 2, 3], |n| *n > 1), Some(&2));
    drop(find_later(&["a", "b"], "b"));
    assert_eq!(elided("ab").count(), 2);
    assert_eq!(boxed("").to_string(), "empty");
    assert!(nothing_is_asked_of_types::<Bare, Bare>(Err(Bare)).is_err());
    assert_eq!(Wrapper(1).both("x"), (1, "x"));
}
