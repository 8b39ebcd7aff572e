//! Which message of two conversations differs.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use similar::{Algorithm, capture_diff_slices};

use super::change::{Change, What};
use crate::said::Message;

/// A message as a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Spoken {
    role: &'static str,
    text: String,
}

impl Spoken {
    pub(super) fn all(messages: &[Message]) -> Vec<Self> {
        let all = messages.iter().map(|message| Self {
            role: message.role,
            text: message.text(),
        });
        all.collect()
    }
}

/// What has been told of a comparison already: each call of a model repeats what was said before it.
#[derive(Debug, Default)]
pub(super) struct Told(HashSet<u64>);

impl Told {
    /// Whether this is the first time.
    pub(super) fn is_new(&mut self, change: &Change) -> bool {
        let mut hasher = DefaultHasher::new();
        (&change.a, &change.b).hash(&mut hasher);
        self.0.insert(hasher.finish())
    }
}

/// The messages that differ, each named by its number and who says it.
pub(super) fn differences(what: What, a: &[Spoken], b: &[Spoken]) -> Vec<Change> {
    let mut found = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, a, b) {
        if matches!(op, similar::DiffOp::Equal { .. }) {
            continue;
        }
        let ones = a.get(op.old_range()).unwrap_or_default();
        let others = b.get(op.new_range()).unwrap_or_default();
        for place in 0..ones.len().max(others.len()) {
            let (one, other) = (ones.get(place), others.get(place));
            let number = match other {
                Some(_) => op.new_range().start + place + 1,
                None => op.old_range().start + place + 1,
            };
            let role = other.or(one).map_or("", |message| message.role);
            let at = format!("{number} ({role})");
            let text = |message: &Spoken| message.text.clone();
            found.push(Change::new(what, at, one.map(text), other.map(text)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(role: &'static str, text: &str) -> Spoken {
        Spoken {
            role,
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_message_that_was_put_in_shifts_no_other() {
        let a = [message("system", "be brief"), message("user", "hi")];
        let b = [
            message("system", "be brief"),
            message("user", "an example"),
            message("user", "hi"),
        ];
        let found = differences(What::Message, &a, &b);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].at, "2 (user)");
        assert_eq!(
            (found[0].a.as_deref(), found[0].b.as_deref()),
            (None, Some("an example"))
        );
    }

    #[test]
    fn a_message_that_was_changed_is_one_change() {
        let a = [message("user", "one")];
        let b = [message("user", "two")];
        let found = differences(What::Message, &a, &b);
        assert_eq!(found.len(), 1);
        let mut told = Told::default();
        assert!(told.is_new(&found[0]));
        assert!(!told.is_new(&found[0]));
    }
}
