//! JSON of any size and depth, of which as much is kept as the limits say.

use std::cell::Cell;
use std::fmt::{self, Formatter};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value as Json};

use super::limits::{Limits, Place};
use super::surrogates::mended;

/// The key under which serde_json gives numbers as text, where the program asks it to.
pub(super) const NUMBER: &str = "$serde_json::private::Number";

/// The value that `bytes` are; none where they are no JSON.
///
/// What lies too deep is passed over without a call for each level, so that no depth is too much.
pub(crate) fn from_slice(bytes: &[u8], limits: &Limits) -> Option<Json> {
    // All at once it is checked faster than text by text.
    let text = std::str::from_utf8(bytes).ok()?;
    read(text, limits).or_else(|| read(&mended(text)?, limits))
}

fn read(text: &str, limits: &Limits) -> Option<Json> {
    let count = Cell::new(0);
    let place = Place {
        limits,
        count: &count,
        depth: 0,
    };
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Bounded(place).deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(value)
}

/// Reads a value at a place.
struct Bounded<'a>(Place<'a>);

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Json, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Json;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(self.0.limits.cut(value).to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let place = self.0;
        let mut values = Vec::new();
        while place.is_open() && !place.is_full(&values) && place.room() {
            match list.next_element_seed(Bounded(place.within()))? {
                Some(value) => values.push(value),
                None => return Ok(Json::Array(values)),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(match place.is_open() {
            true => Json::Array(values),
            false => Json::Null,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
        let place = self.0;
        let mut members = Map::new();
        while let Some(key) = object.next_key_seed(Key(place.limits))? {
            match key {
                Some(key) if key == NUMBER => {
                    let digits = object.next_value::<String>()?;
                    return Ok(digits.parse::<Number>().map_or(Json::Null, Json::Number));
                }
                Some(key) if place.is_open() && place.room_for_member() => {
                    let value = object.next_value_seed(Bounded(place.within()))?;
                    members.insert(key, value);
                }
                _ => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(match place.is_open() {
            true => Json::Object(members),
            false => Json::Null,
        })
    }
}

/// Reads a key; none where it is too long.
struct Key<'a>(&'a Limits);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Option<String>, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<String>;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Option<String>, E> {
        Ok((key.len() <= self.0.text).then(|| key.to_owned()))
    }
}

#[cfg(test)]
mod tests;
