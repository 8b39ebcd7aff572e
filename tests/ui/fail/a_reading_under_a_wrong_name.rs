use genai_trace::{genai_chat, genai_tool};

#[genai_chat(ret_fields(
    gen_ai.usage.completion_tokens = |text| text.len(),
    gen_ai.response.modle = |text| text.clone(),
    gen_ai.output.type = |_| "txt",
))]
fn chat() -> String {
    String::new()
}

#[genai_tool(ret_fields(gen_ai.operation.name = |_| "execute_tool"))]
fn tool() {}

fn main() {
    chat();
    tool();
}
