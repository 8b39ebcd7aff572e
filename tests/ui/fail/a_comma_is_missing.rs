use genai_trace::{genai_tool, record};

#[genai_tool("read_file" root)]
fn read_file() {}

#[genai_tool(call_id = id description = "Write a file")]
fn write_file(id: &str) {}

#[genai_tool(fields("a" = 1 "b" = 2))]
fn list_files() {}

fn main() {
    read_file();
    write_file("1");
    list_files();
    record!(a = 1 b = 2);
}
