//! One way through a value.

use serde_json::Value;

use super::builder::KEY;
use super::key_path::Path;
use super::number::digits_of;
use super::{Redactor, mark, named};
use crate::content::truncate::{MOST_DEPTH, too_deep};

/// Most often that the rules look at what they have made of a text. What is replaced may make room for
/// something else, hardly ever twice.
const MOST_ROUNDS: u32 = 8;
/// Deepest nesting of JSON in texts of JSON.
const MOST_EMBEDDED: u32 = 4;
/// One way through a value.
pub(super) struct Pass<'a> {
    redactor: &'a Redactor,
    /// How many texts this one is in, of which each is JSON.
    embedded: u32,
    /// Whether hooks are still to look at texts.
    is_first_round: bool,
}

impl<'a> Pass<'a> {
    pub(super) fn new(redactor: &'a Redactor) -> Self {
        Self {
            redactor,
            embedded: 0,
            is_first_round: true,
        }
    }

    /// Redacts a value in its place; whether something was found.
    pub(super) fn value(&mut self, path: &mut Path<'_>, value: &mut Value, depth: usize) -> bool {
        if self.is_to_go(path, value) {
            return go(value);
        }
        match value {
            Value::String(text) => match self.text(path, text) {
                Some(redacted) => {
                    *text = redacted;
                    true
                }
                None => false,
            },
            Value::Number(number) => match self.number(number) {
                Some(redacted) => {
                    *value = Value::String(redacted);
                    true
                }
                None => false,
            },
            Value::Array(_) | Value::Object(_) if depth == MOST_DEPTH => {
                *value = too_deep();
                true
            }
            // An element has the path of its list.
            Value::Array(list) => {
                let mut found = false;
                for element in list.iter_mut() {
                    found |= self.value(path, element, depth + 1);
                }
                found | (self.redactor.0.has_secret_keys && named::redact_pair(list))
            }
            Value::Object(map) => {
                let mut found = false;
                for (key, element) in map.iter_mut() {
                    found |= path.below(key, |path| self.value(path, element, depth + 1));
                }
                found |= self.redactor.0.has_secret_keys && named::redact_value(map);
                found | named::redact_keys(map, |key| self.redactor.apply_rules(key))
            }
            Value::Null | Value::Bool(_) => false,
        }
    }

    /// Whether a value goes because of the key that it stands under.
    fn is_to_go(&self, path: &Path<'_>, value: &Value) -> bool {
        if value.is_null() || value.is_boolean() || value == "" {
            return false;
        }
        let rules = &self.redactor.0;
        if rules.keys.iter().any(|rule| rule.fits(path)) {
            return true;
        }
        if !rules.has_secret_keys {
            return false;
        }
        // A tool's definition says what its parameter `password` is, not what it holds.
        match path.is_property() && is_schema(value) {
            true => false,
            false => path.is_secret() || path.is_example_of_secret(),
        }
    }

    /// A number that is a card's; it becomes a text.
    fn number(&self, number: &serde_json::Number) -> Option<String> {
        let digits = digits_of(number)?;
        self.redactor.apply_rules(&digits)
    }

    /// Redacts a text; none where nothing is found.
    pub(super) fn text(&mut self, path: &mut Path<'_>, text: &str) -> Option<String> {
        let hooked = match self.is_first_round {
            true => self.redactor.hooked(path, text),
            false => None,
        };
        let found = self.searched(path, hooked.as_deref().unwrap_or(text));
        found.or(hooked)
    }

    /// Looks until nothing more is found: so it does not matter how often a text is redacted.
    fn searched(&mut self, path: &mut Path<'_>, text: &str) -> Option<String> {
        let is_first_round = self.is_first_round;
        let mut redacted: Option<String> = None;
        for _ in 0..MOST_ROUNDS {
            let current = redacted.as_deref().unwrap_or(text);
            let parsed = self.parsed(path, current);
            let found = self
                .redactor
                .apply_rules(parsed.as_deref().unwrap_or(current))
                .or(parsed);
            self.is_first_round = false;
            match found {
                Some(next) => redacted = Some(next),
                None => {
                    self.is_first_round = is_first_round;
                    return redacted;
                }
            }
        }
        self.is_first_round = is_first_round;
        Some(self.redactor.fail())
    }

    /// Looks into a text that is JSON; none where it is not, or nothing is found.
    fn parsed(&mut self, path: &mut Path<'_>, text: &str) -> Option<String> {
        let first = text.trim_start().as_bytes().first();
        if !matches!(first, Some(b'{' | b'[')) || self.embedded == MOST_EMBEDDED {
            return None;
        }
        let mut value = serde_json::from_str::<Value>(text).ok()?;
        self.embedded += 1;
        let found = self.value(path, &mut value, 0);
        self.embedded -= 1;
        found.then(|| value.to_string())
    }
}

/// Puts the mark in the place of a whole value; whether it was not there before.
pub(super) fn go(value: &mut Value) -> bool {
    let mark = Value::String(mark::of(KEY));
    let is_news = *value != mark;
    *value = mark;
    is_news
}

fn is_schema(value: &Value) -> bool {
    let words = ["type", "$ref", "anyOf", "oneOf", "allOf"];
    words.iter().any(|word| value.get(*word).is_some())
}
