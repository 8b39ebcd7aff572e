//! Content of which an attribute has a reference or a hash.

use serde_json::Value;

use super::{ContentKind, ContentPolicy, Prepared};
use crate::content::shown::hash;
use crate::content::size::bytes_of;

impl ContentPolicy {
    /// A value that is stored, or of which only the hash is kept.
    pub(super) fn elsewhere(&self, kind: ContentKind, value: &Value) -> Option<Prepared> {
        self.elsewhere_of(kind, value, bytes_of(value))
    }

    /// The same for a text.
    pub(super) fn elsewhere_of_text(&self, kind: ContentKind, text: &str) -> Option<Prepared> {
        let bytes = text.len();
        let is_stored = self.store.as_ref().is_some_and(|store| store.takes(bytes));
        match is_stored || self.limits.hashes(kind, bytes) {
            true => self.elsewhere_of(kind, &Value::from(text), bytes),
            false => None,
        }
    }

    fn elsewhere_of(&self, kind: ContentKind, value: &Value, bytes: usize) -> Option<Prepared> {
        if !self.limits.always_hashes(kind)
            && let Some(store) = &self.store
            && store.takes(bytes)
        {
            // What finds no room is left out: cut, it would not be what others of its kind are.
            return Some(Prepared {
                reference: store.put(value),
                ..Prepared::default()
            });
        }
        let is_hashed = self.limits.hashes(kind, bytes);
        is_hashed.then(|| Prepared {
            text: Some(format!("{} ({bytes} bytes)", hash(value))),
            ..Prepared::default()
        })
    }
}
