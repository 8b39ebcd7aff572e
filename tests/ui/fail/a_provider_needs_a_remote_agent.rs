use genai_trace::genai_agent;

#[genai_agent("coder", provider = "openai")]
fn agent() {}

fn main() {
    agent();
}
