use genai_trace::GenAiError;

#[derive(GenAiError)]
enum ApiError {
    #[genai(error_type = "overloaded", error_type = "busy")]
    Overloaded,
    #[genai(error_type = "refused")]
    #[genai(error_type = "denied")]
    Refused,
    #[genai(transparent, error_type = "io")]
    Io(std::io::Error),
    #[genai(error_type = "network", transparent)]
    Network(std::io::Error),
}

fn main() {
    let _ = ApiError::Overloaded.error_type();
}
