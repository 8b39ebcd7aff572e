//! Content is cut so that JSON stays JSON, texts stay UTF-8, and notes say how much there was.

mod shrink;

use std::borrow::Cow;

use serde_json::Value;

use super::blob::is_blob;

/// Deepest nesting that is kept; what is below becomes a note.
pub(super) const MOST_DEPTH: usize = 128;

/// Cuts a text to `most_chars` characters, the note of its length included:
/// `… [truncated, 12345 characters]`. Where there is no room for the note it ends with `…`. Data in
/// base64 goes as a whole.
///
/// ```
/// use genai_trace::content::truncate_text;
///
/// let text = "The quick brown fox ".repeat(100);
/// assert_eq!(truncate_text(&text, 40), "The quick … [truncated, 2000 characters]");
/// assert_eq!(truncate_text("short", 40), "short");
/// ```
pub fn truncate_text(text: &str, most_chars: usize) -> Cow<'_, str> {
    // No text has more characters than bytes.
    if text.len() <= most_chars {
        return Cow::Borrowed(text);
    }
    let count = text.chars().count();
    if count <= most_chars {
        return Cow::Borrowed(text);
    }
    if is_blob(text) {
        let note = format!("[base64, {count} characters]");
        return Cow::Owned(note.chars().take(most_chars).collect());
    }
    let mut note = format!("… [truncated, {count} characters]");
    let mut note_chars = note.chars().count();
    if note_chars >= most_chars {
        note = "…".repeat(most_chars.min(1));
        note_chars = most_chars.min(1);
    }
    let kept = first_chars(text, most_chars - note_chars);
    Cow::Owned([kept, &note].concat())
}

/// Cuts every text in `value` to `most_chars` characters as [`truncate_text`] does, then shortens the
/// whole until it takes at most `most_bytes` as compact JSON. The words of the conventions that say what a
/// message is, `"role": "assistant"` and the like, stay whole.
///
/// Of a list its beginning and its end stay, with a note in between that has the form of the others:
/// a message among messages, a part among parts. Of a map the largest values are shortened. Whoever
/// reads it finds the structure that it had.
///
/// ```
/// use genai_trace::content::truncate_json;
/// use serde_json::json;
///
/// let mut list: serde_json::Value = (0..1000).collect();
/// truncate_json(&mut list, 500, 64);
/// assert_eq!(list, json!([0, "… [990 left out]", 991, 992, 993, 994, 995, 996, 997, 998, 999]));
/// ```
pub fn truncate_json(value: &mut Value, most_chars: usize, most_bytes: usize) {
    cut_texts(value, most_chars, 0);
    shrink::shrink(value, most_chars, most_bytes);
}

/// The note in the place of what is nested too deep.
pub(super) fn too_deep() -> Value {
    Value::from("[too deep]")
}

fn cut_texts(value: &mut Value, most_chars: usize, depth: usize) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(cut) = truncate_text(text, most_chars) {
                *text = cut;
            }
        }
        Value::Array(_) | Value::Object(_) if depth == MOST_DEPTH => *value = too_deep(),
        Value::Array(list) => list
            .iter_mut()
            .for_each(|element| cut_texts(element, most_chars, depth + 1)),
        Value::Object(map) => map
            .iter_mut()
            .filter(|(key, element)| !is_structure(key, element))
            .for_each(|(_, element)| cut_texts(element, most_chars, depth + 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether it is one of the words without which a message is none, and which tell nothing of what was said.
fn is_structure(key: &str, value: &Value) -> bool {
    let words: &[&str] = match key {
        "role" => &["system", "user", "assistant", "tool", "developer", "model"],
        "type" => &[
            "text",
            "tool_call",
            "tool_call_response",
            "server_tool_call",
            "server_tool_call_response",
            "reasoning",
            "blob",
            "file",
            "uri",
            "function",
            "truncated",
        ],
        "finish_reason" => &["stop", "length", "content_filter", "tool_call", "error"],
        "modality" => &["image", "video", "audio"],
        _ => return false,
    };
    value.as_str().is_some_and(|word| words.contains(&word))
}

/// The first `count` characters of a text.
fn first_chars(text: &str, count: usize) -> &str {
    let end = text.char_indices().nth(count);
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests;
