use genai_trace::GenAiError;

#[derive(GenAiError)]
#[genai(crate = "genai_trace")]
struct Quoted;

#[derive(GenAiError)]
#[genai(crate)]
struct Bare;

#[derive(GenAiError)]
#[genai(crate = genai_trace, crate = genai_trace)]
struct Twice;

fn main() {
    let _ = (Quoted.error_type(), Bare.error_type(), Twice.error_type());
}
