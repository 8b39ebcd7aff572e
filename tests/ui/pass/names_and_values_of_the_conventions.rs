#![deny(warnings)]
use genai_trace::{genai_agent, genai_chat, genai_gate, genai_span, genai_tool, record};

#[genai_chat(fields(
    gen_ai.conversation.compacted = true,
    gen_ai.request.temperature = 1,
    gen_ai.request.top_p = 0.9,
    gen_ai.request.encoding_formats = ["float"],
    gen_ai.request.stop_sequences = stop,
    gen_ai.output.type = "json",
    gen_ai.prompt.variable.city = "Paris",
    gen_ai.input.messages = "[]",
    "server.port" = 8080,
    mcp.method.name = "tools/call",
    openai.request.service_tier = "auto",
    gen_ai.provider.name = provider,
))]
fn chat(provider: &str, stop: &[String]) -> usize {
    record!(
        gen_ai.request.model = "gpt-4o",
        gen_ai.response.finish_reasons = ["stop"],
        error.type = "timeout",
        gen_ai.response.id = Some("chatcmpl-1"),
        gen_ai.usage.input_tokens = stop.len(),
    );
    provider.len()
}

#[genai_gate(fields(gen_ai.tool.name = "read_file", gen_ai.agent.name = "coder"))]
fn gate() -> bool {
    true
}

#[genai_span(fields(gen_ai.operation.name = "retrieval"))]
fn retrieve() {}

// Other namespaces are free.
#[genai_agent(fields(genai.name = 1, "llm.model" = "x", gen_ai_x = 2, error.kind = 3))]
fn agent() {}

#[genai_tool(ret_fields(gen_ai.tool.call.result = |text: &String| text.clone()))]
fn tool() -> String {
    String::new()
}

fn main() {
    assert_eq!(chat("x", &[]), 1);
    assert!(gate());
    retrieve();
    agent();
    tool();
}
