use genai_trace::{SpanContext, genai_tool};

#[genai_tool(root, parent = parent)]
fn read_file(parent: &SpanContext) {}

fn main() {
    let _ = read_file;
}
