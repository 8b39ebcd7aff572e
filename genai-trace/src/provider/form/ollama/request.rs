//! What is asked of Ollama.

use genai_trace_semconv::values::{
    gen_ai_operation_name as operation, gen_ai_output_type as output,
};
use serde_json::Value as Json;

use crate::provider::facts::Content;
use crate::provider::form::openai_chat::tools;
use crate::provider::json::{integer, list, number, object, said, texts};
use crate::provider::origin::Origin;
use crate::provider::parts;
use crate::provider::request_facts::RequestFacts;

/// Whether `body` is a request of this form; `known` where it goes to Ollama.
pub(super) fn is_request(body: &Json, known: bool) -> bool {
    let asks = ["messages", "prompt", "input"].into_iter().any(|key| {
        body.get(key)
            .is_some_and(|asked| asked.is_string() || asked.is_array())
    });
    let telling = object(body, "options").is_some() || body.get("keep_alive").is_some();
    said(body, "model").is_some() && asks && (known || telling)
}

/// What `body` asks; `named` where its path says that it is Ollama's own form, in which a stream comes
/// unless it is unwanted.
pub(super) fn request(body: &Json, origin: &Origin<'_>, named: bool) -> RequestFacts {
    let empty = Json::Null;
    let options = object(body, "options").unwrap_or(&empty);
    let embeds = body.get("input").is_some() || origin.path_ends("/api/embeddings");
    let messages = body.get("messages").and_then(Json::as_array);
    let stream = body.get("stream").and_then(Json::as_bool);
    RequestFacts {
        operation: Some(match (embeds, messages) {
            (true, _) => operation::EMBEDDINGS,
            (false, Some(_)) => operation::CHAT,
            (false, None) => operation::TEXT_COMPLETION,
        }),
        model: said(body, "model").map(str::to_owned),
        // What is negative asks for as many as there may be.
        max_tokens: integer(options, "num_predict").filter(|tokens| *tokens > 0),
        temperature: number(options, "temperature"),
        top_p: number(options, "top_p"),
        top_k: integer(options, "top_k"),
        frequency_penalty: number(options, "frequency_penalty"),
        presence_penalty: number(options, "presence_penalty"),
        seed: integer(options, "seed"),
        stop_sequences: texts(options, "stop"),
        stream: stream
            .or((named && !embeds).then_some(true))
            .filter(|stream| *stream),
        reasoning_level: said(body, "think").map(str::to_owned),
        output_type: match body.get("format") {
            Some(Json::String(format)) if format == "json" => Some(output::JSON.to_owned()),
            Some(Json::Object(_)) => Some(output::JSON.to_owned()),
            _ => None,
        },
        dimension_count: integer(body, "dimensions"),
        message_count: match (messages, body.get("input")) {
            (Some(messages), _) => messages.len().try_into().ok(),
            (None, Some(Json::Array(all))) => all.len().try_into().ok(),
            _ => Some(1),
        },
        content: (origin.content && !embeds).then(|| Box::new(asked(body))),
        ..RequestFacts::default()
    }
}

fn asked(body: &Json) -> Content {
    let input = match body.get("messages").and_then(Json::as_array) {
        Some(messages) => messages.iter().map(message).collect(),
        None => {
            let mut all = images(body);
            all.extend(said(body, "prompt").map(parts::text));
            vec![parts::message("user", all)]
        }
    };
    let system = said(body, "system").map(|text| vec![parts::text(text)]);
    Content {
        input: Some(input.into()),
        system: system.map(Json::from),
        tools: tools(list(body, "tools")),
        ..Content::default()
    }
}

fn message(message: &Json) -> Json {
    let role = said(message, "role").unwrap_or("user");
    let text = said(message, "content");
    if role == "tool" {
        let id = said(message, "tool_call_id");
        let part = parts::tool_call_response(id, text.map(Json::from).unwrap_or_default());
        return parts::message(role, vec![part]);
    }
    let mut all = images(message);
    all.extend(said(message, "thinking").map(parts::reasoning));
    all.extend(text.map(parts::text));
    all.extend(list(message, "tool_calls").iter().filter_map(|call| {
        let function = object(call, "function")?;
        let arguments = function.get("arguments").cloned().unwrap_or_default();
        let name = said(function, "name")?;
        Some(parts::tool_call(said(call, "id"), name, arguments))
    }));
    parts::message(role, all)
}

fn images(within: &Json) -> Vec<Json> {
    let images = list(within, "images").iter().filter_map(Json::as_str);
    images
        .map(|data| parts::blob("image", None, data))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::provider::{Origin, request};

    #[test]
    fn parameters_stand_among_the_options() {
        let body = json!({
            "model": "m", "format": "json", "think": "high", "stream": false,
            "messages": [{"role": "user", "content": "Hi", "images": ["AA"]}],
            "options": {"num_predict": 9, "temperature": 0.5, "top_k": 3, "stop": ["x"], "seed": 1},
        });
        let facts = request(&body, &Origin::default().content(true)).unwrap();
        assert_eq!(facts.operation, Some("chat"));
        assert_eq!(
            (facts.max_tokens, facts.top_k, facts.seed),
            (Some(9), Some(3), Some(1))
        );
        assert_eq!(facts.output_type.as_deref(), Some("json"));
        assert_eq!(facts.reasoning_level.as_deref(), Some("high"));
        assert_eq!(facts.stream, None);
        assert_eq!(
            facts.content.unwrap().input.unwrap(),
            json!([{"role": "user", "parts": [
                {"type": "blob", "modality": "image", "content": "AA"},
                {"type": "text", "content": "Hi"},
            ]}])
        );
    }

    #[test]
    fn a_stream_comes_unless_it_is_unwanted() {
        let origin = Origin::default().url("http://localhost:11434/api/generate");
        let asks = |body: &serde_json::Value| request(body, &origin).unwrap();
        let facts = asks(&json!({"model": "m", "prompt": "Hi"}));
        assert_eq!(
            (facts.operation, facts.stream),
            (Some("text_completion"), Some(true))
        );
        let facts = asks(&json!({"model": "m", "prompt": "Hi", "stream": false}));
        assert_eq!(facts.stream, None);
    }
}
