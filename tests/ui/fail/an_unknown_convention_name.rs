use genai_trace::{genai_agent, genai_chat, genai_tool};

#[genai_chat(fields(gen_ai.usage.input_token = 1, "gen_ai.input_tokens" = 2))]
fn a_slip_and_a_word_left_out() {}

#[genai_agent(fields(gen_ai.usage.tokens = 1))]
fn one_of_several() {}

#[genai_tool(fields(gen_ai.tool.outcome = "ok", gen_ai.weather = "fine"))]
fn nothing_like_it() {}

#[genai_chat(fields("gen_ai.prompt.variable" = "Paris"))]
fn a_name_that_goes_on() {}

fn main() {
    a_slip_and_a_word_left_out();
    one_of_several();
    nothing_like_it();
    a_name_that_goes_on();
}
