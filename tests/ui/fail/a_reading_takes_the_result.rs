use genai_trace::genai_tool;

#[genai_tool(ret_fields("a" = || 1, "b" = |a, b| 2))]
fn arguments() {}

#[genai_tool(ret_fields("size" = size()))]
fn call() {}

#[genai_tool(ret_fields("size" = 1))]
fn number() {}

fn main() {
    arguments();
    call();
    number();
}
