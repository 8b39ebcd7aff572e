use genai_trace::genai_tool;

#[genai_tool(fields("size" = text.len()))]
fn read_file(path: &str) -> String {
    let text = path.to_owned();
    text
}

fn main() {
    read_file("a");
}
