//! Names, types and values of the conventions' attributes, on whatever span.

use genai_trace_semconv::{Attribute, Type, attribute, deprecated, meant_value};
use serde_json::Value;

use super::own;
use super::{Namespaces, Sheet};

/// Where the conventions say every name.
const NAMESPACES: [&str; 6] = [
    "gen_ai.",
    "mcp.",
    "openai.",
    "aws.bedrock.",
    "jsonrpc.",
    "error.",
];

pub(super) fn check(sheet: &mut Sheet<'_>) {
    for (name, value) in sheet.attributes {
        if let Some(known) = attribute(name) {
            one(sheet, known, name, value);
            continue;
        }
        if own::referenced(name).is_some() {
            let holds = value.as_str().is_some_and(|place| !place.is_empty());
            sheet.expect(holds, "type", || format!("{name} is {value}"));
            continue;
        }
        if let Some(old) = deprecated(name) {
            let new = old.replacement.unwrap_or(old.note);
            sheet.find("deprecated_name", format!("{name} is called {new}"));
            continue;
        }
        let is_theirs = NAMESPACES.iter().any(|space| name.starts_with(space));
        sheet.expect(!is_theirs, "unknown_name", || {
            format!("{name} is no name of the conventions")
        });
        if !is_theirs && !own::is_own(name) {
            users(sheet, name, value);
        }
    }
}

fn one(sheet: &mut Sheet<'_>, known: &Attribute, name: &str, value: &Value) {
    let holds = match known.ty {
        Type::String => value.is_string(),
        Type::Int => value.is_i64(),
        Type::Double => value.is_f64(),
        Type::Boolean => value.is_boolean(),
        Type::Strings => value
            .as_array()
            .is_some_and(|list| list.iter().all(Value::is_string)),
        // A structure: on a span its JSON as a string.
        _ if sheet.is_event => value.is_array() || value.is_object(),
        _ => value.is_string(),
    };
    sheet.expect(holds, "type", || {
        format!("{name} is {value}, not {:?}", known.ty)
    });
    let Some(text) = value.as_str() else {
        return;
    };
    if let Some(meant) = meant_value(name, text) {
        sheet.find(
            "deprecated_value",
            format!("{name} is {text:?}, today {meant:?}"),
        );
    } else if !known.values.is_empty() && !known.values.contains(&text) {
        // The list is open, but not for its own words in other letters.
        let listed = known
            .values
            .iter()
            .find(|word| word.eq_ignore_ascii_case(text));
        sheet.expect(listed.is_none() && !text.is_empty(), "value", || {
            format!("{name} is {text:?}, listed is {listed:?}")
        });
    }
}

/// An attribute that is the user's.
fn users(sheet: &mut Sheet<'_>, name: &str, value: &Value) {
    let is_allowed = match sheet.namespaces {
        Namespaces::Any => !name.is_empty() && !name.starts_with("genai_trace."),
        Namespaces::These(these) => these.iter().any(|space| name.starts_with(space)),
    };
    sheet.expect(is_allowed, "namespace", || {
        format!("{name} is nobody's name")
    });
    let is_scalar = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    let holds = match value.as_array() {
        Some(list) => list.iter().all(is_scalar),
        None => is_scalar(value),
    };
    sheet.expect(holds, "type", || format!("{name} is {value}"));
}
