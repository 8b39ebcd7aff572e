use genai_trace::{genai_tool, record};

#[genai_tool(fields(path, "mode" = 1))]
fn read_file(path: &str) {}

#[genai_tool(fields(app.path: path))]
fn write_file(path: &str) {}

fn main() {
    read_file("a");
    write_file("a");
    let step = 1;
    record!(app.step = step, app.turn);
}
