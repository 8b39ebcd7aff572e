use genai_trace::{genai_agent, genai_tool};

#[genai_tool(sample = 1.5)]
fn too_much() {}

#[genai_tool(sample = -0.1)]
fn below_nothing() {}

#[genai_tool(sample = 10)]
fn percent() {}

#[genai_agent(sample = "0.1")]
fn quoted() {}

#[genai_agent(sample = "often")]
fn in_words() {}

#[genai_agent(sample)]
fn nothing() {}

fn main() {
    too_much();
    below_nothing();
    percent();
    quoted();
    in_words();
    nothing();
}
