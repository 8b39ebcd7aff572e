//! Any type as JSON, as serde_json would write it, of which as much is kept as the limits say.

use std::cell::Cell;
use std::fmt::{self, Display, Formatter};

use serde::ser::{self, Serialize, Serializer};
use serde_json::{Map, Number, Value as Json};

use super::limits::{Limits, Place};
use super::parse::{NUMBER, from_slice};

/// The name under which serde_json writes text that is JSON already.
const RAW: &str = "$serde_json::private::RawValue";

/// What `value` says of itself; none where it says that it cannot.
///
/// It is code of a user's that is called: where that panics the caller is to catch it.
pub(crate) fn from_serialize<T: Serialize + ?Sized>(value: &T, limits: &Limits) -> Option<Json> {
    let count = Cell::new(0);
    let place = Place {
        limits,
        count: &count,
        depth: 0,
    };
    value.serialize(Bounded(place)).ok()
}

/// A type could not say what it is.
#[derive(Debug)]
pub(super) struct Failed;

impl Display for Failed {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("the value could not be serialized")
    }
}

impl std::error::Error for Failed {}

impl ser::Error for Failed {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

/// Writes a value at a place.
#[derive(Clone, Copy)]
pub(super) struct Bounded<'a>(Place<'a>);

impl<'a> Bounded<'a> {
    fn list(self) -> List<'a> {
        List {
            place: self.0,
            values: Vec::new(),
            variant: None,
        }
    }

    fn object(self) -> Object<'a> {
        Object {
            place: self.0,
            members: Map::new(),
            key: None,
            variant: None,
            special: None,
        }
    }
}

/// A variant with what it holds.
fn variant(name: &str, inner: Json) -> Json {
    Json::Object(Map::from_iter([(name.to_owned(), inner)]))
}

impl<'a> Serializer for Bounded<'a> {
    type Ok = Json;
    type Error = Failed;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = List<'a>;
    type SerializeMap = Object<'a>;
    type SerializeStruct = Object<'a>;
    type SerializeStructVariant = Object<'a>;

    fn serialize_bool(self, value: bool) -> Result<Json, Failed> {
        Ok(value.into())
    }

