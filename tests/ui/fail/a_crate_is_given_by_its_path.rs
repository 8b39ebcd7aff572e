use genai_trace::genai_tool;

#[genai_tool(crate = "genai_trace")]
fn quoted() {}

#[genai_tool(crate =)]
fn missing() {}

#[genai_tool(crate = 1)]
fn number() {}

#[genai_tool(crate)]
fn alone() {}

fn main() {
    quoted();
    missing();
    number();
    alone();
}
