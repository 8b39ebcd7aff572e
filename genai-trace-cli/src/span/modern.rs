//! Spans of older conventions and of tutorials in the words of today.

use genai_trace::{Attributes, SpanRecord, Value};
use genai_trace_semconv::values::gen_ai_operation_name as operation;
use genai_trace_semconv::{deprecated, meant_value, names};

use super::brief::Brief;
use super::facts::whole;
use super::kind::Kind;
use super::spelling::{Amount, Fact};

/// Gives the attributes of a span the names, and the values that are listed, of today's conventions. What it says under
/// both names, or what only looks alike, stays as it is.
pub(crate) fn modernize(span: &mut SpanRecord) {
    let operation = operation_of(Brief::of(span).kind());
    let mut modern = Attributes::default();
    for (key, value) in span.attributes.iter() {
        let today = today(key, value).filter(|today| {
            let is_said =
                |name: &str| span.attributes.get(name).is_some() || modern.get(name).is_some();
            !is_said(today)
        });
        let key = today.unwrap_or(key);
        let meant = value.as_str().and_then(|value| meant_value(key, value));
        match meant {
            Some(meant) => modern.insert(key, meant),
            None => modern.insert(key, counted(key, value)),
        }
    }
    if let Some(operation) = operation
        && modern.get(names::GEN_AI_OPERATION_NAME).is_none()
    {
        modern.insert(names::GEN_AI_OPERATION_NAME, operation);
    }
    span.attributes = modern;
}

/// A count of tokens as a whole number, which others may write as a float.
fn counted(key: &str, value: &Value) -> Value {
    let whole = match (Amount::of(key), value) {
        (Some(Amount::Tokens), Value::Float(number)) => whole(*number),
        _ => None,
    };
    let whole = whole.and_then(|number| i64::try_from(number).ok());
    whole.map_or_else(|| value.clone(), Value::Int)
}

/// What the attribute `key` is called today, where that is not its name.
fn today(key: &str, value: &Value) -> Option<&'static str> {
    let today = match Fact::of(key) {
        Some(fact) => fact.today()?,
        None => deprecated(key)?.replacement?,
    };
    // Messages had other shapes.
    let is_messages = matches!(
        today,
        names::GEN_AI_INPUT_MESSAGES
            | names::GEN_AI_OUTPUT_MESSAGES
            | names::GEN_AI_SYSTEM_INSTRUCTIONS
    );
    let has_parts = value
        .as_str()
        .is_some_and(|text| text.contains("\"parts\""));
    (!is_messages || has_parts).then_some(today)
}

const fn operation_of(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Agent => Some(operation::INVOKE_AGENT),
        Kind::Model => Some(operation::CHAT),
        Kind::Embeddings => Some(operation::EMBEDDINGS),
        Kind::Tool => Some(operation::EXECUTE_TOOL),
        Kind::Retrieval => Some(operation::RETRIEVAL),
        Kind::Gate | Kind::Step => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modern(attributes: &str) -> String {
        let line = format!(
            r#"{{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","parent_span_id":null,"name":"llm_call","kind":"CLIENT","start_unix_nano":1,"end_unix_nano":3,"status":"UNSET","status_message":"","attributes":{attributes},"events":[],"links":[],"resource":{{}}}}"#
        );
        let mut span: SpanRecord = serde_json::from_str(&line).unwrap();
        modernize(&mut span);
        serde_json::to_string(&span.attributes).unwrap()
    }

    #[test]
    fn names_and_values_are_those_of_today() {
        assert_eq!(
            modern(
                r#"{"llm.model":"m","gen_ai.system":"vertex_ai","prompt_tokens":7.0,"app.x":true}"#
            ),
            r#"{"gen_ai.request.model":"m","gen_ai.provider.name":"gcp.vertex_ai","gen_ai.usage.input_tokens":7,"app.x":true,"gen_ai.operation.name":"chat"}"#
        );
    }

    #[test]
    fn what_is_said_twice_or_has_another_shape_stays() {
        let said = r#"{"gen_ai.operation.name":"chat","gen_ai.system":"a","gen_ai.provider.name":"b","gen_ai.prompt":"hello","llm.cost.usd":0.5}"#;
        assert_eq!(modern(said), said);
    }
}
