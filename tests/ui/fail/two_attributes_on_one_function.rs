use genai_trace::{genai_chat, genai_tool};

#[genai_tool("ask_model")]
#[inline]
#[genai_chat(model = "gpt-4o")]
fn ask_model() {}

fn main() {
    ask_model();
}
