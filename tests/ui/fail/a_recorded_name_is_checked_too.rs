use genai_trace::record;

fn main() {
    record!(
        gen_ai.usage.input_tokns = 250,
        gen_ai.system = "openai",
        "gen_ai.usage.output_tokens" = "130",
        gen_ai.output.type = "xml",
        app.step = 1,
    );
}
