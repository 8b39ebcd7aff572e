//! The spans that a thread is in, innermost last: where each of them stands.

use std::mem;
use std::sync::Arc;

use super::taken::Taken;
use super::thread_state::ThreadState;
use crate::span::chunks::Chunks;
use crate::span::close::close_late;
use crate::span::frame::Frame;
use crate::span::ids::SpanId;
use crate::span::mailbox::Mailbox;
use crate::span::nested;
use crate::span::operation::Operation;
use crate::span::outcome::{End, Outcome};
use crate::span::shown::Ended;
use crate::sys::clock;

/// So many empty places among the spans do no harm.
const MOST_EMPTY: usize = 32;

/// The spans that a thread is in, innermost last.
#[derive(Debug, Default)]
pub(in crate::span) struct SpanStack {
    /// Each under a number, which grows from place to place. Whoever leaves a span that is not the
    /// innermost leaves its place empty; the last one never is.
    // In boxes, since a frame moves often and is large.
    places: Vec<(usize, Option<Box<Frame>>)>,
    /// The number of the next place.
    next: usize,
    /// How many places are empty.
    empty: usize,
    /// Spans that have ended while their items were out, which are still to be written.
    pub(super) parked: Vec<Parked>,
    /// The spans that the thread was in when it entered a test's capture: children of none of them begin,
    /// yet whoever holds one may end it.
    behind: Option<Box<SpanStack>>,
}

/// A span that has ended while its items were out.
#[derive(Debug)]
pub(super) struct Parked {
    pub(super) frame: Box<Frame>,
    pub(super) end: End,
    pub(super) now: u64,
}

impl SpanStack {
    pub(in crate::span) const fn new() -> Self {
        Self {
            places: Vec::new(),
            next: 0,
            empty: 0,
            parked: Vec::new(),
            behind: None,
        }
    }

    /// Leaves these spans behind for those of `other`.
    pub(in crate::span) fn go_to(&mut self, other: Self) {
        let behind = mem::replace(self, other);
        self.behind = Some(Box::new(behind));
    }

    /// Goes back to the spans that were left behind; those that it leaves for them.
    pub(in crate::span) fn go_back(&mut self) -> Self {
        let behind = self.behind.take().unwrap_or_default();
        mem::replace(self, *behind)
    }

    /// Enters a span; the number of its place.
    #[inline]
    pub(in crate::span) fn push(&mut self, frame: Box<Frame>) -> usize {
        let number = self.next;
        self.next = number.wrapping_add(1);
        self.places.push((number, Some(frame)));
        number
    }

    /// The number that the next span gets.
    #[inline]
    pub(in crate::span) const fn next_place(&self) -> usize {
        self.next
    }

    /// Leaves the span `id`, which was entered as `number`; spans inside it that are still open stay.
    #[inline]
    pub(in crate::span) fn take(&mut self, number: usize, id: SpanId) -> Option<Box<Frame>> {
        let place = self.places.last_mut();
        if let Some((last, frame)) = place
            && *last == number
            && frame.as_ref().is_some_and(|frame| frame.owns(id))
        {
            let frame = frame.take();
            self.places.pop();
            if self.empty > 0 {
                self.trim();
            }
            return frame;
        }
        self.take_below(number, id)
    }

    /// Guards that end out of order leave an empty place, so that no other place is moved for each.
    #[cold]
    fn take_below(&mut self, number: usize, id: SpanId) -> Option<Box<Frame>> {
        match self.find(number, id) {
            Some(index) => self.leave(index),
            None => self.behind.as_mut()?.take_below(number, id),
        }
    }

    /// Takes the span out of the place at `index`.
    fn leave(&mut self, index: usize) -> Option<Box<Frame>> {
        let frame = self.places.get_mut(index)?.1.take()?;
        self.empty += 1;
        self.trim();
        // As rarely as to cost each span that left nothing to speak of.
        if self.empty > MOST_EMPTY && self.empty > self.places.len() / 2 {
            self.places.retain(|(_, frame)| frame.is_some());
            self.empty = 0;
        }
        Some(frame)
    }

    /// Takes empty places off the top, where there never are any.
    #[cold]
    fn trim(&mut self) {
        while self.empty > 0 && matches!(self.places.last(), Some((_, None))) {
            self.places.pop();
            self.empty -= 1;
        }
    }

    /// The chunks of the span `id`, where it is streamed.
    pub(in crate::span) fn chunks_of(&mut self, id: SpanId) -> Option<&mut Chunks> {
        let frames = self
            .places
            .iter_mut()
            .rev()
            .filter_map(|(_, frame)| frame.as_mut());
        let mut owner = frames.filter(|frame| frame.owns(id));
        owner.next()?.chunks.as_deref_mut()
    }

