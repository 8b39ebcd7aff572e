//! Whether a part of a stream holds something that the model has generated.

use serde_json::Value as Json;

/// Whether a part of a stream holds something that the model has generated: text, a thought, a piece of a
/// call of a tool. The frames that open a stream, pings and counts are none.
pub(super) fn holds_output(body: &Json) -> bool {
    let says = |json: Option<&Json>| json.is_some_and(is_something);
    let delta = |delta: &Json| {
        const SAID: [&str; 9] = [
            "content",
            "text",
            "reasoning_content",
            "reasoning",
            "thinking",
            "refusal",
            "tool_calls",
            "partial_json",
            "audio",
        ];
        SAID.iter().any(|key| says(delta.get(key)))
    };
    let choices = body.get("choices").and_then(Json::as_array);
    let is_of_choice =
        |choice: &Json| choice.get("delta").is_some_and(delta) || says(choice.get("text"));
    if choices.is_some_and(|choices| choices.iter().any(is_of_choice)) {
        return true;
    }
    let candidates = body.get("candidates").and_then(Json::as_array);
    if candidates.is_some_and(|all| all.iter().any(|one| says(one.pointer("/content/parts")))) {
        return true;
    }
    match body.get("delta") {
        // The Responses API: the text itself.
        Some(Json::String(text)) => return !text.is_empty(),
        // Anthropic, Bedrock, Cohere.
        Some(said) if delta(said) || says(said.pointer("/message/content/text")) => return true,
        Some(said) if says(said.get("toolUse")) || says(said.get("reasoningContent")) => {
            return true;
        }
        _ => {}
    }
    // The crate `genai`: each event stands under its name.
    let events = [
        "/Chunk/content",
        "/ReasoningChunk/content",
        "/ToolCallChunk/tool_call",
    ];
    if events.iter().any(|path| says(body.pointer(path))) {
        return true;
    }
    // Ollama, Cohere's first version, Bedrock's models.
    const TEXTS: [&str; 6] = [
        "message",
        "generation",
        "completion",
        "outputText",
        "response",
        "text",
    ];
    TEXTS.iter().any(|key| match body.get(key) {
        Some(Json::String(text)) => !text.is_empty(),
        // A whole message that opens a stream has an id of its own; one of Ollama's has not.
        Some(message) if message.get("id").is_none() => delta(message),
        _ => false,
    }) || says(body.pointer("/outputs/0/text"))
}

fn is_something(json: &Json) -> bool {
    match json {
        Json::Null => false,
        Json::String(text) => !text.is_empty(),
        Json::Array(all) => all.iter().any(is_something),
        Json::Object(fields) => fields.values().any(is_something),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::holds_output;

    #[test]
    fn what_was_generated_is_told_from_what_opens_a_stream() {
        for generated in [
            json!({"choices": [{"index": 0, "delta": {"content": "h"}}]}),
            json!({"choices": [{"index": 0, "delta": {"role": "assistant"}}, {"index": 1, "delta": {"content": "h"}}]}),
            json!({"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"name": "f"}}]}}]}),
            json!({"type": "response.output_text.delta", "delta": "h"}),
            json!({"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "hm"}}),
            json!({"candidates": [{"content": {"parts": [{"text": "h"}], "role": "model"}}]}),
            json!({"message": {"role": "assistant", "content": "h"}, "done": false}),
            json!({"response": "h", "done": false}),
            json!({"contentBlockIndex": 0, "delta": {"text": "h"}}),
            json!({"Chunk": {"content": "h"}}),
            json!({"type": "completion", "completion": "h", "stop_reason": null}),
            json!({"outputs": [{"text": "h", "stop_reason": null}]}),
        ] {
            assert!(holds_output(&generated), "{generated}");
        }
        for other in [
            json!({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}),
            json!({"choices": [], "usage": {"prompt_tokens": 1}}),
            json!({"type": "message_start", "message": {"id": "msg_1", "content": [], "usage": {}}}),
            json!({"type": "ping"}),
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}),
            json!({"type": "response.created", "response": {"id": "resp_1", "status": "queued"}}),
            json!({"candidates": [{"finishReason": "STOP"}]}),
            json!({"message": {"role": "assistant", "content": ""}, "done": true}),
        ] {
            assert!(!holds_output(&other), "{other}");
        }
    }
}
