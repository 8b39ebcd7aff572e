//! Items as they lie in the bytes.

use super::head::Head;
use super::{ATTRIBUTE, COUNTED, DROPPED, EVENT, LINK, MESSAGE, SOURCE, SUBJECT, TRACE_STATE};
use crate::record::Dropped;
use crate::span::attribute_value::AttributeValue;
use crate::span::ids::{SpanId, TraceId};
use crate::span::value_bytes::{Bytes, Text, ValueRef};
use crate::span::value_writer::ValueWriter;

/// One item, as it lies in the bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item<'a> {
    Attribute(Text<'a>, ValueRef<'a>),
    /// An attribute beyond the limit, which only the metrics count.
    Counted(Text<'a>, ValueRef<'a>),
    Event(EventRef<'a>),
    Link(LinkRef<'a>),
    Message(Text<'a>),
    Subject(Text<'a>),
    Dropped(Dropped),
    /// How many attributes of the source are kept.
    Source(usize),
    /// What other tracers have sent along with the trace.
    TraceState(Text<'a>),
}

/// An event, as it lies in the bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventRef<'a> {
    pub(crate) time: u64,
    pub(crate) name: Text<'a>,
    attributes: &'a [u8],
}

impl<'a> EventRef<'a> {
    /// Whether some of its attributes cannot be read.
    pub(super) fn is_torn(&self) -> bool {
        let mut items = ItemIter::new(self.attributes);
        while !items.0.0.is_empty() {
            if items.next().is_none() {
                return true;
            }
        }
        false
    }

    pub(crate) fn attributes(&self) -> impl Iterator<Item = (Text<'a>, ValueRef<'a>)> + use<'a> {
        ItemIter::new(self.attributes).filter_map(|item| match item {
            Item::Attribute(key, value) => Some((key, value)),
            _ => None,
        })
    }
}

/// A link, as it lies in the bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinkRef<'a> {
    /// Of what type it is, where that is said.
    pub(crate) kind: Text<'a>,
    // Taken apart only when somebody asks: all items are as large as the largest.
    body: &'a [u8],
}

impl<'a> LinkRef<'a> {
    fn new(kind: Text<'a>, body: Bytes<'a>) -> Option<Self> {
        let link = Self { kind, body: body.0 };
        link.parts().map(|_| link)
    }

    /// The other span, and its `tracestate`, which is mostly empty.
    pub(crate) fn parts(&self) -> Option<(TraceId, SpanId, Text<'a>)> {
        let mut body = Bytes(self.body);
        let trace_id = TraceId::from_bytes(body.array()?)?;
        let span_id = SpanId::from_bytes(body.array()?)?;
        Some((trace_id, span_id, Text(body.0)))
    }
}

/// Goes through items; ends at the first that is torn.
#[derive(Clone, Debug)]
pub(crate) struct ItemIter<'a>(Bytes<'a>);

impl<'a> ItemIter<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(Bytes(bytes))
    }
}

impl<'a> Iterator for ItemIter<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Item<'a>> {
        let head = Head::from_bytes(self.0.array()?);
        let name = Text(self.0.take(usize::from(head.name))?);
        let mut body = Bytes(self.0.take(usize::try_from(head.body).ok()?)?);
        Some(match head.tag {
            ATTRIBUTE => Item::Attribute(name, ValueRef::read(head.value, body.0)?),
            COUNTED => Item::Counted(name, ValueRef::read(head.value, body.0)?),
            EVENT => Item::Event(EventRef {
                time: body.u64()?,
                name,
                attributes: body.0,
            }),
            LINK => Item::Link(LinkRef::new(name, body)?),
            MESSAGE => Item::Message(ValueRef::read(head.value, body.0)?.as_text()?),
            SUBJECT => Item::Subject(ValueRef::read(head.value, body.0)?.as_text()?),
            DROPPED => Item::Dropped(Dropped {
                attributes: body.u32()?,
                events: body.u32()?,
                links: body.u32()?,
                truncated: body.u32()?,
            }),
            TRACE_STATE => Item::TraceState(ValueRef::read(head.value, body.0)?.as_text()?),
            SOURCE => Item::Source(usize::try_from(body.u32()?).ok()?),
            _ => return None,
        })
    }
}

/// A value that was read is written again as it is.
impl AttributeValue for ValueRef<'_> {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        match *self {
            ValueRef::Str(text) => writer.text(text),
            ValueRef::Bool(truth) => writer.bool(truth),
            ValueRef::Int(number) => writer.int(number),
            ValueRef::Float(number) => writer.float(number),
            ValueRef::Strs(bytes) => writer.strs(bytes.texts().map(Text::to_str)),
            ValueRef::Bools(bytes) => writer.bools(bytes.bools()),
            ValueRef::Ints(bytes) => writer.ints(bytes.ints()),
            ValueRef::Floats(bytes) => writer.floats(bytes.floats()),
        }
    }
}
