use genai_trace::{genai_agent, genai_tool};

#[genai_tool("read_file", args(path), ret)]
fn read_file(path: &str) {}

#[genai_agent(args(), ret = "all")]
fn agent() {}

fn main() {
    read_file("a");
    agent();
}
