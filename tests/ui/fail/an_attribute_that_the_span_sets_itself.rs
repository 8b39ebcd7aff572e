use genai_trace::{genai_agent, genai_chat, genai_tool, record};

#[genai_tool("search", fields(gen_ai.tool.name = "find", gen_ai.operation.name = "execute_tool"))]
fn tool() {}

#[genai_agent(fields("gen_ai.agent.name" = "coder"))]
fn agent() {}

#[genai_chat(fields(gen_ai.request.model = "gpt-4o", gen_ai.operation.name = "chat"))]
fn chat() {
    record!(gen_ai.operation.name = "chat");
}

fn main() {
    tool();
    agent();
    chat();
}
