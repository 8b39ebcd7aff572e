use genai_trace::GenAiError;

#[derive(GenAiError)]
enum ApiError {
    #[genai(transparent)]
    Overloaded,
    #[genai(transparent)]
    Io(std::io::Error, u8),
    #[genai(transparent)]
    Refused { code: u16, text: String, inner: std::io::Error },
    #[genai(transparent = true)]
    Network(std::io::Error),
}

#[derive(GenAiError)]
#[genai(transparent)]
struct Unit;

fn main() {
    let _ = (ApiError::Overloaded.error_type(), Unit.error_type());
}
