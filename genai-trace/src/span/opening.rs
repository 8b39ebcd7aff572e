//! What is said of a span before it begins.

mod said;

use std::sync::Arc;

use self::said::Said;
use super::attribute_value::{AttributeValue, Plain};
use super::callsite::Callsite;
use super::contents::Contents;
use super::context::{AsParent, SpanContext};
use super::frame::Frame;
use super::items::Items;
use super::names;
use super::stack;
use super::value_bytes::{BOOL, FLOAT, INT, STR};
use super::value_writer::ValueWriter;
use crate::content::{may_tell, scrub_attribute};
use crate::process::probability::Probability;

/// What is said of a span before it begins: its options and the values of its fields.
#[derive(Debug)]
pub struct Opening {
    pub(super) callsite: &'static Callsite,
    /// The fields, where they are few texts: of most spans nothing else is said.
    pub(super) said: Said,
    /// Where the span will stand; what is wished of it lies there too. Made when there is more to say.
    pub(super) frame: Option<Box<Frame>>,
}

/// What a span is to be that most are not.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    pub(super) parent: Parent,
    pub(super) conversation: Option<Arc<str>>,
    /// The share of the traces in which the span leaves a record.
    pub(super) sample: Option<Probability>,
    /// It is a call of its own, also inside another.
    pub(super) is_apart: bool,
}

/// Whose child the span is to be.
#[derive(Debug, Default)]
pub(super) enum Parent {
    /// The span that the thread is in.
    #[default]
    Current,
    /// None: the span begins a trace.
    Root,
    /// The one that was said.
    Said(SpanContext),
}

impl Opening {
    #[inline]
    pub(crate) const fn new(callsite: &'static Callsite) -> Self {
        Self {
            callsite,
            said: Said::new(),
            frame: None,
        }
    }

    /// Moves the span to another callsite.
    pub(crate) fn at(&mut self, callsite: &'static Callsite) {
        self.callsite = callsite;
        if let Some(frame) = &mut self.frame {
            frame.belong_to(callsite);
        }
    }

    #[inline]
    fn items(&mut self) -> &mut Items {
        &mut self.frame().items
    }

    #[inline]
    fn frame(&mut self) -> &mut Frame {
        let Self {
            callsite,
            said,
            frame,
        } = self;
        frame.get_or_insert_with(|| {
            let frame = stack::with_unsettled(|local| local.thread.frame());
            filled(
                frame.unwrap_or_else(|| Box::new(Frame::new())),
                callsite,
                said,
            )
        })
    }

    /// The frame, filled with all that was said; `new` where none was made.
    #[inline]
    pub(super) fn take_frame(&mut self, new: impl FnOnce() -> Box<Frame>) -> Box<Frame> {
        match self.frame.take() {
            Some(frame) => frame,
            None => filled(new(), self.callsite, &self.said),
        }
    }

    /// What the span is to be that most are not.
    pub(super) fn wishes(&mut self) -> &mut Wishes {
        let frame = self.frame();
        frame.has_wishes = true;
        &mut frame.wishes
    }

    /// Sets an attribute.
    #[inline]
    pub fn set<V: AttributeValue + ?Sized>(&mut self, key: &str, value: &V) {
        match value.__plain() {
            Some(Plain::Text(text)) => self.set_text(key, text),
            Some(Plain::Bool(truth)) => self.set_scalar(key, BOOL, &[u8::from(truth)]),
            Some(Plain::Int(number)) => self.set_scalar(key, INT, &number.to_le_bytes()),
            Some(Plain::Float(number)) => self.set_scalar(key, FLOAT, &number.to_le_bytes()),
            None => self.items().set(key, value),
        }
    }

    fn set_text(&mut self, key: &str, text: &str) {
        let is_plain = self.frame.is_none() && !may_tell(key, text);
        if !(is_plain && self.said.set_first(key, text)) {
            self.set_another_text(key, text);
        }
    }

    #[inline(never)]
    fn set_another_text(&mut self, key: &str, text: &str) {
        let scrubbed = may_tell(key, text).then(|| scrub_attribute(key, text));
        let text = scrubbed.as_deref().unwrap_or(text);
        if self.frame.is_some() || !self.said.set(key, STR, text.as_bytes()) {
            self.items().set_text(key, text);
        }
    }

