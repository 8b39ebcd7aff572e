use genai_trace::genai_chat;

#[genai_chat(operation = "text_completions")]
fn plural() {}

#[genai_chat(operation = "embeddings")]
fn other() {}

#[genai_chat(operation = OPERATION)]
fn constant() {}

const OPERATION: &str = "chat";

fn main() {
    plural();
    other();
    constant();
    let _ = OPERATION;
}
