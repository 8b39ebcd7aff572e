use genai_trace::{genai_agent, genai_tool};

#[genai_tool(args(pth), ret = "all")]
fn read_file(path: &str, #[capture(whole)] key: &str) {}

#[genai_agent]
fn agent(#[capture(skip)] key: &str) {}

fn main() {
    read_file("a", "b");
    agent("c");
}
