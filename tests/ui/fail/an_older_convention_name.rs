use genai_trace::{genai_agent, genai_chat};

#[genai_chat(fields(gen_ai.system = "openai", gen_ai.usage.prompt_tokens = 12))]
fn renamed() {}

#[genai_agent(fields(gen_ai.openai.request.seed = 1, "gen_ai.prompt.0.content" = "hello"))]
fn moved() {}

#[genai_chat(fields(gen_ai.token.type = "input", az.namespace = "x"))]
fn gone() {}

fn main() {
    renamed();
    moved();
    gone();
}
