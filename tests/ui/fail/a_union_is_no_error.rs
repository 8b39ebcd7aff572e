use genai_trace::GenAiError;

#[derive(GenAiError)]
union Code {
    number: u32,
    bytes: [u8; 4],
}

fn main() {
    let _ = Code { number: 1 }.error_type();
}
