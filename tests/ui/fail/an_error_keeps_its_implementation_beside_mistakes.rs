use genai_trace::{GenAiError, genai_tool};

#[derive(Debug, GenAiError)]
enum ApiError {
    #[genai(kind = "overloaded")]
    Overloaded,
    #[genai(error_type = "a" error_type = "b")]
    Refused,
}

fn needs<E: GenAiError>(_: &E) {}

#[genai_tool]
fn call() -> Result<(), ApiError> {
    Err(ApiError::Overloaded)
}

fn main() {
    let _ = call().map_err(|error| needs(&error));
    let _ = ApiError::Refused;
}
