use genai_trace::{genai_chat, genai_tool};

#[genai_tool("read_file", cal_id = id)]
fn read_file(id: &str) {}

#[genai_chat(temp = 0.5)]
fn chat() {}

#[genai_tool(retries(3))]
fn retry() {}

fn main() {
    read_file("1");
    chat();
    retry();
}
