use genai_trace::{genai_agent, genai_chat, genai_tool};

#[genai_tool("")]
fn empty() {}

#[genai_agent(" ")]
fn blank() {}

#[genai_tool(name = "")]
fn empty_option() {}

#[genai_chat(model = "")]
fn empty_model() {}

fn main() {
    empty();
    blank();
    empty_option();
    empty_model();
}