    fn serialize_i8(self, value: i8) -> Result<Json, Failed> {
        Ok(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<Json, Failed> {
        Ok(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<Json, Failed> {
        Ok(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<Json, Failed> {
        Ok(value.into())
    }

    /// JSON numbers of ours have 64 bits: what is larger is not said.
    fn serialize_i128(self, value: i128) -> Result<Json, Failed> {
        let unsigned = || u64::try_from(value).map(Json::from);
        let value = i64::try_from(value).map(Json::from).or_else(|_| unsigned());
        Ok(value.unwrap_or_default())
    }

    fn serialize_u8(self, value: u8) -> Result<Json, Failed> {
        Ok(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<Json, Failed> {
        Ok(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<Json, Failed> {
        Ok(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<Json, Failed> {
        Ok(value.into())
    }

    fn serialize_u128(self, value: u128) -> Result<Json, Failed> {
        Ok(u64::try_from(value).map(Json::from).unwrap_or_default())
    }

    fn serialize_f32(self, value: f32) -> Result<Json, Failed> {
        Ok(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<Json, Failed> {
        Ok(value.into())
    }

    fn serialize_char(self, value: char) -> Result<Json, Failed> {
        Ok(value.to_string().into())
    }

    fn serialize_str(self, value: &str) -> Result<Json, Failed> {
        Ok(self.0.limits.cut(value).into())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Json, Failed> {
        let most = self.0.limits.numbers.min(self.0.limits.values);
        let bytes = bytes.iter().take(most).filter(|_| self.0.room());
        Ok(bytes.copied().map(Json::from).collect())
    }

    fn serialize_none(self) -> Result<Json, Failed> {
        Ok(Json::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Json, Failed> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Json, Failed> {
        Ok(Json::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Json, Failed> {
        Ok(Json::Null)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
    ) -> Result<Json, Failed> {
        Ok(name.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Json, Failed> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<Json, Failed> {
        let mut object = self.object();
        object.put(name.to_owned(), value)?;
        Ok(object.close())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, Failed> {
        Ok(self.list())
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'a>, Failed> {
        Ok(self.list())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'a>, Failed> {
        Ok(self.list())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<List<'a>, Failed> {
        let mut list = Self(self.0.within()).list();
        list.variant = Some(name);
        Ok(list)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Object<'a>, Failed> {
        Ok(self.object())
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Object<'a>, Failed> {
        let mut object = self.object();
        object.special = [RAW, NUMBER].into_iter().find(|special| *special == name);
        Ok(object)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Object<'a>, Failed> {
        let mut object = Self(self.0.within()).object();
        object.variant = Some(name);
        Ok(object)
    }
}

/// A list that is written.
pub(super) struct List<'a> {
    place: Place<'a>,
    values: Vec<Json>,
    variant: Option<&'static str>,
}

impl List<'_> {
    /// What there is no room for is not asked what it is.
    fn put<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        let place = self.place;
        if place.is_open() && !place.is_full(&self.values) && place.room() {
            self.values.push(value.serialize(Bounded(place.within()))?);
        }
        Ok(())
    }

    fn close(self) -> Json {
        let list = match self.place.is_open() {
            true => Json::Array(self.values),
            false => Json::Null,
        };
        match self.variant {
            Some(name) => variant(name, list),
            None => list,
        }
    }
}

/// An object that is written.
pub(super) struct Object<'a> {
    place: Place<'a>,
    members: Map<String, Json>,
    /// The key whose value comes next.
    key: Option<String>,
    variant: Option<&'static str>,
    /// What serde_json means by the object, which is no object.
    special: Option<&'static str>,
}

impl Object<'_> {
    fn put<T: Serialize + ?Sized>(&mut self, key: String, value: &T) -> Result<(), Failed> {
        let place = self.place;
        if key.len() <= place.limits.text && place.is_open() && place.room_for_member() {
            let mut within = place.within();
            if self.special.is_some() {
                // Only what it is read as has the limits that are asked for.
                within.limits = &const { Limits::of(true) };
            }
            let value = value.serialize(Bounded(within))?;
            self.members.insert(key, value);
        }
        Ok(())
    }

    /// Keys are texts: numbers and truths are written as such, all else has none.
    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failed> {
        self.key = match key.serialize(Bounded(self.place))? {
            Json::String(key) => Some(key),
            Json::Number(key) => Some(key.to_string()),
            Json::Bool(key) => Some(key.to_string()),
            _ => None,
        };
        Ok(())
    }

    fn close(self) -> Json {
        if let Some(special) = self.special {
            let text = self
                .members
                .get(special)
                .and_then(Json::as_str)
                .unwrap_or_default();
            return match special {
                NUMBER => text.parse::<Number>().map_or(Json::Null, Json::Number),
                _ => from_slice(text.as_bytes(), self.place.limits).unwrap_or_default(),
            };
        }
        let object = match self.place.is_open() {
            true => Json::Object(self.members),
            false => Json::Null,
        };
        match self.variant {
            Some(name) => variant(name, object),
            None => object,
        }
    }
}

macro_rules! list {
    ($($which:ident $put:ident),*) => {$(
        impl ser::$which for List<'_> {
            type Ok = Json;
            type Error = Failed;

            fn $put<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
                self.put(value)
            }

            fn end(self) -> Result<Json, Failed> {
                Ok(self.close())
            }
        }
    )*};
}

list!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

macro_rules! object {
    ($($which:ident),*) => {$(
        impl ser::$which for Object<'_> {
            type Ok = Json;
            type Error = Failed;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), Failed> {
                self.put(key.to_owned(), value)
            }

            fn end(self) -> Result<Json, Failed> {
                Ok(self.close())
            }
        }
    )*};
}

object!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Object<'_> {
    type Ok = Json;
    type Error = Failed;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failed> {
        self.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        match self.key.take() {
            Some(key) => self.put(key, value),
            None => Ok(()),
        }
    }

    fn end(self) -> Result<Json, Failed> {
        Ok(self.close())
    }
}

#[cfg(test)]
mod tests;
