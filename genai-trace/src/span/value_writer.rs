//! The value of an attribute, while it is written.

use super::items::draft::Draft;
use super::items::head::Head;
use super::value_bytes::{BOOL, BOOLS, FLOAT, FLOATS, INT, INTS, STR, STRS, Text, push_str};
use crate::content::{may_tell, scrub_attribute};
use crate::recorder::append::append;

/// Longest text of one value, in bytes; what is beyond is cut off at a character and counted.
pub(crate) const MAX_TEXT_BYTES: usize = 256 * 1024;
/// Most elements of one array; what is beyond is cut off and counted.
pub(crate) const MAX_ELEMENTS: usize = 1024;

/// Takes the one value that an [`AttributeValue`](crate::AttributeValue) writes.
///
/// It writes the whole item, head and name included, so that all of it is there or nothing.
#[derive(Debug)]
pub struct ValueWriter<'a> {
    bytes: &'a mut Vec<u8>,
    /// Where the item begins.
    start: usize,
    tag: u8,
    name: &'a str,
    /// Most characters of a text.
    most_chars: u32,
    /// Texts lose the credentials in them.
    is_scrubbing: bool,
    written: bool,
    truncated: bool,
    /// Until then whatever was written goes when this is dropped, by a panic of the user's code for one.
    kept: bool,
}

/// An item that was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Put {
    pub(crate) start: usize,
    pub(crate) truncated: bool,
}

impl<'a> ValueWriter<'a> {
    /// Writes an item `tag` called `name` to the end of `bytes`, with at most `most_chars` characters of
    /// a text.
    #[inline]
    pub(crate) fn new(bytes: &'a mut Vec<u8>, tag: u8, name: &'a str, most_chars: u32) -> Self {
        Self {
            start: bytes.len(),
            bytes,
            tag,
            name,
            most_chars,
            is_scrubbing: false,
            written: false,
            truncated: false,
            kept: false,
        }
    }

    /// Takes the credentials out of texts: they are the user's.
    #[inline]
    pub(crate) fn scrub(&mut self) {
        self.is_scrubbing = true;
    }

    /// The item that was written, if one was.
    #[inline]
    pub(crate) fn done(mut self) -> Option<Put> {
        self.kept = true;
        self.written.then_some(Put {
            start: self.start,
            truncated: self.truncated,
        })
    }

    /// Writes a text.
    pub fn str(&mut self, text: &str) {
        match self.is_scrubbing && may_tell(self.name, text) {
            true => self.whole_str(&scrub_attribute(self.name, text)),
            false => self.whole_str(text),
        }
    }

    fn whole_str(&mut self, text: &str) {
        if fits(text, self.most_chars) {
            self.scalar(STR, text.as_bytes());
        } else {
            self.cut_str(text);
        }
    }

    /// Writes a truth value.
    pub fn bool(&mut self, truth: bool) {
        self.scalar(BOOL, &[u8::from(truth)]);
    }

    /// Writes an integer.
    pub fn int(&mut self, number: i64) {
        self.scalar(INT, &number.to_le_bytes());
    }

    /// Writes a float.
    pub fn float(&mut self, number: f64) {
        self.scalar(FLOAT, &number.to_le_bytes());
    }

    /// Writes an array of texts.
    pub fn strs<T: AsRef<str>>(&mut self, texts: impl IntoIterator<Item = T>) {
        let (most_chars, name, is_scrubbing) = (self.most_chars, self.name, self.is_scrubbing);
        self.array(STRS, texts, |bytes, text| {
            let text = text.as_ref();
            let scrubbed =
                (is_scrubbing && may_tell(name, text)).then(|| scrub_attribute(name, text));
            let (kept, is_cut) = cut(scrubbed.as_deref().unwrap_or(text), most_chars);
            push_str(bytes, kept);
            is_cut
        });
    }

    /// Writes an array of truth values.
    pub fn bools(&mut self, truths: impl IntoIterator<Item = bool>) {
        self.array(BOOLS, truths, |bytes, truth| {
            bytes.push(u8::from(truth));
            false
        });
    }

    /// Writes an array of integers.
    pub fn ints(&mut self, numbers: impl IntoIterator<Item = i64>) {
        self.array(INTS, numbers, |bytes, number| {
            bytes.extend_from_slice(&number.to_le_bytes());
            false
        });
    }

    /// Writes an array of floats.
    pub fn floats(&mut self, numbers: impl IntoIterator<Item = f64>) {
        self.array(FLOATS, numbers, |bytes, number| {
            bytes.extend_from_slice(&number.to_le_bytes());
            false
        });
    }

    /// Writes a text that was read.
    pub(crate) fn text(&mut self, text: Text<'_>) {
        self.whole_str(text.to_str());
    }

    fn scalar(&mut self, kind: u8, body: &[u8]) {
        if self.written {
            return;
        }
        self.written = true;
        let head = Head::new(self.tag, kind, self.name, body.len());
        append(self.bytes, [head.word()], self.name.as_bytes(), body);
    }

    #[cold]
    fn cut_str(&mut self, text: &str) {
        let (kept, is_cut) = cut(text, self.most_chars);
        if !self.written {
            self.truncated = is_cut;
        }
        self.scalar(STR, kept.as_bytes());
    }

    /// Writes elements by `push`, which says whether it has cut one.
    fn array<T>(
        &mut self,
        kind: u8,
        elements: impl IntoIterator<Item = T>,
        mut push: impl FnMut(&mut Vec<u8>, T) -> bool,
    ) {
        if self.written {
            return;
        }
        let draft = Draft::begin(self.bytes, self.tag, kind, self.name);
        let start = draft.bytes.len();
        for (count, element) in elements.into_iter().enumerate() {
            if count == MAX_ELEMENTS || draft.bytes.len() - start > MAX_TEXT_BYTES {
                self.truncated = true;
                break;
            }
            self.truncated |= push(draft.bytes, element);
        }
        draft.keep();
        // Only now: who writes may catch a panic of the elements, and there is no value then.
        self.written = true;
    }
}

impl Drop for ValueWriter<'_> {
    #[inline]
    fn drop(&mut self) {
        if !self.kept {
            self.bytes.truncate(self.start);
        }
    }
}

/// Whether a text is certain to be kept whole: none has more characters than bytes.
#[inline]
fn fits(text: &str, most_chars: u32) -> bool {
    text.len() <= MAX_TEXT_BYTES.min(chars(most_chars))
}

#[inline]
fn chars(most: u32) -> usize {
    usize::try_from(most).unwrap_or(usize::MAX)
}

/// What is kept of a text, and whether that is not all of it.
fn cut(text: &str, most_chars: u32) -> (&str, bool) {
    let kept = first_chars(text, most_chars);
    let kept = kept
        .get(..kept.floor_char_boundary(MAX_TEXT_BYTES))
        .unwrap_or(kept);
    (kept, kept.len() < text.len())
}

/// The first `most` characters of a text.
pub(crate) fn first_chars(text: &str, most: u32) -> &str {
    // No text has more characters than bytes.
    if text.len() <= chars(most) {
        return text;
    }
    text.char_indices()
        .nth(chars(most))
        .and_then(|(end, _)| text.get(..end))
        .unwrap_or(text)
}
