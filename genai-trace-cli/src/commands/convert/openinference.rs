//! What OpenInference says, as today's conventions have it: the other way round than the profile of that name. What they
//! have no name for stays as it is.

use genai_trace::{Attributes, SpanRecord, Value};
use genai_trace_semconv::names;
use genai_trace_semconv::values::gen_ai_operation_name as operation;
use serde_json::{Map, Value as Json};

use crate::said::{lay_in, messages_in};

const KIND: &str = "openinference.span.kind";
const PARAMETERS: &str = "llm.invocation_parameters";
const FINISH_REASON: &str = "llm.finish_reason";
const INPUT: &str = "input.value";
const OUTPUT: &str = "output.value";

/// What stands under another name, whatever the span is.
const NAMES: &[(&str, &str)] = &[
    // The conventions have no cost; it is what genai-trace calls it.
    ("llm.cost.total", "llm.cost.usd"),
    ("embedding.model_name", names::GEN_AI_REQUEST_MODEL),
    ("llm.model_name", names::GEN_AI_REQUEST_MODEL),
    ("llm.provider", names::GEN_AI_PROVIDER_NAME),
    ("llm.system", names::GEN_AI_PROVIDER_NAME),
    ("llm.prompt_template.version", names::GEN_AI_PROMPT_VERSION),
    (
        "llm.token_count.prompt_details.audio",
        names::GEN_AI_USAGE_AUDIO_INPUT_TOKENS,
    ),
    (
        "llm.token_count.completion_details.audio",
        names::GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS,
    ),
];

/// What stands under another name in the call of a tool.
const TOOL_NAMES: &[(&str, &str)] = &[
    ("tool.id", names::GEN_AI_TOOL_CALL_ID),
    ("tool.description", names::GEN_AI_TOOL_DESCRIPTION),
    ("tool.parameters", names::GEN_AI_TOOL_CALL_ARGUMENTS),
    (INPUT, names::GEN_AI_TOOL_CALL_ARGUMENTS),
    (OUTPUT, names::GEN_AI_TOOL_CALL_RESULT),
];

/// What a request may say, under the names of the request.
const REQUEST: &[(&str, &str)] = &[
    ("temperature", names::GEN_AI_REQUEST_TEMPERATURE),
    ("top_p", names::GEN_AI_REQUEST_TOP_P),
    ("top_k", names::GEN_AI_REQUEST_TOP_K),
    ("max_tokens", names::GEN_AI_REQUEST_MAX_TOKENS),
    ("frequency_penalty", names::GEN_AI_REQUEST_FREQUENCY_PENALTY),
    ("presence_penalty", names::GEN_AI_REQUEST_PRESENCE_PENALTY),
    ("seed", names::GEN_AI_REQUEST_SEED),
    ("stream", names::GEN_AI_REQUEST_STREAM),
    ("n", names::GEN_AI_REQUEST_CHOICE_COUNT),
    ("stop", names::GEN_AI_REQUEST_STOP_SEQUENCES),
];

/// Where messages stand, and what they are called in one attribute.
const MESSAGES: [(&str, &str, &str, &str); 2] = [
    (
        "llm.input_messages.",
        INPUT,
        "input.mime_type",
        names::GEN_AI_INPUT_MESSAGES,
    ),
    (
        "llm.output_messages.",
        OUTPUT,
        "output.mime_type",
        names::GEN_AI_OUTPUT_MESSAGES,
    ),
];

/// Gives what OpenInference says in a span the names and shapes of today's conventions. What it says under both names
/// is left, unless it is the same.
pub(super) fn modernize(span: &mut SpanRecord) {
    let Some(kind) = span.attributes.str(KIND).map(str::to_owned) else {
        return;
    };
    let operation = match kind.as_str() {
        "LLM" => Some(operation::CHAT),
        "EMBEDDING" => Some(operation::EMBEDDINGS),
        "RETRIEVER" => Some(operation::RETRIEVAL),
        "TOOL" => Some(operation::EXECUTE_TOOL),
        "AGENT" => Some(operation::INVOKE_AGENT),
        _ => None,
    };
    if let Some(operation) = operation {
        if span.attributes.get(names::GEN_AI_OPERATION_NAME).is_none() {
            span.attributes
                .insert(names::GEN_AI_OPERATION_NAME, operation);
        }
        leave_out(&mut span.attributes, |key| key == KIND);
    }
    rename(&mut span.attributes, NAMES);
    match kind.as_str() {
        "TOOL" => {
            rename(&mut span.attributes, TOOL_NAMES);
            leave_out_types(&mut span.attributes);
        }
        "RETRIEVER" => {
            let query = (INPUT, names::GEN_AI_RETRIEVAL_QUERY_TEXT);
            rename(&mut span.attributes, &[query]);
            leave_out_types(&mut span.attributes);
        }
        "LLM" | "AGENT" => {
            messages(span);
            definitions(&mut span.attributes);
            request(&mut span.attributes);
            finish_reason(&mut span.attributes);
        }
        _ => {}
    }
}

