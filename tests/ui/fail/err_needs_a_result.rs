use std::borrow::Cow;

use genai_trace::genai_tool;

fn classify(_: &std::io::Error) -> Cow<'static, str> {
    "io".into()
}

#[genai_tool(err = classify)]
fn read_file() -> String {
    String::new()
}

#[genai_tool(err = classify)]
fn write_file() -> Result<(), String> {
    Ok(())
}

fn main() {
    read_file();
    let _ = write_file();
}
