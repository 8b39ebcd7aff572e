use genai_trace::{genai_chat, genai_tool};

#[genai_tool(unchecked "search", unchecked root)]
fn a_name_and_a_flag() {}

#[genai_chat(unchecked operation = "chats", prompt(unchecked name = "summary"))]
fn words_and_parts() {}

#[genai_chat(unchecked max_tokens = "many", unchecked provider = 7)]
fn types_of_options() {}

#[genai_tool(fields(unchecked gen_ai.new = 1, unchecked "gen_ai.new" = 2, unchecked "" = 3))]
fn keys() {}

fn main() {
    a_name_and_a_flag();
    words_and_parts();
    types_of_options();
    keys();
}
