use genai_trace::{genai_chat, genai_mcp, genai_memory};

#[genai_memory]
fn remember() {}

#[genai_memory("serch_memory")]
fn search() {}

#[genai_mcp(method = "ping")]
fn ping() {}

#[genai_mcp(client, server, method = "ping")]
fn both() {}

#[genai_mcp(server)]
fn handle() {}

#[genai_chat(url = "http://localhost", server_address = "localhost")]
fn twice() {}

fn main() {
    remember();
    search();
    ping();
    both();
    handle();
    twice();
}
