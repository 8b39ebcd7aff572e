use genai_trace::genai_chat;

#[genai_chat(fields(
    gen_ai.response.id = ["a", "b"],
    gen_ai.response.finish_reasons = ["stop", 7],
))]
fn chat() {}

fn main() {
    chat();
}
