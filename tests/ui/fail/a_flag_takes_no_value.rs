use genai_trace::{genai_agent, genai_chat};

#[genai_agent(root = true)]
fn agent() {}

#[genai_chat(stream(true))]
fn chat() {}

fn main() {
    agent();
    chat();
}
