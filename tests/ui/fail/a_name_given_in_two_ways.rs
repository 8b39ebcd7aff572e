use genai_trace::genai_tool;

#[genai_tool("read_file", name = tool)]
fn dispatch(tool: &str) {}

#[genai_tool("read_file", "write_file")]
fn two() {}

fn main() {
    dispatch("read_file");
    two();
}
