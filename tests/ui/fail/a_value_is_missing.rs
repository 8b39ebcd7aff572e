use genai_trace::{genai_chat, genai_tool};

#[genai_tool(call_id)]
fn alone() {}

#[genai_tool(call_id =)]
fn at_the_end() {}

#[genai_chat(model = , max_tokens = 5)]
fn before_a_comma() {}

#[genai_tool(call_id = id +)]
fn half_typed(id: &str) {}

fn main() {
    alone();
    at_the_end();
    before_a_comma();
    half_typed("1");
}
