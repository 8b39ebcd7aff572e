//! What is passed by in a line, and yet has to be what can stand in a record.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A document has so many levels at most for whoever reads its values, which skipping them alone would not notice.
const LEVELS: usize = 127;

/// Passes a value by that stands within so many levels. It is an error where nobody can read what is in it: there it is
/// nested too deep, or has a number that is too large.
pub(super) fn skip<E: Error>(value: &RawValue, levels: usize) -> Result<(), E> {
    let json = value.get();
    // Of a text, which is the most that there is, nothing is left to be seen.
    if !json.starts_with([
        '{', '[', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9',
    ]) {
        return Ok(());
    }
    let seen = Within(levels).deserialize(&mut serde_json::Deserializer::from_str(json));
    seen.map_err(E::custom)
}

/// A value within so many levels.
#[derive(Clone, Copy)]
struct Within(usize);

impl Within {
    fn one_more<E: Error>(self) -> Result<Self, E> {
        match self.0 < LEVELS {
            true => Ok(Self(self.0 + 1)),
            false => Err(E::custom("it is nested too deep")),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Within {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Within {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<(), S::Error> {
        let within = self.one_more()?;
        while seq.next_element_seed(within)?.is_some() {}
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let within = self.one_more()?;
        while map.next_key_seed(within)?.is_some() {
            map.next_value_seed(within)?;
        }
        Ok(())
    }
}
