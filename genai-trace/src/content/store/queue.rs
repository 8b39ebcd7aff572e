//! What waits to be stored, and the thread that stores it.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::item::Item;
use super::report::ContentStoreReport;
use super::sink::ContentSink;
use crate::recorder::own_thread;
use crate::recorder::tally::say;
use crate::span::outcome::panic_message;
use crate::span::stack;
use crate::sys::fork::Process;

/// Most references that are remembered as put before.
const MOST_KNOWN: usize = 64 * 1024;
/// How often the thread looks whether anybody still holds the store.
const PATIENCE: Duration = Duration::from_secs(1);

/// What waits to be stored.
pub(super) struct Queue {
    state: Mutex<State>,
    /// There is something to do.
    filled: Condvar,
    /// All was done.
    emptied: Condvar,
    /// Most bytes that wait.
    most_bytes: usize,
    /// A child of it has no thread that stores.
    process: Process,
}

#[derive(Default)]
struct State {
    items: VecDeque<Item>,
    bytes: usize,
    /// Whether the thread has one in its hands.
    is_busy: bool,
    /// Whether the system has given no thread.
    lacks_thread: bool,
    known: HashSet<String>,
    report: ContentStoreReport,
}

impl Queue {
    /// A queue, and the thread that stores what comes into it. Where there is no thread nothing finds
    /// room.
    pub(super) fn start(sink: Arc<dyn ContentSink>, most_bytes: usize) -> Arc<Self> {
        let queue = Arc::new(Self {
            state: Mutex::default(),
            filled: Condvar::new(),
            emptied: Condvar::new(),
            most_bytes,
            process: Process::this(),
        });
        let weak = Arc::downgrade(&queue);
        let work = move || work(&weak, sink.as_ref());
        if let Err(error) = own_thread::start("genai-trace-content".to_owned(), Box::new(work)) {
            let mut state = queue.lock();
            state.lacks_thread = true;
            state.report.last_error = Some(error.to_string());
            drop(state);
            say(&format!("genai-trace: content is not stored: {error}\n"));
        }
        queue
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves `item` for the thread; its reference, unless there is no room.
    pub(super) fn put(&self, item: Item) -> Option<String> {
        // In a child of the process the lock may be held by a thread that is not there.
        if !self.process.is_this() {
            return None;
        }
        let mut state = self.lock();
        if state.known.contains(&item.reference) {
            state.report.known += 1;
            return Some(item.reference);
        }
        if state.lacks_thread || state.bytes + item.bytes.len() > self.most_bytes {
            state.report.dropped += 1;
            return None;
        }
        if state.known.len() == MOST_KNOWN {
            state.known.clear();
        }
        let reference = item.reference.clone();
        state.known.insert(reference.clone());
        state.bytes += item.bytes.len();
        state.items.push_back(item);
        drop(state);
        self.filled.notify_one();
        Some(reference)
    }

    /// Waits until nothing waits, or `until`; whether nothing does.
    pub(super) fn wait(&self, until: Option<Instant>) -> bool {
        if !self.process.is_this() {
            return true;
        }
        let mut state = self.lock();
        while state.is_busy || !state.items.is_empty() {
            let left = until.map_or(Duration::from_secs(3600), |until| {
                until.saturating_duration_since(Instant::now())
            });
            // The thread would wait for itself.
            if left.is_zero() || stack::is_silent() {
                return false;
            }
            state = self
                .emptied
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        true
    }

    pub(super) fn report(&self) -> ContentStoreReport {
        match self.process.is_this() {
            true => self.lock().report.clone(),
            false => ContentStoreReport::default(),
        }
    }

    /// Waits a while for something to store.
    fn next(&self) -> Option<Item> {
        let mut state = self.lock();
        state.is_busy = false;
        if state.items.is_empty() {
            self.emptied.notify_all();
            state = self
                .filled
                .wait_timeout(state, PATIENCE)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        let item = state.items.pop_front()?;
        state.bytes -= item.bytes.len();
        state.is_busy = true;
        Some(item)
    }

    /// Books what came of an item; the first of each cause in a row is said.
    fn settle(&self, item: &Item, result: io::Result<()>) {
        let mut state = self.lock();
        let Err(error) = result else {
            state.report.stored += 1;
            return;
        };
        state.report.failed += 1;
        // It may come again when there is room.
        state.known.remove(&item.reference);
        let message = error.to_string();
        let is_new = state.report.last_error.as_ref() != Some(&message);
        state.report.last_error = Some(message.clone());
        drop(state);
        if is_new {
            say(&format!("genai-trace: content is not stored: {message}\n"));
        }
    }
}

/// Stores what comes, as long as anybody holds the store.
fn work(queue: &Weak<Queue>, sink: &dyn ContentSink) {
    stack::silence();
    while let Some(queue) = queue.upgrade() {
        while let Some(item) = queue.next() {
            let put = || sink.put(&item.reference, &item.bytes);
            let result = catch_unwind(AssertUnwindSafe(put)).unwrap_or_else(|payload| {
                let message = panic_message(payload.as_ref());
                Err(io::Error::other(format!("the sink panicked: {message}")))
            });
            queue.settle(&item, result);
        }
    }
}
