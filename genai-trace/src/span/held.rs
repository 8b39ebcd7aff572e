//! A span between the polls of a future or a stream.

use std::any::Any;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::task::Poll;

use super::frame::Frame;
use super::ids::SpanId;
use super::open::Open;
use super::outcome::{End, Outcome};
use super::stack;

/// A span between the polls of a future or a stream.
///
/// It stands behind that in a struct, so that it is dropped after it: what the future holds is
/// dropped inside the span.
#[derive(Debug)]
pub(super) struct Held {
    // Whoever takes the state leaves none behind, `drop` as well: a future in no span, as most programs
    // without telemetry have them, is spared all other looks at what there might be to drop.
    state: ManuallyDrop<State>,
    polled: bool,
}

#[derive(Debug)]
enum State {
    /// The future runs, or the span has gone to whoever ends it, or there never was one.
    Away,
    /// It is off the stack.
    Off(Box<Frame>),
    /// It is on the stack of this thread, which polls the future next.
    On(usize, SpanId),
    /// It is on the stack while the future is dropped.
    // In a box, since most futures come to their end.
    Dropping(Box<Dropping>),
}

/// A span on the stack, while its future is dropped.
#[derive(Debug)]
struct Dropping {
    place: usize,
    id: SpanId,
    end: End,
    /// The thread was unwinding before, so that a panic is none of the future's.
    unwinding: bool,
}

impl Held {
    /// Holds the span `open`.
    #[inline]
    pub(super) fn new(open: Option<Open>) -> Self {
        Self::of(open.and_then(Open::detach).map_or(State::Away, State::Off))
    }

    /// Holds the span `open` of a future that this thread polls before it does anything else: till then
    /// the span stays on the stack.
    #[inline]
    pub(super) fn for_now(open: Option<Open>) -> Self {
        Self::of(match open.map(Open::into_place) {
            Some((place, id)) => State::On(place, id),
            None => State::Away,
        })
    }

    #[inline]
    const fn of(state: State) -> Self {
        Self {
            state: ManuallyDrop::new(state),
            polled: false,
        }
    }

    /// Whether it holds no span.
    #[inline]
    pub(super) fn is_away(&self) -> bool {
        matches!(*self.state, State::Away)
    }

    /// Takes the state out.
    #[inline]
    fn take(&mut self) -> State {
        let away = ManuallyDrop::new(State::Away);
        ManuallyDrop::into_inner(std::mem::replace(&mut self.state, away))
    }

    /// Runs `poll` inside the span, and gives the span back with what was ready, on the stack. A panic
    /// ends the span and goes on.
    #[inline]
    pub(super) fn poll<T>(&mut self, poll: impl FnOnce() -> Poll<T>) -> Poll<(T, Option<Open>)> {
        match self.is_away() {
            true => poll().map(|value| (value, None)),
            false => self.poll_inside(poll),
        }
    }

    // Kept out of the future's own code, which is to be as if it stood alone where there is no span.
    #[inline(never)]
    fn poll_inside<T>(&mut self, poll: impl FnOnce() -> Poll<T>) -> Poll<(T, Option<Open>)> {
        self.polled = true;
        let Some(open) = self.enter() else {
            return poll().map(|value| (value, None));
        };
        match catch_unwind(AssertUnwindSafe(poll)) {
            Ok(Poll::Pending) => {
                self.hold(open);
                Poll::Pending
            }
            Ok(Poll::Ready(value)) => Poll::Ready((value, Some(open))),
            Err(payload) => panicked(open, payload),
        }
    }

    /// Puts the span on the stack, if there is one.
    #[inline]
    fn enter(&mut self) -> Option<Open> {
        match self.take() {
            State::Off(frame) => Open::resume(frame),
            state => state.entered(),
        }
    }

    /// Takes the span off the stack until the next poll.
    pub(super) fn hold(&mut self, open: Open) {
        let (place, id) = open.into_place();
        let left = stack::with(|local| local.frames.take(place, id)).flatten();
        if let Some(frame) = &left {
            frame.shown.exit();
        }
        self.state = ManuallyDrop::new(left.map_or(State::Away, State::Off));
    }

    /// The span, while it is held.
    #[cfg(feature = "stream")]
    pub(super) fn frame(&mut self) -> Option<&mut Frame> {
        match &mut *self.state {
            State::Off(frame) => Some(frame),
            _ => None,
        }
    }

    /// Enters the span, which ends with this value, so that the future is dropped inside it: as
    /// `end` says, else with `outcome`, which is what it means to drop a future that was polled.
    #[inline]
    pub(super) fn enter_to_drop(&mut self, outcome: Outcome, end: Option<End>) {
        if !self.is_away() {
            self.enter_held_to_drop(outcome, end);
        }
    }

    #[cold]
    fn enter_held_to_drop(&mut self, outcome: Outcome, end: Option<End>) {
        let Some(open) = self.enter() else {
            return;
        };
        let outcome = match self.polled {
            true => outcome,
            false => Outcome::NeverPolled,
        };
        let (place, id) = open.into_place();
        let dropping = Dropping {
            place,
            id,
            end: end.unwrap_or(End::of(outcome)),
            unwinding: std::thread::panicking(),
        };
        self.state = ManuallyDrop::new(State::Dropping(Box::new(dropping)));
    }

    #[cold]
    fn end_dropped(&mut self) {
        let State::Dropping(dropping) = self.take() else {
            return;
        };
        let end = match std::thread::panicking() && !dropping.unwinding {
            // What the panic says is not to be had here.
            true => End::of(Outcome::Panicked),
            false => dropping.end,
        };
        Open::at(dropping.place, dropping.id).end(end);
    }
}

impl State {
    /// The span, where it is on the stack already.
    // Seldom: at the first poll, at most.
    #[inline(never)]
    fn entered(self) -> Option<Open> {
        match self {
            Self::On(place, id) => Some(Open::at(place, id)),
            Self::Away | Self::Off(_) | Self::Dropping(_) => None,
        }
    }
}

impl Drop for Held {
    #[inline]
    fn drop(&mut self) {
        if !self.is_away() {
            self.end_dropped();
        }
    }
}

/// Ends the span of a future that panicked, and lets the panic go on.
#[cold]
fn panicked(open: Open, payload: Box<dyn Any + Send>) -> ! {
    open.end(End::panicked(payload.as_ref()));
    resume_unwind(payload)
}
