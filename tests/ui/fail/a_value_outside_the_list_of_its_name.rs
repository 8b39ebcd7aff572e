use genai_trace::{genai_agent, genai_span};

#[genai_agent(fields(gen_ai.output.type = "jsn", "gen_ai.provider.name" = "vertex_ai"))]
fn agent() {}

#[genai_span(fields(network.transport = "smoke", gen_ai.operation.name = "chatt"))]
fn step() {}

fn main() {
    agent();
    step();
}
