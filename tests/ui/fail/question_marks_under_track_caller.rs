use genai_trace::genai_tool;

#[track_caller]
#[genai_tool]
fn unlike(text: &str) -> Result<u8, std::num::ParseIntError> {
    let first = text.chars().next()?;
    let number: u8 = text.parse()?;
    Ok(number + first as u8)
}

fn main() {}
