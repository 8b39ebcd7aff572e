use genai_trace::{genai_tool, record};

struct Path;

#[genai_tool(fields("path" = path.clone()), ret_fields("whole" = |path| path))]
fn read_file(path: &Path) -> &Path {
    path
}

impl Path {
    fn clone(&self) -> Path {
        Path
    }
}

fn main() {
    record!(app.path = Path);
    read_file(&Path);
}
