//! What the spans of one test have in common: their numbers, their clock, the place where they are kept.
//!
//! A capture travels in the [`Scope`] of its spans, so that children find it on any thread; where
//! there is no span yet, it is the [`Place`] that the test's thread is in. Captured spans take the
//! way of all others, but for three things: the capture gives them their times, their records stay in
//! it under numbers of its own, and no metric counts them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::callsite::Callsite;
use super::frame::Frame;
use super::ids::{SpanId, TraceId};
use super::opening::Parent;
use super::outcome::Outcome;
use super::scope::Scope;
use super::stack::{self, SpanStack, ThreadState};
use crate::export::view::{AgentNames, SpanView};
use crate::record::{Attributes, SpanRecord};
use crate::recorder::capturing::{CAPTURED, Capturing, is_capturing};
use crate::recorder::entry::Header;
use crate::sys::clock;

/// When a capture's own clock begins: 2026-01-01T00:00:00Z.
const BEGINNING: u64 = 1_767_225_600_000_000_000;

/// Where the times of captured spans come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clock {
    /// The clock of all other spans.
    Real,
    /// One of its own, which each reading advances by so many nanoseconds.
    Steps(u64),
}

/// What the spans of one test have in common.
#[derive(Debug)]
pub(crate) struct Capture {
    state: Mutex<State>,
    clock: Clock,
    /// What is to be added to times for nanoseconds since 1970.
    offset: i64,
    /// Nothing is said of the process: it differs from run to run.
    resource: Arc<Attributes>,
    /// Begun spans are looked for while anything refers to the capture.
    _capturing: Capturing,
}

#[derive(Debug)]
struct State {
    /// Where the clock of its own stands.
    now: u64,
    /// The number of each span by its id. That is the process's own while the span is open: spans of
    /// several captures may meet on one thread.
    numbers: HashMap<SpanId, u64>,
    traces: HashMap<TraceId, u64>,
    /// Beginnings and ends so far, the order of which no clock blurs.
    moments: usize,
    /// By their number, less one.
    spans: Vec<CapturedSpan>,
    /// The test has taken the spans: what begins or ends now comes too late.
    closed: bool,
}

/// A span of a capture.
#[derive(Clone, Debug)]
pub(crate) struct CapturedSpan {
    /// As an exporter would see it; what was known at the beginning while it is open.
    pub(crate) record: SpanRecord,
    /// The moment at which it began.
    pub(crate) began: usize,
    /// The moment at which it ended, and how; none while it is open.
    pub(crate) ended: Option<(usize, Outcome)>,
}

