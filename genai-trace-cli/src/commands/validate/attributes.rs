//! Names, types and values of attributes.

use genai_trace::{SpanRecord, Value};
use genai_trace_semconv::{self as semconv, Type, attribute, deprecated, meant_value, names};

use super::amounts::{amount, flaw};
use super::flaw::Flaw;
use super::rules;

/// Namespaces in which every name is the conventions'.
const OWN: &[&str] = &["gen_ai.", "mcp."];

/// What is wrong with the attributes of a span, one by one.
pub(super) fn flaws(span: &SpanRecord, flaws: &mut Vec<Flaw>) {
    for (key, value) in span.attributes.iter() {
        let amount = amount(key);
        flaws.extend(amount.and_then(|amount| flaw(key, value, amount)));
        if let Some(known) = attribute(key) {
            if amount.is_none() {
                flaws.extend(of_type(known, key, value));
            }
            flaws.extend(of_value(known, key, value));
        } else if !flaws_of_name(key, flaws) && OWN.iter().any(|own| key.starts_with(own)) {
            let message = format!("the conventions know no {key}");
            flaws.push(Flaw::new(&rules::NAME_UNKNOWN, message).said(key));
        }
        flaws.extend(default(key, value));
    }
    for event in &span.events {
        flaws_of_name(&event.name, flaws);
    }
    let trace = span.trace_id.to_string();
    if span.attributes.str(names::GEN_AI_CONVERSATION_ID) == Some(&trace) {
        let message = "the conversation is called as the trace is".to_owned();
        let flaw = Flaw::new(&rules::CONVERSATION_ID, message).said(trace);
        flaws.push(flaw.section("attribute", names::GEN_AI_CONVERSATION_ID));
    }
    let has = |key| span.attributes.get(key).is_some();
    if has(names::SERVER_ADDRESS) && !has(names::SERVER_PORT) {
        let message = "the server's port is not said".to_owned();
        let flaw = Flaw::new(&rules::SERVER_PORT, message);
        flaws.push(flaw.section("attribute", names::SERVER_PORT));
    }
}

/// Whether a name is an old one, of which that is said.
fn flaws_of_name(name: &str, flaws: &mut Vec<Flaw>) -> bool {
    let Some(old) = deprecated(name) else {
        return false;
    };
    let message = match (old.replacement, old.note) {
        (Some(new), "") => format!("{name} is {new} today"),
        (Some(new), note) => format!("{name} is {new} today: {note}"),
        (None, "") => format!("{name} is not used any more"),
        (None, note) => format!("{name}: {note}"),
    };
    let flaw = Flaw::new(&rules::NAME_DEPRECATED, message).said(name);
    flaws.push(flaw.allowed(old.replacement));
    true
}

fn of_type(known: &semconv::Attribute, key: &str, value: &Value) -> Option<Flaw> {
    let fits = match (known.ty, value) {
        (Type::String, Value::String(_))
        | (Type::Int, Value::Int(_))
        // JSON of other languages has no point in a whole number.
        | (Type::Double, Value::Float(_) | Value::Int(_))
        | (Type::Boolean, Value::Bool(_))
        | (Type::Strings, Value::StringArray(_))
        | (Type::Any, _) => true,
        // A template may stand for values of any type.
        _ => known.template,
    };
    if fits {
        return None;
    }
    let (wanted, found) = (name(known.ty), kind(value));
    let message = format!("{key} is {found}, expected {wanted}");
    let flaw = Flaw::new(&rules::ATTRIBUTE_TYPE, message);
    Some(
        flaw.said(found)
            .allowed(wanted)
            .section("attribute", known.name),
    )
}

const fn name(ty: Type) -> &'static str {
    match ty {
        Type::String => "a string",
        Type::Int => "an integer",
        Type::Double => "a number",
        Type::Boolean => "a boolean",
        Type::Strings => "an array of strings",
        _ => "any value",
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a string",
        Value::Bool(_) => "a boolean",
        Value::Int(_) => "an integer",
        Value::Float(_) => "a float",
        Value::StringArray(_) => "an array of strings",
        Value::BoolArray(_) => "an array of booleans",
        Value::IntArray(_) => "an array of integers",
        Value::FloatArray(_) => "an array of floats",
        _ => "of another type",
    }
}

fn of_value(known: &semconv::Attribute, key: &str, value: &Value) -> Option<Flaw> {
    let said = value.as_str().filter(|_| !known.values.is_empty())?;
    if known.values.contains(&said) {
        return None;
    }
    let flaw = match meant_value(known.name, said) {
        Some(meant) => {
            let message = format!("{key} is {said:?}, which is {meant:?} today");
            Flaw::new(&rules::VALUE_DEPRECATED, message).allowed(meant)
        }
        None => {
            let message = format!("{key} is {said:?}, listed are {}", known.values.join(", "));
            Flaw::new(&rules::VALUE_UNKNOWN, message).allowed(known.values.to_vec())
        }
    };
    Some(flaw.said(said).section("attribute", known.name))
}

/// What goes without saying.
fn default(key: &str, value: &Value) -> Option<Flaw> {
    let is_one = match key {
        names::GEN_AI_REQUEST_STREAM | names::GEN_AI_CONVERSATION_COMPACTED => {
            value.as_bool() == Some(false)
        }
        names::GEN_AI_REQUEST_CHOICE_COUNT => value.as_int() == Some(1),
        _ => false,
    };
    let message = format!("{key} is {value}");
    is_one.then(|| Flaw::new(&rules::VALUE_DEFAULT, message).section("attribute", key))
}
