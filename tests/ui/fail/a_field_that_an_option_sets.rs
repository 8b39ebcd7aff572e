use genai_trace::{genai_chat, genai_tool};

#[genai_tool(call_id = id, fields(gen_ai.tool.call.id = id))]
fn read_file(id: &str) {}

#[genai_chat(prompt(name = "summary"), fields("gen_ai.prompt.name" = "other"))]
fn chat() {}

fn main() {
    read_file("1");
    chat();
}