    /// Sets an attribute to a value that is as long as all of its `kind`.
    fn set_scalar(&mut self, key: &str, kind: u8, body: &[u8]) {
        if self.frame.is_some() || !self.said.set(key, kind, body) {
            self.items().set_scalar(key, kind, body);
        }
    }

    /// Sets an attribute to what `write` writes.
    pub(crate) fn set_with(&mut self, key: &str, write: impl FnOnce(&mut ValueWriter<'_>)) {
        self.items().set_with(key, write);
    }

    /// What is said in the call.
    pub(super) fn contents(&mut self) -> &mut Contents {
        self.frame().contents.get_or_insert_default()
    }

    /// The text of the attribute `key`, as it was said or as it stands in the source.
    pub(super) fn said_text(&mut self, key: &str) -> Option<String> {
        self.items().text(key)
    }

    /// Says the subject (the tool, the agent, the model ...) where it is known only now.
    pub fn subject<V: AttributeValue + ?Sized>(&mut self, subject: &V) {
        match self.callsite.operation().subject_key() {
            Some(key) => self.items().set_own_of_user(key, subject),
            None => self.items().subject(subject),
        }
    }

    /// Puts the span under `parent`, wherever the thread is.
    pub fn parent<P: AsParent + ?Sized>(&mut self, parent: &P) {
        if let Some(parent) = parent.as_parent() {
            self.wishes().parent = Parent::Said(parent.clone());
        }
    }

    /// Makes a call of its own of it, also where it is made inside another call.
    pub fn apart(&mut self) {
        self.wishes().is_apart = true;
    }

    /// Begins a trace with the span.
    pub fn root(&mut self) {
        self.wishes().parent = Parent::Root;
    }

    /// Records the span in this share of the traces only; a ratio outside 0 to 1 counts as the nearest.
    pub fn sample<R: Ratio + ?Sized>(&mut self, ratio: &R) {
        self.wishes().sample = Some(Probability::nearest(ratio.ratio()));
    }

    /// Links the span to another.
    pub fn link(&mut self, to: &SpanContext) {
        self.items().link(to);
    }

    /// Links the span to others.
    pub fn links(&mut self, to: impl IntoIterator<Item = SpanContext>) {
        for to in to {
            self.link(&to);
        }
    }

    /// Links the span to earlier attempts at the same question, of which it is the next.
    pub fn regenerates(&mut self, earlier: impl IntoIterator<Item = SpanContext>) {
        let mut attempt = 1_u32;
        for earlier in earlier {
            attempt = attempt.saturating_add(1);
            self.items().link_as(&earlier, names::REGENERATE);
        }
        if attempt > 1 {
            self.set(names::REGENERATE_ATTEMPT, &attempt);
        }
    }

    /// Says the conversation that the span, and every span below it, belongs to.
    pub fn conversation_id<V: AsRef<str> + ?Sized>(&mut self, id: &V) {
        self.wishes().conversation = Some(Arc::from(id.as_ref()));
    }
}

/// A frame for a span of `callsite` of which so much was said.
#[inline(never)]
fn filled(mut frame: Box<Frame>, callsite: &'static Callsite, said: &Said) -> Box<Frame> {
    frame.belong_to(callsite);
    frame.items.take_over(said.bytes());
    frame
}

/// What may be said as a share of the traces.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no ratio",
    label = "expected a number from 0 to 1: `f64` or `f32`"
)]
pub trait Ratio {
    /// The share.
    fn ratio(&self) -> f64;
}

impl Ratio for f64 {
    fn ratio(&self) -> f64 {
        *self
    }
}

impl Ratio for f32 {
    fn ratio(&self) -> f64 {
        f64::from(*self)
    }
}

/// For the literals 0 and 1.
impl Ratio for i32 {
    fn ratio(&self) -> f64 {
        f64::from(*self)
    }
}

impl<R: Ratio + ?Sized> Ratio for &R {
    fn ratio(&self) -> f64 {
        (**self).ratio()
    }
}
