use genai_trace::{genai_chat, genai_tool};

#[genai_tool(call_id)]
fn alone() {}

#[genai_tool(call_id =)]
fn at_the_end() {}

#[genai_chat(model = , max_tokens = 5)]
fn before_a_comma() {}

#[genai_tool(call_id = id +)]
fn half_typed(id: &str) {}

#[genai_tool(call_id = id.get(1 2))]
fn half_typed_inside(id: &str) {}

fn main() {
    half_typed_inside("1");
    alone();
    at_the_end();
    before_a_comma();
    half_typed("1");
}
