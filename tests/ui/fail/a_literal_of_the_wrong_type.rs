use genai_trace::{genai_agent, genai_chat};

#[genai_chat(
    max_tokens = "100",
    temperature = "hot",
    seed = 1.5,
    model = 4,
    stop_sequences = "\n"
)]
fn chat() {}

#[genai_agent(version = 2)]
fn agent() {}

#[genai_chat(prompt(version = 3), conversation_id = true)]
fn prompt() {}

fn main() {
    chat();
    agent();
    prompt();
}
