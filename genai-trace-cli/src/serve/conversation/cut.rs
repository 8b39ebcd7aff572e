//! Parts that are too long to be shown.

use serde_json::Value as Json;

use crate::said::Part;
use crate::serve::detail::{LONGEST_VALUE, beginning};

/// Keeps of what is too long its beginning, and how long it was.
pub(super) fn cut(part: &mut Part) {
    let mut bytes = 0;
    if let Some(text) = part.text.as_mut().filter(|text| text.len() > LONGEST_VALUE) {
        bytes += text.len();
        *text = beginning(text).to_owned();
    }
    for value in [&mut part.arguments, &mut part.result] {
        let Some(long) = value.as_ref().map(written) else {
            continue;
        };
        if long.len() > LONGEST_VALUE {
            bytes += long.len();
            *value = Some(Json::from(beginning(&long)));
        }
    }
    part.cut = (bytes > 0).then_some(bytes);
}

fn written(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
