use genai_trace::genai_tool;

#[genai_tool(crate = crate::telemetry, fields("path" = path))]
fn read_file(path: &str) -> Result<String, String> {
    Ok(path.to_owned())
}

fn main() {
    let _ = read_file("a");
}
