use genai_trace::{genai_agent, genai_chat};

#[genai_chat(fields(
    gen_ai.temperature = 0.2,
    gen_ai.max_tokens = 100,
    gen_ai.request.prompt_id = "summary",
    gen_ai.request.prompt_version = "3",
    gen_ai.request.messages.count = 2,
))]
fn chat() {}

#[genai_agent(fields(gen_ai.chat = true, gen_ai.usage.total_tokens = 380))]
fn agent() {}

fn main() {
    chat();
    agent();
}
