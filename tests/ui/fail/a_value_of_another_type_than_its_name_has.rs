use genai_trace::{genai_chat, genai_span};

#[genai_chat(fields(
    gen_ai.usage.input_tokens = "250",
    gen_ai.usage.output_tokens = 1.5,
    gen_ai.response.id = 7,
    gen_ai.request.temperature = "0.2",
    gen_ai.conversation.compacted = "true",
    gen_ai.response.finish_reasons = "stop",
))]
fn chat() {}

#[genai_span(fields("server.port" = "8080", mcp.session.id = 7))]
fn outside_of_gen_ai() {}

fn main() {
    chat();
    outside_of_gen_ai();
}
