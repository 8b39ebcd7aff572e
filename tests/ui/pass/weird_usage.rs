#![deny(warnings)]
use genai_trace::{genai_span as traced, genai_tool, record};

#[genai_tool]
fn r#type(r#fn: u8) -> u8 {
    r#fn
}

#[traced("under another name", fields(r#type = 1, fn.as.r#struct = 2))]
fn renamed() {}

#[::genai_trace::genai_span]
fn by_its_path() {}

#[genai_tool["square brackets"]]
fn square() {}

#[genai_tool { "braces" }]
fn braces() {}

#[genai_tool("ナイフ 🔪")]
fn any_letters() {}

#[genai_tool(r"raw\name")]
fn raw_name() {}

#[genai_tool("parenthesised", fields("a" = (((-1))), "b" = { 1 }, "c" = if true { "x" } else { "y" }))]
fn parenthesised() {}

#[genai_tool]
fn labels_and_loops(n: u32) -> u32 {
    let mut sum = 0;
    'outer: for a in 0..n {
        for b in 0..n {
            if a + b > 3 {
                break 'outer;
            }
            sum += b;
        }
    }
    sum
}

#[genai_tool]
fn returns_a_function() -> fn(u8) -> u8 {
    r#type
}

#[genai_tool]
fn returns_a_closure() -> impl FnMut() -> u32 {
    let mut n = 0;
    move || {
        n += 1;
        n
    }
}

fn record_is_an_expression() {
    let unit: () = record!("a" = 1);
    unit
}

fn main() {
    assert_eq!(r#type(1), 1);
    renamed();
    by_its_path();
    square();
    braces();
    any_letters();
    raw_name();
    parenthesised();
    assert_eq!(labels_and_loops(3), 7);
    assert_eq!(returns_a_function()(2), 2);
    let mut count = returns_a_closure();
    count();
    assert_eq!(count(), 2);
    record_is_an_expression();
    record!(
        app.turn = 1,
        "app.step" = "x",
        app.large = 3_000_000_000,
        app.least = -9_223_372_036_854_775_808
    );
}
