use genai_trace::genai_tool;

#[genai_tool("read_file", fields(app.size = 1, error.type = "timeout"))]
fn read_file() {}

fn main() {
    read_file();
}
