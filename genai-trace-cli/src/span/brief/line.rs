//! The one pass over a line.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};

use super::skipped::skip;
use super::{Brief, SERVICE};
use crate::span::facts::{Facts, Scalar};
use crate::span::spelling::Fact;

/// A line as a record has it; what is missing that a span must have makes it none.
pub(super) struct Line;

impl<'de> Visitor<'de> for Line {
    type Value = Brief<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a span")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Brief<'de>, M::Error> {
        let mut brief = Brief::default();
        let mut seen = 0_u16;
        while let Some(key) = map.next_key_seed(Text)? {
            let member = match key.as_ref() {
                "trace_id" => {
                    brief.trace_id = id(&map.next_value_seed(Text)?)?;
                    TRACE_ID
                }
                "span_id" => {
                    brief.span_id = short_id(&map.next_value_seed(Text)?)?;
                    SPAN_ID
                }
                "parent_span_id" => {
                    if let Scalar::Text(text) = map.next_value_seed(AnyScalar)? {
                        brief.parent = short_id(&text)?;
                    }
                    PARENT
                }
                "name" => {
                    brief.name = map.next_value_seed(Text)?;
                    NAME
                }
                "start_unix_nano" => {
                    brief.start = map.next_value()?;
                    START
                }
                "end_unix_nano" => {
                    brief.end = map.next_value()?;
                    END
                }
                "status" => {
                    brief.has_failed = has_failed(&map.next_value_seed(Text)?)?;
                    STATUS
                }
                "status_message" => {
                    brief.message = map.next_value_seed(Text)?;
                    MESSAGE
                }
                "resource" => {
                    brief.service = map.next_value_seed(Resource)?;
                    RESOURCE
                }
                "attributes" => {
                    map.next_value_seed(Attributes(&mut brief.facts))?;
                    ATTRIBUTES
                }
                // Where others have the ids.
                "context" => return Err(odd()),
                _ => {
                    skip(map.next_value()?, 1)?;
                    continue;
                }
            };
            if seen & member != 0 {
                return Err(odd());
            }
            seen |= member;
        }
        let is_whole = seen & REQUIRED == REQUIRED;
        match is_whole && brief.trace_id != 0 && brief.span_id != 0 {
            true => Ok(brief),
            false => Err(odd()),
        }
    }
}

const TRACE_ID: u16 = 1;
const SPAN_ID: u16 = 1 << 1;
const PARENT: u16 = 1 << 2;
const NAME: u16 = 1 << 3;
const START: u16 = 1 << 4;
const END: u16 = 1 << 5;
const STATUS: u16 = 1 << 6;
const MESSAGE: u16 = 1 << 7;
const RESOURCE: u16 = 1 << 8;
const ATTRIBUTES: u16 = 1 << 9;
const REQUIRED: u16 = TRACE_ID | SPAN_ID | NAME | START | END;

/// What is to be read as records are.
fn odd<E: Error>() -> E {
    E::custom("no span as this library writes them")
}

fn has_failed<E: Error>(status: &str) -> Result<bool, E> {
    match status {
        "UNSET" | "OK" => Ok(false),
        "ERROR" => Ok(true),
        _ => Err(odd()),
    }
}

/// An id as a record has it; one that is shorter or longer is for whoever reads the shapes of others.
fn id<E: Error>(text: &str) -> Result<u128, E> {
    match is_id(text, 32) {
        true => u128::from_str_radix(text, 16).map_err(E::custom),
        false => Err(odd()),
    }
}

fn short_id<E: Error>(text: &str) -> Result<u64, E> {
    match is_id(text, 16) {
        true => u64::from_str_radix(text, 16).map_err(E::custom),
        false => Err(odd()),
    }
}

fn is_id(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A text, borrowed from the line where nothing in it is escaped.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// What is known of the process, of which its name is taken.
struct Resource;

impl<'de> DeserializeSeed<'de> for Resource {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Resource {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what is known of a process")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let (mut service, mut is_said) = (None, false);
        while let Some(key) = map.next_key_seed(Text)? {
            match (key.as_ref(), is_said) {
                (SERVICE, false) => {
                    is_said = true;
                    if let Scalar::Text(name) = map.next_value_seed(AnyScalar)? {
                        service = Some(name);
                    }
                }
                // Said twice, or where others say it.
                (SERVICE, true) | ("attributes", _) => return Err(odd()),
                _ => skip(map.next_value()?, 2)?,
            }
        }
        Ok(service)
    }
}

/// The attributes, of which facts are taken.
struct Attributes<'f, 'a>(&'f mut Facts<'a>);

impl<'de> DeserializeSeed<'de> for Attributes<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Attributes<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("attributes")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        // Names of one fact differ in their lengths: of one that comes again it is to be known whether it is the same.
        let mut lengths = [0_u64; Fact::COUNT];
        while let Some(key) = map.next_key_seed(Text)? {
            match Fact::of(&key) {
                Some(fact) => {
                    let length = 1 << (key.len() % 64);
                    if let Some(lengths) = lengths.get_mut(fact as usize) {
                        if *lengths & length != 0 {
                            return Err(odd());
                        }
                        *lengths |= length;
                    }
                    let value = map.next_value_seed(AnyScalar)?;
                    self.0.take(fact, value);
                }
                None => skip(map.next_value()?, 2)?,
            }
        }
        Ok(())
    }
}

/// A value without structure.
struct AnyScalar;

impl<'de> DeserializeSeed<'de> for AnyScalar {
    type Value = Scalar<'de>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyScalar {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Scalar::Int(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(number).map_or(Scalar::Float(number as f64), Scalar::Int))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Float(number))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Bool(truth))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Other)
    }

    // What has structure may be a text in a record.
    fn visit_seq<S: SeqAccess<'de>>(self, _: S) -> Result<Self::Value, S::Error> {
        Err(odd())
    }

    fn visit_map<M: MapAccess<'de>>(self, _: M) -> Result<Self::Value, M::Error> {
        Err(odd())
    }
}
