#![deny(warnings)]
use genai_trace::{genai_agent, genai_chat, genai_span, genai_tool, record};

#[genai_chat(
    unchecked provider = "ollama",
    model = "llama3",
    unchecked output_type = "audio",
    fields(unchecked gen_ai.new.name = 1, unchecked "gen_ai.system" = "ollama"),
    ret_fields(unchecked gen_ai.usage.input_tokens = |_| "many"),
)]
fn chat() {
    record!(unchecked "gen_ai.x" = 1, unchecked gen_ai.operation.name = "x");
}

#[genai_agent(remote, unchecked provider = "of-our-own", unchecked version = "1")]
fn agent() {}

#[genai_span(fields(unchecked = 1, unchecked.x = 2, "unchecked.z" = 3, unchecked "app.step" = 4))]
fn the_word_is_no_keyword() {}

#[genai_tool(fields(r#unchecked.y = 1))]
fn nor_here() {
    record!("unchecked" = 1, unchecked r#type = 2);
}

fn main() {
    chat();
    agent();
    let _ = the_word_is_no_keyword;
    nor_here();
}
