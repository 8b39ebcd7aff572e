//! How large a value is as JSON, without making the text.

use std::io::{self, Write};

use serde::Serialize;

/// The bytes that `value` takes as compact JSON: sizes are recorded even where content is not. None
/// where it cannot be serialised.
///
/// ```
/// let value = serde_json::json!({"city": "Zürich"});
/// assert_eq!(genai_trace::content::json_bytes(&value), Some(18));
/// ```
pub fn json_bytes<T: Serialize + ?Sized>(value: &T) -> Option<u64> {
    let mut count = Count(0);
    serde_json::to_writer(&mut count, value).ok()?;
    Some(count.0)
}

/// The same as a number of bytes in memory.
pub(super) fn bytes_of<T: Serialize>(value: &T) -> usize {
    let bytes = json_bytes(value).unwrap_or(u64::MAX);
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// The same for a text, quotes and escapes included.
pub(super) fn bytes_of_text(text: &str) -> usize {
    let bytes = json_bytes(text).unwrap_or(u64::MAX);
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// Keeps nothing of what is written.
struct Count(u64);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.0 = self.0.saturating_add(count);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_as_large_as_its_text() {
        let value = serde_json::json!({"a": [1, 2.5, null, "\"\n\u{1}ü"], "b": {}});
        assert_eq!(bytes_of(&value), value.to_string().len());
        assert_eq!(bytes_of_text("\"ü"), "\"\\\"ü\"".len());
    }

    #[test]
    fn what_cannot_be_serialised_has_no_size() {
        let map = std::collections::BTreeMap::from([((1, 2), 3)]);
        assert_eq!(json_bytes(&map), None);
    }
}
