//! A value is shortened until it fits into so many bytes.

use std::mem::discriminant;

use serde_json::{Map, Value, json};

use super::{is_structure, truncate_text};
use crate::content::size::{bytes_of, bytes_of_text};

/// Room for a note among elements.
const NOTE_BYTES: usize = 96;
/// Below this share an element of a map says nothing: then entries go.
const LEAST_SHARE: usize = 16;
/// The key of the note among the entries of a map.
const NOTE_KEY: &str = "…";

/// Shortens `value` to at most `most` bytes of JSON, with texts of at most `chars` characters.
pub(super) fn shrink(value: &mut Value, chars: usize, most: usize) {
    let bytes = bytes_of(value);
    if bytes <= most {
        return;
    }
    match value {
        Value::String(text) => *text = cut_to_bytes(text, most),
        Value::Array(list) => shorten_list(list, chars, most),
        Value::Object(map) => shorten_map(map, chars, most),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    if bytes_of(value) > most {
        // Its brackets alone are too much.
        let note = text_of(format!("[truncated, {bytes} bytes]"), chars);
        *value = match value {
            Value::Array(_) if most >= 2 => Value::Array(Vec::new()),
            _ if bytes_of_text(&note) <= most => Value::String(note),
            _ => Value::Null,
        };
    }
}

/// Cuts a text so that it takes `most` bytes with quotes and escapes.
fn cut_to_bytes(text: &str, most: usize) -> String {
    // No text has more characters than bytes.
    let mut chars = most;
    let mut cut = truncate_text(text, chars).into_owned();
    loop {
        let bytes = bytes_of_text(&cut);
        if bytes <= most || chars == 0 {
            return cut;
        }
        // A character takes six bytes at most, so a sixth of what is too much is never too many.
        let too_many = (bytes - most).div_ceil(6);
        chars = cut.chars().count().min(chars).saturating_sub(too_many);
        cut = truncate_text(text, chars).into_owned();
    }
}

/// Keeps the first element of a list and as many of the last as find room.
fn shorten_list(list: &mut Vec<Value>, chars: usize, most: usize) {
    let form = Form::of(list.first());
    let note = form.note(list.len(), chars);
    let Some(mut room) = most.checked_sub(2 + bytes_of(&note).max(NOTE_BYTES.min(most / 4)) + 2)
    else {
        list.clear();
        return;
    };
    if let [only] = list.as_mut_slice() {
        if !shrink_whole(only, chars, most.saturating_sub(2)) {
            *only = note;
        }
        return;
    }
    let Some(first) = list.first_mut() else {
        return;
    };
    let keeps_first = shrink_whole(first, chars, room / 4);
    if keeps_first {
        room = room.saturating_sub(bytes_of(first) + 1);
    }
    // The newest are worth most.
    let mut kept = 0;
    for element in list.iter().skip(1).rev() {
        let bytes = bytes_of(element) + 1;
        if bytes > room {
            break;
        }
        room -= bytes;
        kept += 1;
    }
    if kept == 0
        && let Some(last) = list.last_mut()
        && shrink_whole(last, chars, room.saturating_sub(1))
    {
        kept = 1;
    }
    let start = usize::from(keeps_first);
    let left_out = list.len().saturating_sub(start + kept);
    if left_out > 0 {
        let note = form.note(left_out, chars);
        list.splice(start..start + left_out, [note]);
    }
}

/// Shortens an element; whether it still is what it was: a message has its role and its parts.
fn shrink_whole(element: &mut Value, chars: usize, most: usize) -> bool {
    let words = words_of(element);
    let has = |element: &Value| KEYS.map(|key| element.get(key).map(discriminant));
    let before = has(element);
    shrink(element, chars, most);
    has(element) == before && words_of(element) == words
}

/// What makes a message, a part or a document what it is.
const KEYS: [&str; 7] = [
    "role",
    "parts",
    "finish_reason",
    "type",
    "content",
    "name",
    "id",
];

/// The words that say what an element is.
fn words_of(element: &Value) -> Vec<Value> {
    let Value::Object(map) = element else {
        return Vec::new();
    };
    let words = map.iter().filter(|(key, value)| is_structure(key, value));
    words.map(|(_, value)| value.clone()).collect()
}

/// Gives each value of a map its share: small ones are kept, large ones shortened. Where there are too
/// many of them the last go.
fn shorten_map(map: &mut Map<String, Value>, chars: usize, most: usize) {
    let cost = |key: &str| bytes_of_text(key) + 2;
    let keys: usize = map.keys().map(|key| cost(key)).sum();
    if keys + map.len() * LEAST_SHARE > most {
        drop_entries(map, chars, most);
        if bytes_of(&*map) <= most {
            return;
        }
    }
    let keys: usize = map.keys().map(|key| cost(key)).sum();
    let room = most.saturating_sub(2 + keys);
    let share = share(map.values().map(bytes_of).collect(), room);
    map.values_mut()
        .for_each(|value| shrink(value, chars, share));
}

/// Drops the last entries, until each of the others has a share, and puts a note in their place.
fn drop_entries(map: &mut Map<String, Value>, chars: usize, most: usize) {
    let mut room = most.saturating_sub(2 + NOTE_BYTES.min(most / 2));
    let mut kept = Map::new();
    let mut left_out = 0_usize;
    for (key, value) in std::mem::take(map) {
        let cost = bytes_of_text(&key) + 2 + LEAST_SHARE;
        match room.checked_sub(cost) {
            Some(rest) => {
                room = rest;
                kept.insert(key, value);
            }
            None => left_out += 1,
        }
    }
    if left_out > 0 {
        let note = text_of(format!("[{left_out} keys left out]"), chars);
        kept.insert(NOTE_KEY.to_owned(), Value::String(note));
    }
    *map = kept;
}

/// The largest share that all of `sizes` fit with, when what is larger is shortened to it.
fn share(mut sizes: Vec<usize>, room: usize) -> usize {
    sizes.sort_unstable();
    let mut room = room;
    let mut count = sizes.len();
    for size in sizes {
        if size.saturating_mul(count) > room {
            return room / count.max(1);
        }
        room -= size;
        count -= 1;
    }
    room
}

/// The form of the elements of a list, as the first of them shows it.
enum Form {
    Text,
    Message,
    /// A message of a model, which has a reason to finish.
    Output,
    /// With the key of its text.
    Part(&'static str),
    Document,
}

impl Form {
    fn of(first: Option<&Value>) -> Self {
        let Some(Value::Object(first)) = first else {
            return Self::Text;
        };
        if first.contains_key("parts") {
            return match first.contains_key("finish_reason") {
                true => Self::Output,
                false => Self::Message,
            };
        }
        let is_definition = first.contains_key("name") && !first.contains_key("role");
        match (first.contains_key("type"), is_definition) {
            (true, true) => Self::Part("name"),
            (true, false) => Self::Part("content"),
            (false, _) => Self::Document,
        }
    }

    /// A note of this form.
    fn note(&self, left_out: usize, chars: usize) -> Value {
        let note = text_of(format!("… [{left_out} left out]"), chars);
        let part =
            |name: &str, note| Value::from_iter([("type", "truncated".to_owned()), (name, note)]);
        match self {
            Self::Text => Value::String(note),
            Self::Message | Self::Output => {
                let parts = Value::Array(vec![part("content", note)]);
                match self {
                    Self::Output => {
                        json!({"role": "system", "parts": parts, "finish_reason": "truncated"})
                    }
                    _ => json!({"role": "system", "parts": parts}),
                }
            }
            Self::Part(name) => part(name, note),
            Self::Document => Value::from_iter([("content", note)]),
        }
    }
}

/// A note is cut like any other text, so that what was cut once is not cut again.
fn text_of(note: String, chars: usize) -> String {
    truncate_text(&note, chars).into_owned()
}
