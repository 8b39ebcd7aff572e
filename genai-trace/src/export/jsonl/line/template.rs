//! The line of a callsite's last span, from which the next one mostly differs in few places.

use super::digits::{SECOND, put_nanos};
use super::text::{push_after, push_escaped};
use super::{push_attribute, push_head, push_value};
use crate::export::view::SpanView;
use crate::metrics::Symbol;
use crate::span::ids::{SpanId, TraceId, hex};
use crate::span::items::Item;
use crate::span::names;
use crate::span::outcome::Outcome;
use crate::span::value_bytes::{Text, ValueRef};

const BEGIN: &[u8] = b"{\"trace_id\":\"";
const SPAN: &[u8] = b"\",\"span_id\":\"";
const PARENT: &[u8] = b"\",\"parent_span_id\":\"";
const NO_PARENT: &[u8] = b"\",\"parent_span_id\":null,";
const END: &[u8] = b",\"end_unix_nano\":";
const STATUS: &[u8] = b",\"status\":\"UNSET\",\"status_message\":\"\",\"attributes\":{";

/// Where the digits of the ids stand.
const TRACE_AT: usize = BEGIN.len();
const SPAN_AT: usize = TRACE_AT + 32 + SPAN.len();
const PARENT_AT: usize = SPAN_AT + 16 + PARENT.len();

/// Digits of the seconds of a time in the years 2001 to 2286.
const SECOND_DIGITS: usize = 10;

/// The first time whose seconds have ten digits; what a template begins with.
const FIRST_TIME: u64 = 1_000_000_000 * SECOND;
const FIRST_TIME_DIGITS: &[u8] = b"1000000000000000000";

/// Names of attributes that are remembered for one callsite.
const MOST_KEYS: usize = 32;

/// The templates of all callsites.
#[derive(Debug, Default)]
pub(super) struct Templates {
    /// Of spans without a parent and with one, by the callsite's number.
    by_callsite: Vec<[Option<Template>; 2]>,
}

impl Templates {
    /// The template for `span`, where its subject stands in the source. The process is described by
    /// `resource`, in JSON.
    #[inline]
    pub(super) fn of(&mut self, span: &SpanView<'_>, resource: &[u8]) -> Option<&mut Template> {
        if span.callsite.subject().is_empty() {
            return None;
        }
        let index = usize::try_from(span.header.callsite).ok()?;
        if index >= self.by_callsite.len() {
            self.by_callsite.resize_with(index + 1, Default::default);
        }
        let with_parent = usize::from(span.header.parent.is_some());
        let template = self.by_callsite.get_mut(index)?.get_mut(with_parent)?;
        Some(template.get_or_insert_with(|| Template::of(span, resource)))
    }
}

/// The line of the last span of a callsite that had a parent, or of the last that had none.
///
/// A span that is plain is written as a copy of it, in which the id and the nanoseconds are put
/// anew; ids of the trace and of the parent, and seconds, only where they are others than last time.
#[derive(Debug)]
pub(super) struct Template {
    /// From the beginning to the last attribute of the source.
    head: Vec<u8>,
    /// Where the digits of the start and of the end stand.
    start_at: usize,
    end_at: usize,
    /// Where the attributes begin.
    attributes_at: usize,
    /// Where the name begins.
    name_at: usize,
    trace_id: TraceId,
    parent: Option<SpanId>,
    /// When the seconds began that stand there.
    start_second: u64,
    end_second: u64,
    /// Attributes that were said at run time, mostly in this order.
    keys: Vec<Key>,
    /// From the last attribute that was said at run time to the end.
    tail: Vec<u8>,
    /// The agent that stands there: in one process a symbol is always the same text.
    agent: Option<Symbol>,
    /// The span would say the agent twice if the line did.
    has_agent: bool,
}

/// The name of an attribute.
#[derive(Debug)]
struct Key {
    name: Box<[u8]>,
    /// From the comma before the name to the quote that opens a text.
    spelt: Box<[u8]>,
}

impl Key {
    fn of(name: Text<'_>) -> Self {
        let mut spelt = b",\"".to_vec();
        push_escaped(name, &mut spelt);
        spelt.extend_from_slice(b"\":\"");
        Self {
            name: name.as_bytes().into(),
            spelt: spelt.into(),
        }
    }
}

