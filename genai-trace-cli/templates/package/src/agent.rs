//! The agent: it asks the model, runs the tools that this calls, and gives it their results.

use std::error::Error;

use genai_trace::genai_agent;
use serde_json::json;

use crate::{model, tools};

/// After so many turns nothing is to be expected of more.
const MOST_TURNS: usize = 8;

/// Answers a question about the files in this folder.
#[genai_agent("reader", model = model::NAME)]
pub fn answer(question: &str) -> Result<String, Box<dyn Error>> {
    let mut messages = vec![json!({"role": "user", "content": question})];
    for _ in 0..MOST_TURNS {
        let response = model::chat(&json!({
            "model": model::NAME,
            "messages": messages,
            "tools": tools::definitions(),
        }))?;
        let message = &response["choices"][0]["message"];
        let Some(calls) = message["tool_calls"].as_array() else {
            let text = message["content"].as_str();
            return Ok(text.ok_or("the model said nothing")?.to_owned());
        };
        messages.push(message.clone());
        messages.extend(calls.iter().map(tools::run));
    }
    Err(format!("no answer after {MOST_TURNS} turns").into())
}

#[cfg(test)]
mod tests {
    use genai_trace::Outcome;
    use genai_trace::testing::{called, capture};

    use super::answer;

    #[test]
    fn a_file_that_is_not_there_does_not_stop_it() {
        let (answer, spans) = capture(|| answer("What is this project called?"));
        assert_eq!(answer.unwrap(), concat!(env!("CARGO_PKG_NAME"), "."));
        spans.assert_tree(
            called("invoke_agent reader").children([
                called("chat gpt-4o-mini"),
                called("gate inside_project"),
                called("execute_tool read_file")
                    .outcome(Outcome::Error)
                    .attr("error.type", "NotFound"),
                called("chat gpt-4o-mini"),
                called("gate inside_project"),
                called("execute_tool read_file"),
                called("chat gpt-4o-mini"),
            ]),
        );
        spans.assert_tokens_at_most(2_000);
    }
}
