use genai_trace::genai_tool;

#[genai_tool(sample = text.to_owned())]
fn tool(text: &str) {}

fn main() {
    tool("0.1");
}
