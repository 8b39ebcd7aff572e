use genai_trace::{genai_agent, genai_chat};

#[genai_chat(provider = "opneai", output_type = "jsn")]
fn a_slip() {}

#[genai_chat(provider = "google")]
fn another_spelling() {}

#[genai_agent(remote, provider = "ollama")]
fn not_in_the_list() {}

fn main() {
    a_slip();
    another_spelling();
    not_in_the_list();
}
