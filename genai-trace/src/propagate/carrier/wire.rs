//! A carrier as it comes over the wire: whatever stands there, it is read to its end.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Carrier, Gathered, key_of};

/// What may stand where a carrier, its key or its value should.
pub(super) enum Read {
    Map(Carrier),
    Text(String),
    Nothing,
    Other,
}

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReadVisitor)
    }
}

struct ReadVisitor;

macro_rules! other {
    ($($visit:ident: $type:ty,)*) => {$(
        fn $visit<E>(self, _: $type) -> Result<Read, E> {
            Ok(Read::Other)
        }
    )*};
}

impl<'de> Visitor<'de> for ReadVisitor {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map with a traceparent")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Read, A::Error> {
        let mut gathered = Gathered::default();
        while let Some(name) = map.next_key::<Read>()? {
            let key = match &name {
                Read::Text(name) => key_of(name),
                _ => None,
            };
            match key {
                Some(key) => match map.next_value()? {
                    Read::Text(text) => gathered.take(key, Some(&text)),
                    _ => gathered.take(key, None),
                },
                // Not even looked at: a number that is too large for any type fails no message.
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Read::Map(gathered.carrier()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Read, E> {
        Ok(Read::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Read, E> {
        Ok(Read::Nothing)
    }

    fn visit_none<E>(self) -> Result<Read, E> {
        Ok(Read::Nothing)
    }

    fn visit_some<D: Deserializer<'de>>(self, some: D) -> Result<Read, D::Error> {
        Read::deserialize(some)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Read, D::Error> {
        Read::deserialize(inner)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Read, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Read::Other)
    }

    other! {
        visit_bool: bool,
        visit_i64: i64,
        visit_i128: i128,
        visit_u64: u64,
        visit_u128: u128,
        visit_f64: f64,
        visit_bytes: &[u8],
    }
}
