//! The process forks. The child has the memory of its parent and one thread, the one that forked:
//! no thread takes spans there, and what other threads had locked stays locked.
//!
//! So the child begins without telemetry. Annotated functions run plainly, spans that were open
//! belong to the parent, and the parent's guard does nothing. A child that wants traces of its own
//! installs telemetry of its own.

use std::cell::Cell;
use std::io;
use std::mem::ManuallyDrop;
use std::sync::{Arc, MutexGuard, RwLockWriteGuard};

#[cfg(feature = "opentelemetry")]
use crate::bridge::opentelemetry::begun;
#[cfg(feature = "tracing")]
use crate::bridge::tracing::shown::callsite as shown;
use crate::metrics::symbol;
#[cfg(unix)]
use crate::recorder::black_box::names::{self, HeldNames};
use crate::recorder::held::HeldRecorder;
use crate::span::callsite::{self, Callsite};
use crate::span::error_type;
use crate::span::stack::{self, departed};
use crate::sys::clock;
use crate::sys::fork::{Work, at_fork};

/// Every lock that stands in a `static`, held over the fork so that the child finds it free. Taken
/// from the first to the last: whoever holds two of them took them in this order.
struct Held {
    departed: MutexGuard<'static, departed::Shared>,
    recorder: HeldRecorder,
    _clock: MutexGuard<'static, clock::Steering>,
    _callsites: MutexGuard<'static, Vec<&'static Callsite>>,
    _symbols: MutexGuard<'static, symbol::Values>,
    #[cfg(unix)]
    names: HeldNames,
    _error_types: RwLockWriteGuard<'static, Option<Arc<[error_type::Entry]>>>,
    #[cfg(feature = "opentelemetry")]
    _begun: MutexGuard<'static, begun::ById>,
    #[cfg(feature = "tracing")]
    _shown: MutexGuard<'static, shown::ByName>,
}

thread_local! {
    /// Never dropped, so that a destructor of the thread's locals may fork as well.
    static HELD: Cell<Option<ManuallyDrop<Held>>> = const { Cell::new(None) };
}

pub(super) fn follow() -> io::Result<()> {
    // These are made when first used, and no fork may come in between.
    clock::start();
    drop(symbol::hold());
    #[cfg(feature = "tracing")]
    drop(shown::hold());
    at_fork(Work {
        before,
        in_parent,
        in_child,
    })
}

fn before() {
    HELD.set(Some(ManuallyDrop::new(Held {
        departed: departed::hold(),
        recorder: HeldRecorder::take(),
        _clock: clock::hold(),
        _callsites: callsite::hold(),
        _symbols: symbol::hold(),
        #[cfg(unix)]
        names: names::hold(),
        _error_types: error_type::hold(),
        #[cfg(feature = "opentelemetry")]
        _begun: begun::hold(),
        #[cfg(feature = "tracing")]
        _shown: shown::hold(),
    })));
}

fn in_parent() {
    drop(HELD.take().map(ManuallyDrop::into_inner));
}

fn in_child() {
    if let Some(held) = HELD.take() {
        let mut held = ManuallyDrop::into_inner(held);
        let_go_of_the_parents(&mut held);
    }
}

/// Lets go of what belongs to the parent. Nothing of it is dropped: it may be locked by threads that
/// are not here, and files and mappings among it are the parent's to end. What else a child must not
/// keep is let go here.
fn let_go_of_the_parents(held: &mut Held) {
    held.departed.leave_to_parent();
    held.recorder.leave_to_parent();
    #[cfg(unix)]
    held.names.leave_to_parent();
    stack::leave_to_parent();
}
