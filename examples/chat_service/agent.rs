//! The agent: asks the model, runs the tools that it wants, and asks again.

use genai_trace::{Operation, genai_agent, span};
use serde_json::{Value, json};

use super::model::complete;
use super::settings::Settings;
use super::tools::{ToolError, days_until_christmas, weather};

/// Rounds before it gives up.
const MOST_ROUNDS: usize = 5;

/// Answers a message. A tool that fails is told to the model, which makes the best of it.
#[genai_agent("assistant")]
pub(crate) async fn answer(message: &str, settings: &Settings) -> Result<String, String> {
    let mut messages = vec![json!({"role": "user", "content": message})];
    for _ in 0..MOST_ROUNDS {
        let request = json!({"model": settings.model, "messages": messages});
        let response = complete(&settings.provider, &request, settings.model_delay).await;
        let said = response.pointer("/choices/0/message").cloned();
        let said = said.unwrap_or_default();
        let calls = said.get("tool_calls").and_then(Value::as_array).cloned();
        let Some(calls) = calls.filter(|calls| !calls.is_empty()) else {
            return Ok(text(&said, "/content").to_owned());
        };
        messages.push(said);
        for call in calls {
            let result = match run(&call, settings).await {
                Ok(result) => result,
                Err(error) => format!("error: {error}"),
            };
            messages
                .push(json!({"role": "tool", "tool_call_id": call.get("id"), "content": result}));
        }
    }
    Err(format!("no answer after {MOST_ROUNDS} rounds"))
}

/// Runs the tool that the model wants.
async fn run(call: &Value, settings: &Settings) -> Result<String, ToolError> {
    let arguments: Value =
        serde_json::from_str(text(call, "/function/arguments")).unwrap_or_default();
    match text(call, "/function/name") {
        "weather" => weather(text(&arguments, "/city"), settings.weather_delay).await,
        "days_until_christmas" => {
            let day = arguments.get("day_of_year").and_then(Value::as_u64);
            let days = days_until_christmas(day.unwrap_or_default());
            Ok(format!("{days} days until Christmas"))
        }
        other => {
            // What the model wanted is seen, though there is no such tool.
            let wanted = span(format!("execute_tool {other}")).operation(Operation::Tool);
            let wanted = wanted.attr("gen_ai.tool.name", other);
            wanted.try_run(|| Err(ToolError::UnknownTool(other.to_owned())))
        }
    }
}

/// The text at a place; empty where there is none.
fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_default()
}
