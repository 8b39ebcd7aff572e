use genai_trace::{genai_chat, genai_tool};

#[genai_tool(fields = 1)]
fn a_list_with_equals() {}

#[genai_tool(call_id("1"))]
fn a_value_in_parentheses() {}

#[genai_chat(prompt = "summary")]
fn a_prompt_with_equals() {}

#[genai_tool(ret_fields)]
fn a_list_alone() {}

#[genai_tool(err(classify))]
fn a_function_in_parentheses() {}

#[genai_tool(call_id: "1", root)]
fn a_value_after_a_colon() {}

#[genai_tool(fields["a" = 1])]
fn a_list_in_brackets() {}

fn main() {
    a_value_after_a_colon();
    a_list_in_brackets();
    a_list_with_equals();
    a_value_in_parentheses();
    a_prompt_with_equals();
    a_list_alone();
    a_function_in_parentheses();
}
