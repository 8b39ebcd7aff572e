//! What a small agent did, captured.

use genai_trace::testing::{Captured, capture};
use genai_trace::{Operation, SpanBuilder, span};

pub fn tool(name: &'static str) -> SpanBuilder {
    span(name).operation(Operation::Tool)
}

pub fn chat(input: i64, output: i64) -> SpanBuilder {
    let chat = span("gpt-4o").operation(Operation::Chat);
    chat.attr("gen_ai.usage.input_tokens", &input)
        .attr("gen_ai.usage.output_tokens", &output)
}

fn read_file() {
    let missing = std::io::Error::new(std::io::ErrorKind::NotFound, "no such file");
    let result = tool("read_file").try_run(|| Err::<(), _>(missing));
    assert!(result.is_err());
}

/// An agent that asks, runs a tool that fails and one that runs another, and asks again.
pub fn run() -> Captured {
    let ((), captured) = capture(|| {
        let coder = span("coder").operation(Operation::Agent);
        coder.run(|| {
            chat(250, 130).run(|| {});
            read_file();
            let search = tool("search").attr("app.hits", &3).enter();
            let here = genai_trace::current().context();
            tool("list_files").parent(&here).run(|| {});
            drop(search);
            chat(400, 20).run(|| {});
        });
    });
    captured
}
