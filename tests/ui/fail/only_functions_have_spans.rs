use genai_trace::{genai_agent, genai_chat, genai_gate, genai_span, genai_tool};

#[genai_agent("coder")]
pub struct Agent;

#[genai_chat(model = "gpt-4o")]
impl Agent {
    fn chat(&self) {}
}

#[genai_tool]
pub(crate) trait Tool {
    fn call(&self);
}

/// With a comment above.
#[genai_gate]
#[derive(Clone)]
enum Decision {
    Allow,
}

#[genai_span]
mod steps {}

#[genai_span]
static STEP: u32 = 1;

#[genai_span]
pub use std::fmt;

fn main() {
    Agent.chat();
    Decision::Allow.clone();
}
