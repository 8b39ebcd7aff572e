use genai_trace::{genai_chat, genai_tool};

#[genai_chat(unchecked)]
fn alone() {}

#[genai_chat(provider = "ollama", unchecked = true)]
fn with_a_value() {}

#[genai_tool(unchecked fields(app.step = 1))]
fn in_front_of_all_fields() {}

#[genai_chat(fields(unchecked "gen_ai.new"))]
fn without_a_value() {}

fn main() {
    alone();
    with_a_value();
    in_front_of_all_fields();
    without_a_value();
}
