//! The value of an attribute as bytes, without pointers: written on the caller's thread, read on
//! the drain thread.

use super::limits::UNLIMITED;
use crate::record::Value;

/// Longest text of one value, in bytes; what is beyond is cut off at a character and counted.
pub(crate) const MAX_TEXT_BYTES: usize = 256 * 1024;
/// Most elements of one array; what is beyond is cut off and counted.
pub(crate) const MAX_ELEMENTS: usize = 1024;

const STR: u8 = 0;
const BOOL: u8 = 1;
const INT: u8 = 2;
const FLOAT: u8 = 3;
const STRS: u8 = 4;
const BOOLS: u8 = 5;
const INTS: u8 = 6;
const FLOATS: u8 = 7;

/// Takes the one value that an [`AttributeValue`](crate::AttributeValue) writes.
#[derive(Debug)]
pub struct ValueWriter<'a> {
    bytes: &'a mut Vec<u8>,
    /// Most characters of a text.
    most_chars: u32,
    written: bool,
    truncated: bool,
}

impl<'a> ValueWriter<'a> {
    /// Writes texts of any length, up to [`MAX_TEXT_BYTES`].
    pub(crate) fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self::limited(bytes, UNLIMITED)
    }

    /// Writes at most `most_chars` characters of a text.
    pub(crate) fn limited(bytes: &'a mut Vec<u8>, most_chars: u32) -> Self {
        Self {
            bytes,
            most_chars,
            written: false,
            truncated: false,
        }
    }

    pub(crate) fn is_written(&self) -> bool {
        self.written
    }

    pub(crate) fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// Writes a text.
    pub fn str(&mut self, text: &str) {
        if !self.written {
            // Room for all of it at once: texts are what is mostly written.
            self.bytes.reserve(text.len().min(MAX_TEXT_BYTES) + 5);
            self.begin(STR);
            self.push_text(text);
        }
    }

    /// Writes a truth value.
    pub fn bool(&mut self, truth: bool) {
        if self.begin(BOOL) {
            self.bytes.push(u8::from(truth));
        }
    }

    /// Writes an integer.
    pub fn int(&mut self, number: i64) {
        if self.begin(INT) {
            self.bytes.extend_from_slice(&number.to_le_bytes());
        }
    }

    /// Writes a float.
    pub fn float(&mut self, number: f64) {
        if self.begin(FLOAT) {
            self.bytes.extend_from_slice(&number.to_le_bytes());
        }
    }

    /// Writes an array of texts.
    pub fn strs<T: AsRef<str>>(&mut self, texts: impl IntoIterator<Item = T>) {
        self.array(STRS, texts, |writer, text| writer.push_text(text.as_ref()));
    }

    /// Writes an array of truth values.
    pub fn bools(&mut self, truths: impl IntoIterator<Item = bool>) {
        self.array(BOOLS, truths, |writer, truth| {
            writer.bytes.push(u8::from(truth))
        });
    }

    /// Writes an array of integers.
    pub fn ints(&mut self, numbers: impl IntoIterator<Item = i64>) {
        self.array(INTS, numbers, |writer, number| {
            writer.bytes.extend_from_slice(&number.to_le_bytes());
        });
    }

    /// Writes an array of floats.
    pub fn floats(&mut self, numbers: impl IntoIterator<Item = f64>) {
        self.array(FLOATS, numbers, |writer, number| {
            writer.bytes.extend_from_slice(&number.to_le_bytes());
        });
    }

    /// Writes a text that was read.
    pub(crate) fn text(&mut self, text: Text<'_>) {
        self.str(text.to_str());
    }

    fn begin(&mut self, tag: u8) -> bool {
        if self.written {
            return false;
        }
        self.written = true;
        self.bytes.push(tag);
        true
    }

    fn push_text(&mut self, text: &str) {
        // No text has more characters than bytes.
        if text.len() <= MAX_TEXT_BYTES.min(chars(self.most_chars)) {
            return push_str(self.bytes, text);
        }
        self.push_cut(text);
    }

    #[cold]
    fn push_cut(&mut self, text: &str) {
        let kept = first_chars(text, self.most_chars);
        let kept = kept
            .get(..kept.floor_char_boundary(MAX_TEXT_BYTES))
            .unwrap_or(kept);
        self.truncated |= kept.len() < text.len();
        push_str(self.bytes, kept);
    }

    fn array<T>(
        &mut self,
        tag: u8,
        elements: impl IntoIterator<Item = T>,
        mut push: impl FnMut(&mut Self, T),
    ) {
        if !self.begin(tag) {
            return;
        }
        let start = self.bytes.len();
        for (count, element) in elements.into_iter().enumerate() {
            if count == MAX_ELEMENTS || self.bytes.len() - start > MAX_TEXT_BYTES {
                self.truncated = true;
                return;
            }
            push(self, element);
        }
    }
}

fn chars(most: u32) -> usize {
    usize::try_from(most).unwrap_or(usize::MAX)
}

/// The first `most` characters of a text.
pub(crate) fn first_chars(text: &str, most: u32) -> &str {
    text.char_indices()
        .nth(chars(most))
        .and_then(|(end, _)| text.get(..end))
        .unwrap_or(text)
}

/// A text as it lies in the bytes. It was a `str` when it was written, and is checked again only
/// where it has to be one: most texts go into a file as they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text<'a>(&'a [u8]);

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
    /// The value that fills `bytes`.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut bytes = Bytes(bytes);
        Some(match bytes.u8()? {
            STR => ValueRef::Str(bytes.text()?),
            BOOL => ValueRef::Bool(bytes.u8()? != 0),
            INT => ValueRef::Int(bytes.i64()?),
            FLOAT => ValueRef::Float(bytes.f64()?),
            STRS => ValueRef::Strs(bytes),
            BOOLS => ValueRef::Bools(bytes),
            INTS => ValueRef::Ints(bytes),
            FLOATS => ValueRef::Floats(bytes),
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
