//! Credentials in JSON, where nothing else is redacted.

use std::borrow::Cow;

use serde_json::Value;

use super::scrub_content;
use crate::content::REDACTED;
use crate::content::secret_name::{is_header, plain};
use crate::content::truncate::{MOST_DEPTH, too_deep};

/// Scrubs every text in `value`, and what goes by the name of a header that carries a secret.
pub(crate) fn scrub_json(value: &mut Value) {
    scrub(value, 0);
}

fn scrub(value: &mut Value, depth: usize) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(scrubbed) = scrub_content(text, REDACTED) {
                *text = scrubbed;
            }
        }
        Value::Array(_) | Value::Object(_) if depth == MOST_DEPTH => *value = too_deep(),
        Value::Array(list) => list
            .iter_mut()
            .for_each(|element| scrub(element, depth + 1)),
        Value::Object(map) => map.iter_mut().for_each(|(key, element)| match element {
            Value::String(text) if !text.is_empty() && is_header(&plain(key)) => {
                *text = REDACTED.to_owned();
            }
            element => scrub(element, depth + 1),
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_header_loses_its_value_and_other_keys_do_not() {
        let mut value =
            json!({"X-Api-Key": "abc", "password": "p", "n": [{"authorization": "Token t"}]});
        scrub_json(&mut value);
        assert_eq!(
            value,
            json!({"X-Api-Key": "[REDACTED]", "password": "p", "n": [{"authorization": "[REDACTED]"}]})
        );
    }
}
