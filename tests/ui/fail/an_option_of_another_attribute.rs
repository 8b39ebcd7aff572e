use genai_trace::{genai_agent, genai_chat};

#[genai_chat(call_id = id)]
fn chat(id: &str) {}

#[genai_agent(temperature = 0.5)]
fn agent() {}

fn main() {
    chat("1");
    agent();
}
