use genai_trace::{genai_chat, genai_span};

#[genai_span("agent\nturn")]
fn turn() {}

#[genai_chat(model = "gpt\u{7f}4o")]
fn chat() {}

fn main() {
    turn();
    chat();
}
