//! Names and values that stand side by side in JSON, and names that are secret themselves.

use serde_json::{Map, Value};

use super::pass::go;
use crate::content::secret_name::{is_header, is_secret_key, plain};

/// What a name is called, and its value, in lists of headers and of variables.
const NAMES: &[&str] = &["name", "key", "header", "Name", "Key"];
const VALUES: &[&str] = &["value", "Value"];

/// Redacts the value beside a name that says that it is secret: `{"name": "DB_PASSWORD", "value": "abc"}`;
/// whether there is one.
pub(super) fn redact_value(map: &mut Map<String, Value>) -> bool {
    let mut names = NAMES.iter().filter_map(|key| map.get(*key)?.as_str());
    if !names.any(|name| name.len() <= 100 && is_secret_key(&plain(name))) {
        return false;
    }
    let mut found = false;
    for key in VALUES {
        if let Some(value) = map.get_mut(*key)
            && !(value.is_null() || value.is_boolean() || *value == "")
        {
            found |= go(value);
        }
    }
    found
}

/// Redacts the second of two texts where the first is the name of a header that carries a secret, and the
/// second is not: `["x-api-key", "abc"]`; whether it is so.
pub(super) fn redact_pair(list: &mut [Value]) -> bool {
    let is_name = |text: &str| text.len() <= 100 && is_header(&plain(text));
    match list {
        [Value::String(name), Value::String(text)] if is_name(name) && !is_name(text) => {
            !text.is_empty() && list.last_mut().is_some_and(go)
        }
        _ => false,
    }
}

/// Puts what `redact` makes of them in the place of keys; whether it makes anything of one. None replaces
/// another: they are numbered.
pub(super) fn redact_keys(
    map: &mut Map<String, Value>,
    redact: impl Fn(&str) -> Option<String>,
) -> bool {
    let redact = |key: &str| match is_plain_word(key) {
        true => None,
        false => redact(key),
    };
    // Most maps have none, and are not made anew.
    if !map.keys().any(|key| redact(key).is_some()) {
        return false;
    }
    let all = std::mem::take(map);
    // Each is the next of those that are called the same.
    let mut counts = Map::new();
    for (key, value) in all {
        let Some(redacted) = redact(&key) else {
            map.insert(key, value);
            continue;
        };
        let count = counts.get(&redacted).and_then(Value::as_u64).unwrap_or(0);
        let mut number = count + 1;
        let numbered = |number: u64| match number {
            1 => redacted.clone(),
            number => format!("{redacted} #{number}"),
        };
        while map.contains_key(&numbered(number)) {
            number += 1;
        }
        map.insert(numbered(number), value);
        counts.insert(redacted, Value::from(number));
    }
    true
}

fn is_plain_word(key: &str) -> bool {
    key.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_'))
}