/// Calls things otherwise that are not said under the other name; those that are the same go.
fn rename(attributes: &mut Attributes, pairs: &[(&str, &str)]) {
    let mut renamed = Attributes::default();
    let old = std::mem::take(attributes);
    for (key, value) in old.iter() {
        let today = pairs.iter().find(|(from, _)| *from == key);
        match today.map(|(_, today)| (*today, old.get(today).or_else(|| renamed.get(today)))) {
            None => renamed.insert(key, value.clone()),
            Some((today, None)) => renamed.insert(today, value.clone()),
            Some((_, Some(said))) if said == value => {}
            Some((_, Some(_))) => renamed.insert(key, value.clone()),
        }
    }
    *attributes = renamed;
}

fn leave_out(attributes: &mut Attributes, is_left_out: impl Fn(&str) -> bool) {
    let kept = attributes.iter().filter(|(key, _)| !is_left_out(key));
    let kept = kept.map(|(key, value)| (key.to_owned(), value.clone()));
    *attributes = kept.collect();
}

/// Nothing is told of the type of what is no longer there.
fn leave_out_types(attributes: &mut Attributes) {
    for (_, value, mime, _) in MESSAGES {
        if attributes.get(value).is_none() {
            leave_out(attributes, |key| key == mime);
        }
    }
}

/// Messages stand in one attribute each; what says the same in other ways goes.
fn messages(span: &mut SpanRecord) {
    let was_said = MESSAGES.map(|(_, _, _, today)| span.attributes.get(today).is_some());
    lay_in(span);
    for ((front, value, _, today), was_said) in MESSAGES.into_iter().zip(was_said) {
        if was_said || span.attributes.get(today).is_none() {
            continue;
        }
        leave_out(&mut span.attributes, |key| is_of_message(key, front));
        let role = if value == INPUT { "user" } else { "assistant" };
        let attributes = &span.attributes;
        let of = |key: &str| messages_in(attributes, key, role);
        // A request or an answer in the form of its provider says more than its messages.
        let is_more = |said: &str| said.trim_start().starts_with('{');
        let is_same = of(value).is_some() && of(value) == of(today);
        if is_same && !attributes.str(value).is_some_and(is_more) {
            leave_out(&mut span.attributes, |key| key == value);
        }
    }
    leave_out_types(&mut span.attributes);
}

/// Whether it is a part of a message that the conventions have a place for.
fn is_of_message(key: &str, front: &str) -> bool {
    let Some((_, said)) = key
        .strip_prefix(front)
        .and_then(|rest| rest.split_once(".message."))
    else {
        return false;
    };
    let first = said.split('.').next().unwrap_or_default();
    matches!(
        first,
        "role" | "content" | "contents" | "name" | "finish_reason" | "tool_call_id" | "tool_calls"
    )
}

/// The tools that a model was told of are one list.
fn definitions(attributes: &mut Attributes) {
    let key = |number: usize| format!("llm.tools.{number}.tool.json_schema");
    if attributes.get(names::GEN_AI_TOOL_DEFINITIONS).is_some() {
        return;
    }
    let schemas = (0..).map_while(|number| attributes.str(&key(number)));
    let read = |schema: &str| serde_json::from_str::<Json>(schema).ok().map(definition);
    let Some(tools) = schemas.map(read).collect::<Option<Vec<_>>>() else {
        return;
    };
    if tools.is_empty() {
        return;
    }
    let count = tools.len();
    leave_out(attributes, |said| {
        said.starts_with("llm.tools.") && (0..count).any(|number| said == key(number))
    });
    attributes.insert(
        names::GEN_AI_TOOL_DEFINITIONS,
        Json::Array(tools).to_string(),
    );
}

/// What providers put into a `function` stands beside the type.
fn definition(mut tool: Json) -> Json {
    if let Json::Object(said) = &mut tool
        && let Some(Json::Object(function)) = said.remove("function")
    {
        said.extend(function);
    }
    tool
}

