//! Calls of a subscriber: the user's code, which may panic, and which may begin, enter and end spans of ours.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};

use ::tracing_core::Metadata;
use ::tracing_core::callsite::Identifier;

use crate::span::current::SpanRef;
use crate::span::ids::{SpanId, TraceId};

thread_local! {
    static IS_CALLING: Cell<bool> = const { Cell::new(false) };
    /// The span that a subscriber is told something of.
    static TOLD_OF: Cell<Option<(TraceId, SpanId)>> = const { Cell::new(None) };
    /// The span that a subscriber is being told of.
    static MADE: RefCell<Option<(Identifier, SpanRef)>> = const { RefCell::new(None) };
}

/// Whether this thread is in a call that is made from here.
pub(in crate::bridge::tracing) fn is_calling() -> bool {
    IS_CALLING.get()
}

/// The span that this thread tells a subscriber something of just now: ours may have been left already.
pub(in crate::bridge::tracing) fn told_of() -> Option<(TraceId, SpanId)> {
    TOLD_OF.get()
}

/// The span of ours that `metadata` is made for just now.
pub(in crate::bridge::tracing) fn span_of(metadata: &Metadata<'_>) -> Option<SpanRef> {
    MADE.try_with(|made| {
        let made = made.try_borrow().ok()?;
        let (callsite, span) = made.as_ref()?;
        (*callsite == metadata.callsite()).then(|| span.clone())
    })
    .ok()
    .flatten()
}

/// Does `work`, the spans of which are not shown.
pub(in crate::bridge::tracing) fn unshown<T>(work: impl FnOnce() -> T) -> T {
    let _until_done = Calling::begin();
    work()
}

/// The thread is in a call until this is dropped.
#[derive(Debug)]
struct Calling {
    was: bool,
}

impl Calling {
    fn begin() -> Self {
        Self {
            was: IS_CALLING.replace(true),
        }
    }
}

impl Drop for Calling {
    fn drop(&mut self) {
        IS_CALLING.set(self.was);
    }
}

/// Makes a call, unless the thread is in one: what a subscriber does of its own is not shown to it, which would
/// have no end. A panic stays here; its message was printed by the panic hook.
pub(super) fn anew<T>(call: impl FnOnce() -> T) -> Option<T> {
    match is_calling() {
        true => None,
        false => unshown(|| catch(call)),
    }
}

/// Makes a call, in any case, that is about the span of these ids.
pub(super) fn about<T>(ids: Option<(TraceId, SpanId)>, call: impl FnOnce() -> T) -> Option<T> {
    let before = TOLD_OF.replace(ids);
    let done = unshown(|| catch(call));
    TOLD_OF.set(before);
    done
}

/// None where `call` panics.
fn catch<T>(call: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call)).ok()
}

/// Makes a call that makes `metadata` for `span`.
pub(super) fn making<T>(
    metadata: &Metadata<'_>,
    span: &SpanRef,
    call: impl FnOnce() -> T,
) -> Option<T> {
    anew(|| {
        set_made(Some((metadata.callsite(), span.clone())));
        let done = catch(call);
        set_made(None);
        done
    })
    .flatten()
}

fn set_made(made: Option<(Identifier, SpanRef)>) {
    let _ = MADE.try_with(|place| place.replace(made));
}
