use genai_trace::genai_chat;

#[genai_chat(prompt(name = "summary", verison = "3"))]
fn chat() {}

#[genai_chat(prompt(text = "hello"))]
fn text() {}

fn main() {
    chat();
    text();
}
