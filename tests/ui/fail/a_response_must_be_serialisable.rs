use genai_trace::genai_chat;

struct Body;

fn body(body: &Body) -> &Body {
    body
}

#[genai_chat(model = "gpt-4o", request = question, response = body)]
fn chat(question: &Body) -> Body {
    let _ = question;
    Body
}

fn main() {
    chat(&Body);
}
