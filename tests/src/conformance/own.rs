//! The attributes that this project adds.

use serde_json::Value;

use super::Sheet;

type Is = fn(&Value) -> bool;

/// Its own names, with what their values are.
const OWN: &[(&str, Is)] = &[
    ("genai_trace.outcome", Value::is_string),
    ("genai_trace.stream.chunks", Value::is_u64),
    ("genai_trace.gate.decision", Value::is_string),
    ("genai_trace.gate.reason", Value::is_string),
    ("genai_trace.omitted.spans", Value::is_u64),
    ("genai_trace.omitted.names", Value::is_array),
    ("genai_trace.omitted.counts", Value::is_array),
    ("genai_trace.total.input_tokens", Value::is_u64),
    ("genai_trace.total.output_tokens", Value::is_u64),
    ("genai_trace.total.cost_usd", Value::is_f64),
    ("genai_trace.total.chat_calls", Value::is_u64),
    ("genai_trace.total.tool_calls", Value::is_u64),
    ("genai_trace.time_to_first_token", Value::is_f64),
    ("genai_trace.arguments.bytes", Value::is_u64),
    ("genai_trace.result.bytes", Value::is_u64),
    ("genai_trace.input.bytes", Value::is_u64),
    ("genai_trace.output.bytes", Value::is_u64),
    ("genai_trace.cost.status", Value::is_string),
    ("genai_trace.retry.attempt", Value::is_u64),
    ("genai_trace.retry.reason", Value::is_string),
    (
        "genai_trace.usage.cache_write_1h.input_tokens",
        Value::is_u64,
    ),
    ("genai_trace.arguments.estimated_tokens", Value::is_u64),
    ("genai_trace.result.estimated_tokens", Value::is_u64),
    ("genai_trace.handoff.source", Value::is_string),
    ("genai_trace.handoff.target", Value::is_string),
    ("genai_trace.input", Value::is_string),
    ("genai_trace.output", Value::is_string),
    ("genai_trace.input_ref", Value::is_string),
    ("genai_trace.output_ref", Value::is_string),
    ("genai_trace.regenerate.attempt", Value::is_u64),
    ("genai_trace.response.finish_reasons", Value::is_array),
    ("genai_trace.prompt.name", Value::is_string),
    ("genai_trace.prompt.version", Value::is_string),
    ("genai_trace.score.late", Value::is_boolean),
    ("llm.cost.usd", Value::is_f64),
    ("sampling.probability", Value::is_f64),
];

/// The attribute of the conventions whose value lies elsewhere, where `name` says where.
pub(super) fn referenced(name: &str) -> Option<&str> {
    let content = name.strip_suffix("_ref")?;
    genai_trace_semconv::attribute(content).map(|_| content)
}

pub(super) fn is_own(name: &str) -> bool {
    name.starts_with("eval.score.") || OWN.iter().any(|(own, _)| *own == name)
}

pub(super) fn check(sheet: &mut Sheet<'_>) {
    for (name, is) in OWN {
        if let Some(value) = sheet.attributes.get(*name) {
            sheet.expect(is(value), "type", || format!("{name} is {value}"));
        }
    }
    outcome(sheet);
    cost(sheet);
    if let Some(decision) = sheet.text("genai_trace.gate.decision") {
        let is_known = ["allow", "deny", "ask"].contains(&decision);
        sheet.expect(is_known, "own_value", || format!("decision {decision:?}"));
    }
}

fn outcome(sheet: &mut Sheet<'_>) {
    let Some(outcome) = sheet.text("genai_trace.outcome") else {
        return;
    };
    let holds = match outcome {
        "panicked" => sheet.is_error(),
        "cancelled" | "abandoned" | "never_polled" | "crashed" => !sheet.is_error(),
        _ => false,
    };
    let status = sheet.line("status");
    sheet.expect(holds, "outcome", || {
        format!("outcome {outcome:?} with {status}")
    });
}

/// A cost is on a model's call, and never where it is not known.
fn cost(sheet: &mut Sheet<'_>) {
    let usd = sheet.attributes.get("llm.cost.usd").and_then(Value::as_f64);
    let holds = match (sheet.text("genai_trace.cost.status"), usd) {
        (None, None) | (Some("unknown"), None) => true,
        (Some("priced"), Some(usd)) => usd >= 0.0,
        (Some("free"), Some(usd)) => usd == 0.0,
        _ => false,
    };
    let status = sheet.text("genai_trace.cost.status");
    sheet.expect(holds, "cost", || format!("{usd:?} dollars with {status:?}"));
}