impl Capture {
    pub(crate) fn new(clock: Clock) -> Arc<Self> {
        let capturing = Capturing::begin();
        Arc::new(Self {
            state: Mutex::new(State {
                now: BEGINNING,
                numbers: HashMap::new(),
                traces: HashMap::new(),
                moments: 0,
                spans: Vec::new(),
                closed: false,
            }),
            clock,
            offset: match clock {
                Clock::Real => {
                    clock::start();
                    clock::offset()
                }
                Clock::Steps(_) => 0,
            },
            resource: Arc::default(),
            _capturing: capturing,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A scope of this capture: `above`, if it is one.
    pub(super) fn scope(self: &Arc<Self>, above: Option<Arc<Scope>>) -> Arc<Scope> {
        match above {
            Some(above) if above.capture().is_some() => above,
            other => Scope::captured(other.as_deref(), self),
        }
    }

    /// Begins the span in `frame`: gives it its number and its start, at once, so that their order is
    /// one. None once the capture is over.
    pub(super) fn begin(&self, frame: &mut Frame) -> Option<()> {
        let mut state = self.lock();
        if state.closed {
            return None;
        }
        let number = u64::try_from(state.spans.len()).ok()? + 1;
        state.numbers.insert(frame.span_id, number);
        if frame.parent.is_none() {
            let trace = u64::try_from(state.traces.len()).ok()? + 1;
            state.traces.insert(frame.trace_id, trace);
        }
        frame.offset = self.offset;
        frame.generation = CAPTURED.get();
        frame.start = state.read(self.clock);
        let began = state.next_moment();
        let header = Header {
            callsite: frame.callsite.registered().id,
            trace_id: frame.trace_id,
            span_id: frame.span_id,
            parent: frame.parent,
            start: frame.start,
            end: frame.start,
            offset: frame.offset,
            agent: frame
                .scope
                .as_deref()
                .map(|scope| scope.nearest_agent().label)
                .unwrap_or_default(),
            outcome: Outcome::Ok,
            is_local_root: frame.is_local_root,
        };
        state.spans.push(CapturedSpan {
            record: self.record(&header, frame.callsite, frame.items.bytes()),
            began,
            ended: None,
        });
        Some(())
    }

    /// Ends a span.
    pub(super) fn end(&self, header: &Header, callsite: &'static Callsite, items: &[u8]) {
        let mut state = self.lock();
        let moment = state.next_moment();
        // None once the test has taken the spans.
        let Some(number) = state.numbers.get(&header.span_id).copied() else {
            return;
        };
        let index = usize::try_from(number - 1).unwrap_or(usize::MAX);
        if let Some(span) = state.spans.get_mut(index) {
            span.record = self.record(header, callsite, items);
            span.ended = Some((moment, header.outcome));
        }
    }

    fn record(&self, header: &Header, callsite: &'static Callsite, items: &[u8]) -> SpanRecord {
        let agent = AgentNames::default().of(header, callsite);
        let view = SpanView {
            header: *header,
            callsite,
            items,
            agent,
        };
        view.record(&self.resource)
    }

    /// The time now.
    pub(crate) fn now(&self) -> u64 {
        self.lock().read(self.clock)
    }

    /// Moves the clock forward by hand; whether it is one that can be moved.
    pub(crate) fn advance(&self, by: Duration) -> bool {
        let nanos = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        let mut state = self.lock();
        state.now = state.now.saturating_add(nanos);
        matches!(self.clock, Clock::Steps(_))
    }

    /// Takes the spans, in the order in which they began. The capture is over.
    pub(crate) fn close(&self) -> Vec<CapturedSpan> {
        let mut state = self.lock();
        state.closed = true;
        let mut spans = std::mem::take(&mut state.spans);
        let (numbers, traces) = (
            std::mem::take(&mut state.numbers),
            std::mem::take(&mut state.traces),
        );
        for CapturedSpan { record, .. } in &mut spans {
            number(&mut record.trace_id, &mut record.span_id, &numbers, &traces);
            if let Some(parent) = &mut record.parent_span_id {
                *parent = numbered(*parent, &numbers);
            }
            for link in &mut record.links {
                number(&mut link.trace_id, &mut link.span_id, &numbers, &traces);
            }
        }
        spans
    }
}

/// Puts numbers in the place of ids that belong to the capture.
fn number(
    trace: &mut TraceId,
    span: &mut SpanId,
    numbers: &HashMap<SpanId, u64>,
    traces: &HashMap<TraceId, u64>,
) {
    if let Some(number) = traces.get(trace) {
        *trace = TraceId::from_bytes(u128::from(*number).to_be_bytes()).unwrap_or(*trace);
    }
    *span = numbered(*span, numbers);
}

fn numbered(id: SpanId, numbers: &HashMap<SpanId, u64>) -> SpanId {
    let number = numbers.get(&id);
    number
        .and_then(|number| SpanId::from_bytes(number.to_be_bytes()))
        .unwrap_or(id)
}

impl State {
    fn read(&mut self, clock: Clock) -> u64 {
        match clock {
            Clock::Real => clock::now(),
            Clock::Steps(step) => {
                let now = self.now;
                self.now = now.saturating_add(step);
                now
            }
        }
    }

    fn next_moment(&mut self) -> usize {
        self.moments += 1;
        self.moments
    }
}

/// The capture that a span belongs to whose parent is said to be `parent`: that one's, unless it is
/// a span of another process; where none is said, the one that the thread is in.
#[inline]
pub(super) fn of(
    parent: &Parent,
    frames: &mut SpanStack,
    thread: &ThreadState,
) -> Option<Arc<Capture>> {
    if !is_capturing() {
        return None;
    }
    match parent {
        Parent::Said(context) if context.offset().is_some() => context.scope()?.capture().cloned(),
        _ => here(frames, thread),
    }
}

/// The capture of whatever the thread has entered last: a span, or work that was carried here from
/// outside any. Of a thread that has entered nothing, its own.
fn here(frames: &mut SpanStack, thread: &ThreadState) -> Option<Arc<Capture>> {
    match frames.top() {
        Some(frame) => frame.scope.as_deref()?.capture().cloned(),
        None => thread.capture.clone(),
    }
}

/// The capture that the thread is in.
pub(crate) fn current() -> Option<Arc<Capture>> {
    if !is_capturing() {
        return None;
    }
    stack::with(|local| here(&mut local.frames, &local.thread)).flatten()
}

/// Where captured work stands: in its capture, and in the spans that it has entered and not left.
#[derive(Debug)]
pub(crate) struct Place {
    frames: SpanStack,
    capture: Option<Arc<Capture>>,
}

impl Place {
    /// At the beginning of a capture: outside any span.
    pub(crate) fn new(capture: &Arc<Capture>) -> Self {
        Self {
            frames: SpanStack::default(),
            capture: Some(Arc::clone(capture)),
        }
    }

    /// Takes the thread to this place, until what is returned is dropped. The spans that the thread
    /// is in stay behind, so that the work is a child of none.
    pub(crate) fn enter(&mut self) -> Inside<'_> {
        let entered = stack::with(|local| {
            local.frames.go_to(std::mem::take(&mut self.frames));
            std::mem::swap(&mut local.thread.capture, &mut self.capture);
        });
        Inside(entered.map(|()| self))
    }

    fn leave(&mut self) {
        stack::with(|local| {
            self.frames = local.frames.go_back();
            std::mem::swap(&mut local.thread.capture, &mut self.capture);
        });
    }
}

/// The thread is inside a capture; not where it could not enter it.
#[derive(Debug)]
pub(crate) struct Inside<'a>(Option<&'a mut Place>);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        if let Some(place) = &mut self.0 {
            place.leave();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span;

    #[test]
    fn nothing_refers_to_a_capture_once_it_is_over() {
        let capture = Capture::new(Clock::Real);
        let known = Arc::downgrade(&capture);
        {
            let mut place = Place::new(&capture);
            let _inside = place.enter();
            span("agent")
                .operation(crate::Operation::Agent)
                .run(|| span("step").conversation_id("c-1").run(|| {}));
        }
        assert_eq!(capture.close().len(), 2);
        drop(capture);
        assert!(known.upgrade().is_none());
    }

    #[test]
    fn what_begins_after_the_end_is_of_nobody() {
        let capture = Capture::new(Clock::Real);
        let mut place = Place::new(&capture);
        let _inside = place.enter();
        let open = span("open").enter();
        let context = open.context();
        assert_eq!(capture.close().len(), 1);
        assert_eq!(span("late").parent(&context).enter().context(), None);
        drop(open);
        assert!(capture.close().is_empty());
    }
}