    /// The span that a call of the operation `inner` belongs to, where it is made in one: with nothing but
    /// steps in between, and no answer yet.
    pub(in crate::span) fn outer_of(&mut self, inner: Operation) -> Option<&mut Frame> {
        let mut frames = self
            .places
            .iter_mut()
            .rev()
            .filter_map(|(_, frame)| frame.as_deref_mut());
        let is_step =
            |frame: &Frame| frame.callsite.operation() == Operation::Step && !frame.is_stand_in;
        let outer = loop {
            let frame = frames.find(|frame| !is_step(frame))?;
            if !frame.is_stand_in {
                break frame;
            }
            // A span that was entered again stands further down, and may be a step itself.
            let id = frame.span_id;
            let owner = frames.find(|frame| frame.owns(id))?;
            if !is_step(owner) {
                break owner;
            }
        };
        let belongs = match inner {
            Operation::Tool => nested::is_tool_of_framework(outer),
            _ => nested::belongs_to(inner, outer.callsite.operation()),
        };
        let has_answer = |frame: &Frame| frame.mailbox.as_ref().is_some_and(|it| it.has_answer());
        (belongs && !has_answer(outer)).then_some(outer)
    }

    /// Leaves the stand-in that was entered as `number`.
    pub(in crate::span) fn take_stand_in(&mut self, number: usize) -> Option<Box<Frame>> {
        let index = self.index_of(number)?;
        let (_, frame) = self.places.get(index)?;
        let is_one = frame.as_deref().is_some_and(|frame| frame.is_stand_in);
        is_one.then(|| self.leave(index)).flatten()
    }

    pub(in crate::span) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether nothing is to be done any more.
    pub(super) fn is_at_rest(&self) -> bool {
        self.places.is_empty() && self.parked.is_empty()
    }

    /// The innermost span.
    #[inline]
    pub(in crate::span) fn top(&mut self) -> Option<&mut Frame> {
        self.places.last_mut()?.1.as_deref_mut()
    }

    /// Where the span `id` stands that was entered as `number`.
    fn find(&self, number: usize, id: SpanId) -> Option<usize> {
        let index = self.index_of(number)?;
        let frame = self.places.get(index)?.1.as_deref()?;
        frame.owns(id).then_some(index)
    }

    fn index_of(&self, number: usize) -> Option<usize> {
        let places = &self.places;
        let found = places.binary_search_by_key(&number, |(number, _)| *number);
        found.ok()
    }

    /// The frame of the span `id`, which was entered as `number`.
    #[inline]
    pub(super) fn get_mut(&mut self, number: usize, id: SpanId) -> Option<&mut Frame> {
        let index = match self.places.last() {
            Some((last, _)) if *last == number => self.places.len() - 1,
            _ => self.find(number, id)?,
        };
        let frame = self.places.get_mut(index)?.1.as_deref_mut()?;
        frame.owns(id).then_some(frame)
    }

    /// The number of the place of the span `id`, and its frame.
    pub(in crate::span) fn find_anywhere(&mut self, id: SpanId) -> Option<(usize, &mut Frame)> {
        let mut places = self.places.iter_mut().rev();
        places.find_map(|(number, frame)| {
            let frame = frame.as_deref_mut().filter(|frame| frame.owns(id))?;
            Some((*number, frame))
        })
    }

    /// The same of those that were left behind.
    #[cold]
    pub(super) fn find_behind(&mut self, id: SpanId) -> Option<(usize, &mut Frame)> {
        let behind = self.behind.as_mut()?;
        match behind.has(id) {
            true => behind.find_anywhere(id),
            false => behind.find_behind(id),
        }
    }

    fn has(&self, id: SpanId) -> bool {
        let mut frames = self.places.iter().filter_map(|(_, frame)| frame.as_ref());
        frames.any(|frame| frame.owns(id))
    }

    /// Takes out the items of the span `id`, wherever it stands.
    pub(super) fn take_items_of(&mut self, id: SpanId) -> Option<Taken> {
        match self.find_anywhere(id) {
            Some((number, frame)) => Some(Taken::out_of(number, frame)),
            None => {
                let (number, frame) = self.find_behind(id)?;
                Some(Taken::out_of(number, frame))
            }
        }
    }

    /// Takes out the items of the innermost span, or finds the mailbox of a span that is owned
    /// elsewhere.
    #[inline]
    pub(super) fn take_items(&mut self) -> Option<Result<Taken, Arc<Mailbox>>> {
        let (number, frame) = self.places.last_mut()?;
        let frame = frame.as_deref_mut()?;
        if !frame.is_stand_in {
            return Some(Ok(Taken::out_of(*number, frame)));
        }
        let (id, mailbox) = (frame.span_id, frame.mailbox.clone());
        match self.take_items_of(id) {
            Some(taken) => Some(Ok(taken)),
            None => mailbox.map(Err),
        }
    }

    /// Ends every span, the innermost first: no guard of theirs is left to do it. What is to be said of them where
    /// others are shown them.
    #[must_use]
    pub(super) fn abandon(&mut self, thread: &mut ThreadState) -> Vec<Ended> {
        let now = clock::now();
        let mut ended = Vec::new();
        while let Some((_, frame)) = self.places.pop() {
            if let Some(mut frame) = frame.filter(|frame| !frame.is_stand_in) {
                let end = End::of(Outcome::Abandoned);
                ended.push(frame.shown.take_at(&end));
                close_late(thread, frame, end, now);
            }
        }
        self.empty = 0;
        ended
    }
}
