//! A span that has begun is shown.

use crate::bridge::tracing::shown::{Facts, Place, Shown};
use crate::export::view::SpanView;
use crate::metrics::Symbol;
use crate::span::current::SpanRef;
use crate::span::frame::Frame;
use crate::span::ids::SpanId;
use crate::span::measure;
use crate::span::names;
use crate::span::opening::{Opening, Parent};
use crate::span::outcome::Outcome;
use crate::span::stack::{self, ThreadState};

/// Where a span is to be shown.
#[derive(Debug)]
pub(in crate::span) struct Below(Place);

impl Below {
    /// As its parent was said; of one of another process, and of one that is not shown, nothing is known there.
    pub(in crate::span) fn of(opening: &Opening) -> Self {
        let frame = opening.frame.as_ref().filter(|frame| frame.has_wishes);
        Self(match frame.map(|frame| &frame.wishes.parent) {
            Some(Parent::Said(context)) => match context.shown() {
                parent if parent.is_some() => Place::Below(parent),
                _ => Place::Inside,
            },
            // It leaves a span of ours; what else the thread is in it stays in.
            Some(Parent::Root) if is_in_shown() => Place::Root,
            _ => Place::Inside,
        })
    }
}

fn is_in_shown() -> bool {
    stack::with(|local| local.frames.top().is_some_and(|top| top.shown.is_some())).unwrap_or(false)
}

/// Shows the span `id`, which this thread has just begun, and enters it there.
pub(in crate::span) fn show(id: SpanId, below: Below) {
    let facts = stack::with(|local| facts(local.frames.top()?, &mut local.thread));
    let Some(facts) = facts.flatten() else {
        return;
    };
    let shown = Shown::new(&facts, below.0);
    let known = stack::with(|local| {
        let (_, frame) = local.frames.find_anywhere(id)?;
        frame.shown = shown.clone();
        Some(())
    });
    if known.flatten().is_some() {
        shown.enter();
    }
}

/// What is shown of the span in `frame`; nothing where it is a call inside a call, or of a test's capture.
fn facts(frame: &mut Frame, thread: &mut ThreadState) -> Option<Facts> {
    if frame.nested.is_some() || frame.is_stand_in || !super::are_shown(frame.generation) {
        return None;
    }
    let view = SpanView {
        header: frame.header(frame.start, Symbol::NONE, Outcome::Ok),
        callsite: frame.callsite,
        items: frame.items.bytes(),
        agent: None,
    };
    let mut attributes = Vec::new();
    view.each_attribute(&mut |key, value| attributes.push((key.to_str().to_owned(), value.into())));
    let conversation = frame
        .scope
        .as_deref()
        .and_then(|scope| scope.conversation_id());
    if let Some(conversation) = conversation
        && measure::belongs_to_conversations(frame.callsite.operation())
    {
        attributes.push((names::CONVERSATION_ID.to_owned(), conversation.into()));
    }
    let name = view.whole_name();
    Some(Facts {
        general_name: frame.callsite.operation().word(),
        name,
        attributes,
        span: SpanRef::of(frame, thread),
    })
}
