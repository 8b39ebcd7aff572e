use genai_trace::GenAiError;

const KIND: &str = "kind";

#[derive(GenAiError)]
#[genai(error_type = "")]
struct Empty;

#[derive(GenAiError)]
enum ApiError {
    #[genai(error_type = "")]
    Empty,
    #[genai(error_type = "rate\nlimited")]
    Lines,
    #[genai(error_type = "the service is overloaded at the moment, please try again in a few seconds")]
    Message,
    #[genai(error_type = 429)]
    Number,
    #[genai(error_type = KIND)]
    Constant,
    #[genai(error_type)]
    Missing,
    #[genai(error_type = )]
    Nothing,
    #[genai(error_type("io"))]
    Form,
}

fn main() {
    let _ = (Empty.error_type(), ApiError::Empty.error_type());
}
