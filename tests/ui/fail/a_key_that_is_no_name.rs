use genai_trace::{genai_tool, record};

#[genai_tool(fields("" = 1))]
fn empty() {}

#[genai_tool(fields("a\tb" = 1))]
fn control() {}

#[genai_tool(fields(1 = 1))]
fn number() {}

#[genai_tool(fields(app.0 = 1))]
fn dotted_number() {}

#[genai_tool(fields(app-step = 1))]
fn dash() {}

fn main() {
    empty();
    control();
    number();
    dotted_number();
    dash();
    record!(app. = 1);
}
