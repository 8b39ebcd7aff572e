//! The value of an attribute as bytes, without pointers: [written](super::value_writer) on the
//! caller's thread, read on the drain thread.

use crate::record::Value;

// The kinds of values, in the heads of items.
pub(super) const STR: u8 = 0;
pub(super) const BOOL: u8 = 1;
pub(super) const INT: u8 = 2;
pub(super) const FLOAT: u8 = 3;
pub(super) const STRS: u8 = 4;
pub(super) const BOOLS: u8 = 5;
pub(super) const INTS: u8 = 6;
pub(super) const FLOATS: u8 = 7;

/// A text as it lies in the bytes. It was a `str` when it was written, and is checked again only
/// where it has to be one: most texts go into a file as they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text<'a>(pub(crate) &'a [u8]);

impl<'a> Text<'a> {
    pub(crate) fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The text; of one that is torn what stands before the tear.
    pub(crate) fn to_str(self) -> &'a str {
        self.0
            .utf8_chunks()
            .next()
            .map_or("", |chunk| chunk.valid())
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(text.as_bytes())
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl std::fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self.to_str(), f)
    }
}

/// A value as it lies in the bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ValueRef<'a> {
    Str(Text<'a>),
    Bool(bool),
    Int(i64),
    Float(f64),
    Strs(Bytes<'a>),
    Bools(Bytes<'a>),
    Ints(Bytes<'a>),
    Floats(Bytes<'a>),
}

impl<'a> ValueRef<'a> {
    /// The value of this kind that fills `bytes`.
    #[inline]
    pub(crate) fn read(kind: u8, bytes: &'a [u8]) -> Option<Self> {
        let mut body = Bytes(bytes);
        Some(match kind {
            STR => ValueRef::Str(Text(bytes)),
            BOOL => ValueRef::Bool(body.u8()? != 0),
            INT => ValueRef::Int(body.i64()?),
            FLOAT => ValueRef::Float(body.f64()?),
            STRS => ValueRef::Strs(body),
            BOOLS => ValueRef::Bools(body),
            INTS => ValueRef::Ints(body),
            FLOATS => ValueRef::Floats(body),
            _ => return None,
        })
    }

    pub(crate) fn as_text(self) -> Option<Text<'a>> {
        match self {
            ValueRef::Str(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_int(self) -> Option<i64> {
        match self {
            ValueRef::Int(number) => Some(number),
            _ => None,
        }
    }

    /// A count as providers give them; a negative one is none.
    pub(crate) fn as_count(self) -> Option<u64> {
        self.as_int().and_then(|number| u64::try_from(number).ok())
    }
}

impl From<ValueRef<'_>> for Value {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Str(text) => Value::String(text.to_str().to_owned()),
            ValueRef::Bool(truth) => Value::Bool(truth),
            ValueRef::Int(number) => Value::Int(number),
            ValueRef::Float(number) => Value::Float(number),
            ValueRef::Strs(bytes) => {
                Value::StringArray(bytes.texts().map(|text| text.to_str().to_owned()).collect())
            }
            ValueRef::Bools(bytes) => Value::BoolArray(bytes.bools().collect()),
            ValueRef::Ints(bytes) => Value::IntArray(bytes.ints().collect()),
            ValueRef::Floats(bytes) => Value::FloatArray(bytes.floats().collect()),
        }
    }
}

pub(crate) fn push_str(bytes: &mut Vec<u8>, text: &str) {
    let len = u32::try_from(text.len()).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&len.to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

/// Reads numbers and texts off the front of a slice; what is not there is `None`, never a panic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(crate) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(front)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (front, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*front)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    pub(crate) fn f64(&mut self) -> Option<f64> {
        self.array().map(f64::from_le_bytes)
    }

    pub(crate) fn text(&mut self) -> Option<Text<'a>> {
        let len = self.u32()?;
        self.take(usize::try_from(len).ok()?).map(Text)
    }

    pub(crate) fn texts(mut self) -> impl Iterator<Item = Text<'a>> {
        std::iter::from_fn(move || self.text())
    }

    pub(crate) fn bools(mut self) -> impl Iterator<Item = bool> {
        std::iter::from_fn(move || self.u8().map(|byte| byte != 0))
    }

    pub(crate) fn ints(mut self) -> impl Iterator<Item = i64> {
        std::iter::from_fn(move || self.i64())
    }

    pub(crate) fn floats(mut self) -> impl Iterator<Item = f64> {
        std::iter::from_fn(move || self.f64())
    }
}