impl Template {
    fn of(span: &SpanView<'_>, resource: &[u8]) -> Self {
        let mut head = BEGIN.to_vec();
        head.extend_from_slice(&[b'0'; 32]);
        head.extend_from_slice(SPAN);
        head.extend_from_slice(&[b'0'; 16]);
        if span.header.parent.is_some() {
            head.extend_from_slice(PARENT);
            head.extend_from_slice(&[b'0'; 16]);
            head.extend_from_slice(b"\",");
        } else {
            head.extend_from_slice(NO_PARENT);
        }
        let bare = SpanView::of_source(span);
        let name_at = head.len();
        push_head(&bare, &mut head);
        let start_at = head.len();
        head.extend_from_slice(FIRST_TIME_DIGITS);
        head.extend_from_slice(END);
        let end_at = head.len();
        head.extend_from_slice(FIRST_TIME_DIGITS);
        head.extend_from_slice(STATUS);
        let attributes_at = head.len();
        let mut first = true;
        bare.each_attribute(&mut |key, value| push_attribute(&mut first, key, value, &mut head));
        let mut template = Self {
            head,
            start_at,
            end_at,
            attributes_at,
            name_at,
            trace_id: TraceId::NONE,
            parent: None,
            start_second: FIRST_TIME,
            end_second: FIRST_TIME,
            keys: Vec::new(),
            tail: Vec::new(),
            agent: None,
            has_agent: bare.says_agent(),
        };
        template.end_with(None, resource);
        template
    }

    /// From the name to the key of the start.
    pub(super) fn name(&self) -> &[u8] {
        self.head
            .get(self.name_at..self.start_at)
            .unwrap_or_default()
    }

    /// The attributes of the source.
    pub(super) fn attributes(&self) -> &[u8] {
        self.head.get(self.attributes_at..).unwrap_or_default()
    }

    /// Writes the line of `span`, which has a parent as the last one had, where it is plain: it has
    /// ended well, and all that it said at run time are attributes beside those of the source. None
    /// where it is not; then some of the line may have been written.
    pub(super) fn write(
        &mut self,
        span: &SpanView<'_>,
        resource: &[u8],
        out: &mut Vec<u8>,
    ) -> Option<()> {
        let header = &span.header;
        if header.outcome != Outcome::Ok {
            return None;
        }
        if header.trace_id != self.trace_id {
            self.trace_id = header.trace_id;
            put(&mut self.head, TRACE_AT, &hex(&header.trace_id.to_bytes()))?;
        }
        if let Some(parent) = header.parent
            && self.parent != Some(parent)
        {
            self.parent = Some(parent);
            put(&mut self.head, PARENT_AT, &hex(&parent.to_bytes()))?;
        }
        let (start, end) = (span.since_1970(header.start), span.since_1970(header.end));
        if start.wrapping_sub(self.start_second) >= SECOND {
            self.start_second = put_second(&mut self.head, self.start_at, start)?;
        }
        if end.wrapping_sub(self.end_second) >= SECOND {
            self.end_second = put_second(&mut self.head, self.end_at, end)?;
        }
        let agent = span.agent.map(|_| header.agent);
        if agent != self.agent {
            self.agent = agent;
            self.end_with(span.agent, resource);
        }

        let line = out.len();
        out.extend_from_slice(&self.head);
        let line = out.get_mut(line..)?;
        put(line, SPAN_AT, &hex(&header.span_id.to_bytes()))?;
        let nanos = start.wrapping_sub(self.start_second);
        put_nanos(nanos, place(line, self.start_at + SECOND_DIGITS)?);
        let nanos = end.wrapping_sub(self.end_second);
        put_nanos(nanos, place(line, self.end_at + SECOND_DIGITS)?);
        self.push_said(span, out)?;
        out.extend_from_slice(&self.tail);
        Some(())
    }

