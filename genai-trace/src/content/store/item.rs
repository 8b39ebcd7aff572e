//! What is stored: a value, or a list of references.

use serde_json::Value;

use crate::content::digest::reference_of;

/// The only key of a list of references.
const LIST: &str = "genai_trace.list";

/// The only key around a value that would read as one of those here.
const VALUE: &str = "genai_trace.value";

/// Something to be stored, and its name.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) reference: String,
    pub(super) bytes: Vec<u8>,
}

impl Item {
    fn new(bytes: Vec<u8>) -> Self {
        Self {
            reference: reference_of(&bytes),
            bytes,
        }
    }
}

pub(super) fn of_value(value: &Value) -> Item {
    Item::new(value.to_string().into_bytes())
}

/// A value that stands for itself, whatever it looks like: what a model or a user has said may be a list of
/// references to what others have.
pub(super) fn of_whole(value: &Value) -> Item {
    match references(value).is_some() || within(value).is_some() {
        true => of_value(&serde_json::json!({ VALUE: value })),
        false => of_value(value),
    }
}

/// The value within, where `value` is only what is around it.
pub(super) fn within(value: &Value) -> Option<&Value> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    map.get(VALUE)
}

/// A list of what is stored under `references`.
pub(super) fn of_list(references: &[String]) -> Item {
    of_value(&serde_json::json!({ LIST: references }))
}

/// The references, where `value` is a list of them.
pub(super) fn references(value: &Value) -> Option<Vec<&str>> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    let list = map.get(LIST)?.as_array()?;
    list.iter().map(Value::as_str).collect()
}
