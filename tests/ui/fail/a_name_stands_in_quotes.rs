use genai_trace::genai_tool;

#[genai_tool(read_file)]
fn read_file() {}

#[genai_tool(42)]
fn write_file() {}

#[genai_tool(b"list_files")]
fn list_files() {}

#[genai_tool(&NAME)]
fn run_command() {}

fn main() {
    read_file();
    write_file();
    list_files();
    run_command();
}
