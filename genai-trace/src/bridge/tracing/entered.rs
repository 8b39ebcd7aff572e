//! The spans of `tracing` that a thread is in.
//!
//! A span that is entered on one thread alone stands on that one's stack, as if it had begun there; where a thread
//! has it, others are in a stand-in.

use std::cell::RefCell;

use ::tracing_core::span::Id;

use super::bridged::Bridged;
use crate::span::current::SpanRef;
use crate::span::detached::OpenSpan;
use crate::span::open::Open;
use crate::span::stand_in::StandIn;

thread_local! {
    static ENTERED: RefCell<Vec<Inside>> = const { RefCell::new(Vec::new()) };
}

/// That a thread is in a span.
#[derive(Debug)]
struct Inside {
    id: u64,
    /// The span, where it stands on this thread's stack.
    itself: Option<Open>,
    /// Leaves it when it is dropped.
    _stand_in: Option<StandIn>,
}

/// The thread enters a span.
pub(super) fn enter(id: &Id, bridged: &mut Bridged) {
    let itself = bridged.span.as_mut().and_then(OpenSpan::enter);
    let stand_in = match itself {
        Some(_) => None,
        None => bridged.handle.stand_in(),
    };
    let inside = push(id, itself, stand_in);
    // The thread ends, and nobody will say when it leaves the span.
    leave_itself(inside, bridged);
}

/// The thread enters a span of ours by that for which it is known to `tracing`.
pub(super) fn enter_own(id: &Id, own: &SpanRef) {
    push(id, None, own.stand_in());
}

/// Notes that the thread is in a span; gives it back where it is about to end.
fn push(id: &Id, itself: Option<Open>, stand_in: Option<StandIn>) -> Option<Inside> {
    let mut inside = Some(Inside {
        id: id.into_u64(),
        itself,
        _stand_in: stand_in,
    });
    let _ = ENTERED.try_with(|entered| {
        if let (Ok(mut entered), Some(inside)) = (entered.try_borrow_mut(), inside.take()) {
            entered.push(inside);
        }
    });
    inside
}

/// The thread leaves a span, whether it has entered others since or not.
pub(super) fn leave(id: &Id, bridged: &mut Bridged) {
    leave_itself(take(id), bridged);
}

/// The same of a span of ours.
pub(super) fn leave_own(id: &Id) {
    drop(take(id));
}

fn take(id: &Id) -> Option<Inside> {
    let inside = ENTERED.try_with(|entered| {
        let mut entered = entered.try_borrow_mut().ok()?;
        let id = id.into_u64();
        let place = entered.iter().rposition(|inside| inside.id == id)?;
        Some(entered.remove(place))
    });
    inside.ok().flatten()
}

fn leave_itself(inside: Option<Inside>, bridged: &mut Bridged) {
    if let Some(open) = inside.and_then(|inside| inside.itself)
        && let Some(span) = &mut bridged.span
    {
        span.leave(open);
    }
}
