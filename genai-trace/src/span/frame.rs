//! A span while it is open.

use std::sync::{Arc, Mutex, PoisonError};

use super::callsite::Callsite;
use super::context::SpanContext;
use super::ids::{SpanId, TraceId};
use super::items::Items;
use super::scope::Scope;
use crate::metrics::Symbol;

/// A span while it is open: on the stack of the thread that runs it, or, between two polls, in the
/// future that it belongs to.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) callsite: &'static Callsite,
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) parent: Option<SpanId>,
    /// Nanoseconds since 1970.
    pub(crate) start: u64,
    /// The subject under which it was counted as open.
    pub(crate) subject: Symbol,
    pub(crate) items: Items,
    /// The agent and conversation that it works for; an agent's own.
    pub(crate) scope: Option<Arc<Scope>>,
    /// What others record for it while it is not at hand.
    pub(crate) mailbox: Option<Arc<Mailbox>>,
    /// The recorder that it belongs to.
    pub(crate) generation: u32,
}

impl Frame {
    pub(crate) fn context(&self) -> SpanContext {
        SpanContext::with_scope(self.trace_id, self.span_id, self.scope.clone())
    }

    pub(crate) fn mailbox(&mut self) -> Arc<Mailbox> {
        Arc::clone(self.mailbox.get_or_insert_default())
    }

    /// Closes the mailbox, and takes over what lies in it.
    pub(crate) fn collect(&mut self) {
        if let Some(mailbox) = self.mailbox.take()
            && let Some(items) = mailbox.close()
            && !items.is_empty()
        {
            self.items.append(&items);
        }
    }
}

/// Takes what is recorded for a span from elsewhere: by a handle on another thread, or while its
/// future waits.
#[derive(Debug)]
pub(crate) struct Mailbox(Mutex<Option<Items>>);

impl Default for Mailbox {
    fn default() -> Self {
        Self(Mutex::new(Some(Items::default())))
    }
}

impl Mailbox {
    /// Records for the span; whether it was still open.
    pub(crate) fn edit(&self, work: impl FnOnce(&mut Items)) -> bool {
        let mut items = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        items.as_mut().map(work).is_some()
    }

    pub(crate) fn is_open(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }

    fn close(&self) -> Option<Items> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
