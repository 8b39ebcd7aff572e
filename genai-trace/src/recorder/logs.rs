//! Events on their way to one exporter: a bounded queue and a thread, which begins with the first event.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::report::ExporterReport;
use super::tally::{Tally, say};
use super::{FOR_EVER, own_thread};
use crate::export::ExportError;
use crate::export::log::LogExporter;
use crate::record::LogRecord;
use crate::span::outcome::panic_message;
use crate::span::stack;

/// Most events that wait for one exporter.
const MOST: usize = 1024;

/// Events on their way to one exporter.
pub(super) struct Logs {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    waiting: VecDeque<LogRecord>,
    /// The exporter is with the thread while that works.
    exporter: Option<Box<dyn LogExporter>>,
    is_running: bool,
    /// Everything that is there is to be passed on.
    asked: u64,
    /// Until when whoever asked last waits; none where that is for ever.
    until: Option<Instant>,
    done: u64,
    stop: bool,
    dropped: u64,
    tally: Tally,
}

/// What the thread is to do.
struct Work {
    events: Vec<LogRecord>,
    /// The number of the flush that is asked for.
    ticket: Option<u64>,
    /// Nothing comes behind it.
    last: bool,
    /// Until when somebody waits for the flush.
    until: Instant,
}

impl std::fmt::Debug for Logs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Logs").finish_non_exhaustive()
    }
}

impl Logs {
    pub(super) fn new(exporter: Box<dyn LogExporter>) -> Arc<Self> {
        let tally = Tally::new(exporter.name());
        Arc::new(Self {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                exporter: Some(exporter),
                is_running: false,
                asked: 0,
                until: None,
                done: 0,
                stop: false,
                dropped: 0,
                tally,
            }),
            changed: Condvar::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves an event for the exporter; one that finds no room is dropped and counted.
    pub(super) fn push(self: &Arc<Self>, event: LogRecord) {
        let mut state = self.lock();
        if state.stop || state.waiting.len() >= MOST {
            state.dropped += 1;
            return;
        }
        if !state.is_running {
            let logs = Arc::clone(self);
            let name = format!("genai-trace-{}-logs", state.tally.name);
            if own_thread::start(name, Box::new(move || logs.run())).is_err() {
                state.dropped += 1;
                return;
            }
            state.is_running = true;
        }
        state.waiting.push_back(event);
        drop(state);
        self.changed.notify_all();
    }

    fn run(&self) {
        stack::silence();
        let Some(mut exporter) = self.lock().exporter.take() else {
            return;
        };
        while let Some(Work {
            events,
            ticket,
            last,
            until,
        }) = self.next()
        {
            if !events.is_empty() {
                let count = u64::try_from(events.len()).unwrap_or(u64::MAX);
                self.settle(count, guarded(|| exporter.export(&events)));
            }
            if let Some(ticket) = ticket {
                self.settle(0, guarded(|| exporter.flush(until)));
                if last {
                    self.settle(0, guarded(|| exporter.shutdown(until)));
                }
                self.lock().done = ticket;
                self.changed.notify_all();
            }
            if last {
                break;
            }
        }
        self.lock().is_running = false;
        self.changed.notify_all();
    }

    /// Waits for events, or for a flush; none at the end.
    fn next(&self) -> Option<Work> {
        let mut state = self.lock();
        loop {
            let ticket = (state.done < state.asked).then_some(state.asked);
            if ticket.is_some() || !state.waiting.is_empty() {
                return Some(Work {
                    events: state.waiting.drain(..).collect(),
                    ticket,
                    last: state.stop && ticket.is_some(),
                    until: state.until.unwrap_or_else(|| Instant::now() + FOR_EVER),
                });
            }
            if state.stop {
                return None;
            }
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Books what became of `count` events, and says it where the cause is new.
    fn settle(&self, count: u64, result: Result<(), ExportError>) {
        let news = self.lock().tally.settle(count, result);
        if let Some(news) = news {
            say(&news);
        }
    }

    /// Asks for everything that is there to be passed on, for the last time where `stop`; gives a number to wait
    /// for, where there is anything to do.
    pub(super) fn ask(&self, stop: bool, until: Option<Instant>) -> Option<u64> {
        let mut state = self.lock();
        state.until = until;
        let was_stopped = state.stop;
        state.stop |= stop;
        if !state.is_running {
            return None;
        }
        if !was_stopped {
            state.asked += 1;
        }
        self.changed.notify_all();
        Some(state.asked)
    }

    /// Waits until that was done; whether it was by `until`.
    pub(super) fn wait_for(&self, ticket: u64, until: Option<Instant>) -> bool {
        // The thread itself would wait for ever.
        if stack::is_silent() {
            return false;
        }
        let mut state = self.lock();
        while state.done < ticket && state.is_running {
            let left = until.map_or(Duration::from_secs(3600), |until| {
                until.saturating_duration_since(Instant::now())
            });
            if left.is_zero() {
                return false;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// What became of the events that were left here.
    pub(super) fn report(&self) -> ExporterReport {
        let state = self.lock();
        state.tally.report(state.dropped)
    }
}

/// Lets the exporter work; its panic is an error like any other.
fn guarded(work: impl FnOnce() -> Result<(), ExportError>) -> Result<(), ExportError> {
    let done = catch_unwind(AssertUnwindSafe(work));
    done.unwrap_or_else(|payload| {
        let message = panic_message(payload.as_ref());
        Err(ExportError::new(format_args!(
            "the exporter panicked: {message}"
        )))
    })
}
