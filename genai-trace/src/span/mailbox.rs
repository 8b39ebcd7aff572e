//! What is recorded for a span that is not at hand.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ids::{SpanId, TraceId};
use super::items::Items;
use crate::recorder::in_flight::{Log, Pages};
use crate::sys::fork::Process;

/// Takes what is recorded for a span from elsewhere: by a handle on another thread, or while its
/// future waits. None once the span has ended.
#[derive(Debug)]
pub(crate) struct Mailbox {
    letters: Mutex<Option<Letters>>,
    /// The process whose threads share it. In a forked child it is closed: a thread that is not there
    /// may have been about to leave something.
    process: Process,
}

/// What was left for a span.
#[derive(Debug, Default)]
struct Letters {
    items: Items,
    /// Where they survive a crash, and the span that they are for.
    keeper: Option<(Arc<Pages>, TraceId, SpanId)>,
    /// The same there.
    log: Option<Log>,
    /// How many logs there were.
    logs: u64,
    /// What calls inside the span have said that belong to it: it holds where the span does not say it itself.
    inner: Items,
    /// One of them was answered.
    is_answered: bool,
}

impl Default for Mailbox {
    fn default() -> Self {
        Self {
            letters: Mutex::new(Some(Letters::default())),
            process: Process::this(),
        }
    }
}

impl Mailbox {
    /// Takes nothing: of a span that is not of this process.
    pub(super) fn closed() -> Self {
        Self {
            letters: Mutex::new(None),
            process: Process::this(),
        }
    }

    fn lock(&self) -> Option<MutexGuard<'_, Option<Letters>>> {
        self.process
            .is_this()
            .then(|| self.letters.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Leaves what `work` says for the span, if it is still open.
    pub(crate) fn post(&self, work: impl FnOnce(&mut Items)) {
        if !self.is_open() {
            return;
        }
        // Filled before it is left: the user's code must not run under the lock.
        let mut letter = Items::default();
        work(&mut letter);
        if let Some(mut letters) = self.lock()
            && let Some(letters) = letters.as_mut()
        {
            letters.take(&letter);
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.lock().is_some_and(|letters| letters.is_some())
    }

    /// Leaves what a call inside the span has said, if the span is still open.
    pub(super) fn post_inner(&self, fill: impl FnOnce(&mut Items)) {
        if let Some(mut letters) = self.lock()
            && let Some(letters) = letters.as_mut()
        {
            fill(&mut letters.inner);
        }
    }

    /// Notes that a call inside the span was answered; whether it is the first, and the span still open.
    pub(super) fn take_answer(&self) -> bool {
        let mut letters = self.lock();
        let letters = letters.as_mut().and_then(|letters| letters.as_mut());
        letters.is_some_and(|letters| !std::mem::replace(&mut letters.is_answered, true))
    }

    /// Whether a call inside the span was answered.
    pub(super) fn has_answer(&self) -> bool {
        let letters = self.lock();
        let letters = letters.as_ref().and_then(|letters| letters.as_ref());
        letters.is_some_and(|letters| letters.is_answered)
    }

    /// From now on what is left survives a crash in `pages`.
    pub(super) fn keep_in(&self, pages: &Arc<Pages>, trace_id: TraceId, span_id: SpanId) {
        if let Some(mut letters) = self.lock()
            && let Some(letters) = letters.as_mut()
        {
            letters.keeper = Some((Arc::clone(pages), trace_id, span_id));
        }
    }

    /// What was left, and where it survives a crash until it is let go.
    pub(super) fn empty(&self) -> Option<(Items, Option<Log>)> {
        let mut letters = self.lock()?;
        let letters = letters
            .as_mut()
            .filter(|letters| !letters.items.is_untouched())?;
        Some((std::mem::take(&mut letters.items), letters.log.take()))
    }

    /// What was left, and what calls inside the span have said.
    pub(super) fn close(&self) -> Option<(Items, Items)> {
        let letters = self.lock()?.take()?;
        let is_empty = letters.items.is_untouched() && letters.inner.is_untouched();
        (!is_empty).then_some((letters.items, letters.inner))
    }

    /// Opens it again for another span.
    pub(super) fn reopen(&mut self) {
        *self = Self::default();
    }
}

impl Letters {
    fn take(&mut self, letter: &Items) {
        self.items.append(letter);
        if let Some((pages, trace_id, span_id)) = &self.keeper {
            if self.log.is_none() {
                self.logs += 1;
                self.log = Log::of_letters(pages, *trace_id, *span_id, self.logs);
            }
            self.log.as_mut().map(|log| log.append(letter.bytes()));
        }
    }
}
