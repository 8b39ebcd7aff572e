use genai_trace::genai_tool;

fn failed(code: &i32) -> bool {
    *code != 0
}

fn code(code: &i32) -> i32 {
    *code
}

#[genai_tool(error_if = failed)]
fn other_type() -> String {
    String::new()
}

#[genai_tool(error_if = code)]
fn no_bool() -> i32 {
    0
}

fn main() {
    other_type();
    no_bool();
}
