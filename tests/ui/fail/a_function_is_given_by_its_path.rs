use genai_trace::{genai_chat, genai_tool};

#[genai_tool(err = |error: &String| "timeout")]
fn closure() -> Result<(), String> {
    Ok(())
}

#[genai_tool(error_if = is_error(1))]
fn call() {}

#[genai_chat(response = "body")]
fn text() {}

fn main() {
    let _ = closure();
    call();
    text();
}
