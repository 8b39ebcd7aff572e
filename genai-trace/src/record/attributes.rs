//! Attributes: names and values in the order in which they were set.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::value::Value;

/// Names and values in the order in which they were set; each name stands once.
///
/// ```
/// let mut attributes = genai_trace::Attributes::default();
/// attributes.insert("gen_ai.usage.input_tokens", 250_i64);
/// assert_eq!(attributes.int("gen_ai.usage.input_tokens"), Some(250));
/// assert_eq!(attributes.get("gen_ai.usage.output_tokens"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes(Vec<(String, Value)>);

impl Attributes {
    /// Sets `key` to `value`; what it was before is gone, its place stays.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|(name, _)| *name == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
    }

    /// Sets `key` to `value`, unless it says something already.
    pub(crate) fn add(&mut self, key: &str, value: Value) {
        if self.get(key).is_none() {
            self.0.push((key.to_owned(), value));
        }
    }

    /// Calls `from` `to`, in its place; nothing happens where there is no `from`, or where `to` says something
    /// already.
    pub(crate) fn rename(&mut self, from: &str, to: &str) {
        if self.get(to).is_none()
            && let Some((name, _)) = self.0.iter_mut().find(|(name, _)| name == from)
        {
            *name = to.to_owned();
        }
    }

    /// Takes `key` out.
    #[cfg(feature = "profiles")]
    pub(crate) fn remove(&mut self, key: &str) {
        self.0.retain(|(name, _)| name != key);
    }

    /// The value under `key`, to be changed in its place.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        let mut all = self.0.iter_mut();
        all.find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The value under `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// The text under `key`, where there is one.
    pub fn str(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Value::as_str)
    }

    /// The integer under `key`, where there is one.
    pub fn int(&self, key: &str) -> Option<i64> {
        self.get(key).and_then(Value::as_int)
    }

    /// The value under `key`, where that is a float.
    pub fn float(&self, key: &str) -> Option<f64> {
        match self.get(key) {
            Some(Value::Float(number)) => Some(*number),
            _ => None,
        }
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(iter: I) -> Self {
        let mut attributes = Attributes::default();
        for (key, value) in iter {
            attributes.insert(key, value);
        }
        attributes
    }
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AttributesVisitor)
    }
}

struct AttributesVisitor;

impl<'de> Visitor<'de> for AttributesVisitor {
    type Value = Attributes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of attribute values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attributes, A::Error> {
        let mut attributes = Attributes::default();
        while let Some((key, value)) = map.next_entry::<String, Value>()? {
            attributes.insert(key, value);
        }
        Ok(attributes)
    }
}
