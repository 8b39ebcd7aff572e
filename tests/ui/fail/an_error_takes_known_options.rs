use genai_trace::GenAiError;

#[derive(GenAiError)]
#[genai(transparant)]
struct Wrapped(std::io::Error);

#[derive(GenAiError)]
enum ApiError {
    #[genai(eror_type = "overloaded")]
    Overloaded,
    #[genai(skip)]
    Skipped,
    #[genai(rename("refused"), error_type = "refused")]
    Refused,
}

fn main() {
    let _ = ApiError::Overloaded.error_type();
    let _ = ApiError::Skipped.error_type();
    let _ = ApiError::Refused.error_type();
    let _ = Wrapped(std::io::ErrorKind::NotFound.into()).error_type();
}
