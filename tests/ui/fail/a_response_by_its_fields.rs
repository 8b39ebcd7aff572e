use genai_trace::ChatResponse;

#[derive(ChatResponse)]
struct Reply {
    #[genai(modle)]
    by: String,
    #[genai(input_tokens)]
    tokens: String,
}

#[derive(ChatResponse)]
struct Silent {
    text: String,
}

#[derive(ChatResponse)]
enum Either {
    One,
}

fn main() {}