/// What a request asked for has a name for each; what has none stays together.
fn request(attributes: &mut Attributes) {
    let said = attributes
        .str(PARAMETERS)
        .map(serde_json::from_str::<Map<String, Json>>);
    let Some(Ok(mut parameters)) = said else {
        return;
    };
    for (key, today) in REQUEST {
        if attributes.get(today).is_some() {
            continue;
        }
        let read = parameters.get(*key).and_then(|said: &Json| match said {
            // One that would stop it may stand alone.
            Json::String(text) if *key == "stop" => Some(Value::StringArray(vec![text.clone()])),
            Json::Object(_) | Json::Null => None,
            other => serde_json::from_value(other.clone()).ok(),
        });
        if let Some(value) = read {
            parameters.remove(*key);
            attributes.insert(*today, value);
        }
    }
    match parameters.is_empty() {
        true => leave_out(attributes, |key| key == PARAMETERS),
        false => attributes.insert(PARAMETERS, Json::Object(parameters).to_string()),
    }
}

/// Reasons are a list.
fn finish_reason(attributes: &mut Attributes) {
    if let Some(Value::String(reason)) = attributes.get(FINISH_REASON).cloned() {
        let today = names::GEN_AI_RESPONSE_FINISH_REASONS;
        if attributes.get(today).is_none() {
            attributes.insert(today, Value::StringArray(vec![reason]));
            leave_out(attributes, |key| key == FINISH_REASON);
        }
    } else {
        rename(
            attributes,
            &[(FINISH_REASON, names::GEN_AI_RESPONSE_FINISH_REASONS)],
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn modern(attributes: &Json) -> Json {
        let record = json!({
            "trace_id": format!("{:032x}", 1), "span_id": format!("{:016x}", 1), "parent_span_id": null,
            "name": "ChatCompletion", "kind": "INTERNAL", "start_unix_nano": 1, "end_unix_nano": 2,
            "status": "UNSET", "status_message": "", "attributes": attributes, "events": [], "links": [],
            "resource": {},
        });
        let mut span: SpanRecord = serde_json::from_value(record).unwrap();
        modernize(&mut span);
        serde_json::to_value(&span.attributes).unwrap()
    }

    #[test]
    fn a_call_of_a_model_is_said_in_the_names_of_today() {
        let messages = json!([{"role": "user", "parts": [{"type": "text", "content": "2+2?"}]}]);
        let raw = r#"{"id":7,"choices":[{"message":{"role":"assistant","content":"4"}}]}"#;
        let found = modern(&json!({
            "openinference.span.kind": "LLM", "llm.model_name": "m", "llm.system": "openai",
            "llm.provider": "openai", "llm.cost.total": 0.5, "llm.finish_reason": "stop",
            "llm.invocation_parameters": r#"{"temperature":0.5,"max_tokens":9,"user":"u"}"#,
            "llm.tools.0.tool.json_schema": r#"{"type":"function","function":{"name":"add"}}"#,
            "llm.input_messages.0.message.role": "user",
            "llm.input_messages.0.message.content": "2+2?",
            "llm.input_messages.0.message.mood": "calm",
            "input.value": messages.to_string(), "input.mime_type": "application/json",
            "output.value": raw, "output.mime_type": "application/json",
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.0.message.content": "4",
        }));
        let parts = |role: &str, text: &str| {
            json!([{"parts": [{"content": text, "type": "text"}], "role": role}]).to_string()
        };
        let wanted = json!({
            "gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.provider.name": "openai",
            "llm.cost.usd": 0.5, "gen_ai.response.finish_reasons": ["stop"],
            "gen_ai.request.temperature": 0.5, "gen_ai.request.max_tokens": 9,
            "llm.invocation_parameters": r#"{"user":"u"}"#,
            "gen_ai.tool.definitions": r#"[{"name":"add","type":"function"}]"#,
            "gen_ai.input.messages": parts("user", "2+2?"),
            "gen_ai.output.messages": parts("assistant", "4"),
            // What the conventions have no place for.
            "llm.input_messages.0.message.mood": "calm",
            "output.value": raw, "output.mime_type": "application/json",
        });
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_call_of_a_tool_is_said_in_the_names_of_today() {
        let found = modern(&json!({
            "openinference.span.kind": "TOOL", "tool.id": "c1", "tool.description": "adds",
            "tool.parameters": "{\"a\":1}", "input.value": "{\"a\":1}", "input.mime_type": "application/json",
            "output.value": "2", "output.mime_type": "text/plain",
        }));
        let wanted = json!({
            "gen_ai.operation.name": "execute_tool", "gen_ai.tool.call.id": "c1",
            "gen_ai.tool.description": "adds", "gen_ai.tool.call.arguments": "{\"a\":1}",
            "gen_ai.tool.call.result": "2",
        });
        assert_eq!(found, wanted);
    }

    #[test]
    fn what_has_no_name_today_stays() {
        let said = json!({"openinference.span.kind": "CHAIN", "input.value": "x", "input.mime_type": "text/plain", "metadata": "{}"});
        assert_eq!(modern(&said), said);
        let said = json!({"input.value": "x", "llm.cost.total": 1.0});
        assert_eq!(modern(&said), said);
    }
}
