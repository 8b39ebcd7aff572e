use genai_trace::genai_tool;

#[genai_tool(root, "read_file")]
fn read_file() {}

fn main() {
    read_file();
}
