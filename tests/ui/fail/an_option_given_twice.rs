use genai_trace::genai_tool;

#[genai_tool(call_id = id, description = "Read a file", call_id = "2")]
fn read_file(id: &str) {}

#[genai_tool(root, r#root)]
fn write_file() {}

#[genai_tool(fields("a" = 1), fields("b" = 2))]
fn list_files() {}

fn main() {
    read_file("1");
    write_file();
    list_files();
}
