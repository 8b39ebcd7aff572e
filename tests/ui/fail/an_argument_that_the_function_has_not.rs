use genai_trace::genai_tool;

struct Files;

impl Files {
    #[genai_tool("read_file", args(pth, line, self, r#type, body))]
    fn read_file(&self, path: &str, (line, _): (u32, u8), r#type: u8) {}

    #[genai_tool(args = path)]
    fn assigned(&self, path: &str) {}

    #[genai_tool(args("path"))]
    fn quoted(&self, path: &str) {}
}

fn main() {
    Files.read_file("a", (1, 2), 3);
    Files.assigned("a");
    Files.quoted("a");
}
