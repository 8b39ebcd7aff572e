//! Fields of a span that begins, where they are few and short: of most spans nothing else is said.

use crate::recorder::append::Few;
use crate::span::items::{attribute_head, has_attribute, is_key};
use crate::span::names;
use crate::span::value_bytes::STR;

/// Bytes of the fields.
const ROOM: usize = 128;

/// Fields of a span that begins, as [items](crate::span::items), where they are few and short, and no metric
/// counts them. They lie on the stack of whoever begins the span.
#[derive(Debug)]
pub(in crate::span) struct Said(Few<ROOM>);

impl Said {
    #[inline]
    pub(super) const fn new() -> Self {
        Self(Few::new())
    }

    /// Sets the first attribute to a text, if it is one for this place.
    #[inline(always)]
    pub(super) fn set_first(&mut self, key: &str, text: &str) -> bool {
        self.0.is_empty() && self.push(key, STR, text.as_bytes())
    }

    /// Sets an attribute to a value, if it is one for this place, and there is none of its name.
    pub(super) fn set(&mut self, key: &str, kind: u8, value: &[u8]) -> bool {
        !has_attribute(self.bytes(), key) && self.push(key, kind, value)
    }

    #[inline(always)]
    fn push(&mut self, key: &str, kind: u8, value: &[u8]) -> bool {
        let is_short = is_key(key) && key.len() <= ROOM && value.len() <= ROOM;
        is_short && !names::may_be_measured(key) && {
            let head = [attribute_head(key, kind, value.len())];
            self.0.append(head, key.as_bytes(), value)
        }
    }

    /// The items.
    #[inline(always)]
    pub(in crate::span) const fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}
