use genai_trace::GenAiError;

#[derive(GenAiError)]
#[genai(transparent)]
enum ApiError {
    Io(#[genai(transparent)] std::io::Error),
    #[genai(crate = genai_trace)]
    Refused,
    #[genai]
    Bare,
    #[genai()]
    Empty,
    #[genai = "overloaded"]
    Overloaded,
    #[genai("overloaded")]
    Text,
    #[genai(429)]
    Number,
}

#[derive(GenAiError)]
struct Coded {
    #[genai(error_type = "coded")]
    code: u16,
}

fn main() {
    let _ = (ApiError::Refused.error_type(), Coded { code: 1 }.error_type());
}
