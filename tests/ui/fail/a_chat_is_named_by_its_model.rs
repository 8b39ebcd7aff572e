use genai_trace::genai_chat;

#[genai_chat("gpt-4o")]
fn chat() {}

fn main() {
    chat();
}
