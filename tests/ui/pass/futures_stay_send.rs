#![deny(warnings)]
use std::future::Future;

use genai_trace::{genai_chat, genai_tool};

#[genai_tool(fields("size" = text.len()), ret_fields("size" = |text| text.len()))]
async fn echo(text: String) -> String {
    std::future::ready(()).await;
    text
}

#[genai_chat(model = "gpt-4o", conversation_id = id)]
async fn chat<T: Send + 'static>(id: String, value: T) -> Result<T, std::io::Error> {
    echo(id).await;
    Ok(value)
}

fn spawn<F: Future + Send + 'static>(future: F) {
    drop(future);
}

fn main() {
    spawn(echo(String::new()));
    spawn(chat(String::new(), 1));
}
