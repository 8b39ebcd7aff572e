//! Attributes and their values, from an object or as OTLP has them.

use genai_trace::{Attributes, Value};
use serde_json::{Map, Value as Json};

use super::{elements, first};

/// Attributes as a record has them, from an object or from the pairs of OTLP.
pub(super) fn attributes(said: Option<&Json>) -> Json {
    let mut all = Map::new();
    match said {
        Some(Json::Object(members)) => {
            // What has no value says nothing.
            for (key, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                all.insert(key.clone(), flat(value.clone()));
            }
        }
        Some(Json::Array(pairs)) => {
            for pair in pairs {
                let value = pair.get("value").map(any_value);
                if let Some(key) = pair.get("key").and_then(Json::as_str)
                    && let Some(value) = value.filter(|value| !value.is_null())
                {
                    all.insert(key.to_owned(), flat(value));
                }
            }
        }
        _ => {}
    }
    Json::Object(all)
}

/// A value of OTLP as JSON.
pub(super) fn any_value(value: &Json) -> Json {
    if let Some(number) = value.get("intValue") {
        // As the specification wants it a number stands in a text.
        let in_text = number.as_str().and_then(|text| text.parse::<i64>().ok());
        return in_text.map_or_else(|| number.clone(), Json::from);
    }
    if let Some(number) = float(value).filter(|number| number.is_finite()) {
        // Whole ones may be written without a point, and are floats all the same.
        return Json::from(number);
    }
    if let Some(plain) = first(
        value,
        &["stringValue", "boolValue", "doubleValue", "bytesValue"],
    ) {
        return plain.clone();
    }
    if let Some(list) = value.get("arrayValue").filter(|list| list.is_object()) {
        // An empty list stands there as nothing.
        return elements(list, "values").iter().map(any_value).collect();
    }
    match value.get("kvlistValue") {
        Some(list) => structure(list.get("values")),
        None => Json::Null,
    }
}

/// The float that a value of OTLP is; a number may stand in a text.
fn float(value: &Json) -> Option<f64> {
    let said = value.get("doubleValue")?;
    said.as_f64().or_else(|| match said.as_str()? {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        text => text.parse().ok().filter(|number: &f64| number.is_finite()),
    })
}

/// Makes floats again of those of the pairs of OTLP that JSON has no number for, and that are texts in it.
pub(super) fn put_floats(said: Option<&Json>, attributes: &mut Attributes) {
    for pair in said.and_then(Json::as_array).into_iter().flatten() {
        let number = pair.get("value").and_then(float);
        if let Some(number) = number.filter(|number| !number.is_finite())
            && let Some(key) = pair.get("key").and_then(Json::as_str)
        {
            attributes.insert(key, number);
        }
    }
}

/// The pairs of OTLP within a value, as they are: only the whole of it becomes a text.
fn structure(pairs: Option<&Json>) -> Json {
    let mut members = Map::new();
    for pair in pairs.and_then(Json::as_array).into_iter().flatten() {
        if let Some(key) = pair.get("key").and_then(Json::as_str) {
            let value = pair.get("value").map_or(Json::Null, any_value);
            members.insert(key.to_owned(), value);
        }
    }
    members.into()
}

/// A value as an attribute may be: what has structure stands in a text.
pub(super) fn flat(value: Json) -> Json {
    let is_one = match &value {
        Json::Array(_) => serde_json::from_value::<Value>(value.clone()).is_ok(),
        other => !other.is_object(),
    };
    match is_one {
        true => value,
        false => Json::String(value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structure_within_structure_is_written_once() {
        let mut value = serde_json::json!({"stringValue": "\""});
        for _ in 0..30 {
            value = serde_json::json!({"kvlistValue": {"values": [{"key": "k", "value": value}]}});
        }
        let pairs = serde_json::json!([{"key": "a", "value": value}]);
        let text = attributes(Some(&pairs)).to_string();
        assert!(text.len() < 1_000, "{}", text.len());
    }
}
