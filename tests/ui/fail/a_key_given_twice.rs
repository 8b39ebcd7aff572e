use genai_trace::{genai_tool, record};

#[genai_tool(fields("app.step" = 1, app.step = 2), ret_fields(app.n = size, "app.n" = size))]
fn read_file() -> u32 {
    1
}

fn size(n: &u32) -> u32 {
    *n
}

fn main() {
    size(&read_file());
    record!(app.r#type = 1, app.type = 2);
}
