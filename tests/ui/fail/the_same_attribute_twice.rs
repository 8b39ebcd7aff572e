#[genai_trace::genai_tool("read")]
#[genai_trace::genai_tool("read_file")]
fn read_file() {}

fn main() {
    read_file();
}
