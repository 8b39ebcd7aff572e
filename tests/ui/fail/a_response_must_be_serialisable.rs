use genai_trace::genai_chat;

struct Answer(String);

fn whole(answer: &Answer) -> &Answer {
    answer
}

#[genai_chat(model = "gpt-4o", request = Answer, response = whole)]
fn chat(question: &str) -> Answer {
    Answer(question.to_owned())
}

fn main() {
    drop(chat("why?").0);
}