    /// Writes the attributes that were said at run time; none where anything else was said.
    #[inline]
    fn push_said(&mut self, span: &SpanView<'_>, out: &mut Vec<u8>) -> Option<()> {
        // The first attribute of all has no comma before it.
        let mut skipped = usize::from(self.head.len() == self.attributes_at);
        let mut index = 0;
        for item in span.items() {
            let (name, value) = match item {
                Item::Attribute(name, value) => (name, value),
                // Only the metrics count it.
                Item::Counted(..) => continue,
                _ => return None,
            };
            let key = self.key(index, name, span)?;
            index += 1;
            let spelt = key.spelt.get(skipped..)?;
            skipped = 0;
            if let ValueRef::Str(text) = value {
                push_after(spelt, text, out);
            } else {
                let (_, spelt) = spelt.split_last()?;
                out.extend_from_slice(spelt);
                push_value(value, out);
            }
        }
        // An agent's name never comes first: what works for one says its operation.
        (skipped == 0 || self.agent.is_none()).then_some(())
    }

    /// The key of this name, which is mostly the one at `index`.
    #[inline]
    fn key(&mut self, index: usize, name: Text<'_>, span: &SpanView<'_>) -> Option<&Key> {
        let is_expected = |key: &Key| is_same(&key.name, name.as_bytes());
        let index = match self.keys.get(index) {
            Some(key) if is_expected(key) => index,
            _ => self.find_key(name, span)?,
        };
        self.keys.get(index)
    }

    /// Where the key of this name stands, which is learnt where it is new; none where it may not stand
    /// beside the attributes of the source.
    #[cold]
    fn find_key(&mut self, name: Text<'_>, span: &SpanView<'_>) -> Option<usize> {
        let known = |key: &Key| *key.name == *name.as_bytes();
        if let Some(index) = self.keys.iter().position(known) {
            return Some(index);
        }
        let is_beside = span.is_beside_source(name) && name != *names::AGENT_NAME;
        if !is_beside || self.keys.len() == MOST_KEYS {
            return None;
        }
        self.keys.push(Key::of(name));
        Some(self.keys.len() - 1)
    }

    /// From now on lines end with `agent`.
    #[cold]
    fn end_with(&mut self, agent: Option<&str>, resource: &[u8]) {
        self.tail.clear();
        if let Some(agent) = agent
            && !self.has_agent
        {
            let value = ValueRef::Str(agent.into());
            push_attribute(&mut false, names::AGENT_NAME.into(), value, &mut self.tail);
        }
        self.tail
            .extend_from_slice(b"},\"events\":[],\"links\":[],\"resource\":");
        self.tail.extend_from_slice(resource);
        self.tail.extend_from_slice(b"}\n");
    }
}

/// Whether two names are the same. Most have 8 to 16 bytes: the first and the last 8 are all of them, and
/// are compared without a call.
#[inline]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let ends = |name: &[u8]| Some((*name.first_chunk::<8>()?, *name.last_chunk::<8>()?));
    one.len() == other.len()
        && match one.len() {
            8..=16 => ends(one) == ends(other),
            _ => one == other,
        }
}

/// `N` bytes of `line` from `at` on.
#[inline]
fn place<const N: usize>(line: &mut [u8], at: usize) -> Option<&mut [u8; N]> {
    line.get_mut(at..)?.first_chunk_mut()
}

#[inline]
fn put<const N: usize>(line: &mut [u8], at: usize, digits: &[[u8; 2]; N]) -> Option<()> {
    let place = line.get_mut(at..at + 2 * N)?;
    place.copy_from_slice(digits.as_flattened());
    Some(())
}

/// Writes the digits of the seconds of `time`, and gives when that second began; none, and nothing is
/// changed, where there are not ten digits.
#[cold]
fn put_second(head: &mut [u8], at: usize, time: u64) -> Option<u64> {
    let second = time / SECOND;
    let mut digits = itoa::Buffer::new();
    let digits = digits.format(second).as_bytes();
    let digits = digits
        .first_chunk::<SECOND_DIGITS>()
        .filter(|_| digits.len() == SECOND_DIGITS)?;
    *place(head, at)? = *digits;
    Some(second * SECOND)
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn names_are_the_same_where_every_byte_is() {
        let name = b"app.some.name.of.twenty";
        for len in 0..=name.len() {
            let name = &name[..len];
            assert!(is_same(name, name));
            assert!(!is_same(name, &[name, b"."].concat()));
            for place in 0..len {
                let mut other = name.to_vec();
                other[place] ^= 1;
                assert!(!is_same(name, &other), "{len} {place}");
            }
        }
    }
}
