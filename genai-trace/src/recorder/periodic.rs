//! What is to be done every so often, and once more at the end, on a thread of its own: it may print, or send.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::tally::SharedTally;
use super::{FOR_EVER, Recorder, own_thread};
use crate::span::stack;

/// What is to be done every so often, and once more at the end.
pub(crate) struct Periodic {
    pub(crate) every: Duration,
    /// A flush asks for it too.
    pub(crate) at_flush: bool,
    /// What becomes of the data points that it sends.
    pub(crate) tally: Option<Arc<SharedTally>>,
    pub(crate) work: Box<Work>,
}

/// What is done, and until when somebody waits for it.
pub(crate) type Work = dyn FnMut(&Recorder, Round, Instant) + Send;

/// Why it is done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Round {
    /// It is time.
    Due,
    Flush,
    Last,
}

/// Asks for the work, and ends it.
#[derive(Debug, Default)]
pub(super) struct Timer {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    is_running: bool,
    takes_flushes: bool,
    /// Flushes that were asked for, and those that were done.
    asked: u64,
    done: u64,
    /// The last time is now.
    stop: bool,
    /// Until when whoever asked last waits; none where that is for ever.
    until: Option<Instant>,
}

impl Timer {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the thread.
    pub(super) fn start(
        self: &Arc<Self>,
        recorder: Arc<Recorder>,
        periodic: Periodic,
    ) -> io::Result<()> {
        let timer = Arc::clone(self);
        {
            let mut state = self.lock();
            state.is_running = true;
            state.takes_flushes = periodic.at_flush;
        }
        let work = move || timer.run(&recorder, periodic);
        let started = own_thread::start("genai-trace-periodic".to_owned(), Box::new(work));
        if let Err(error) = started {
            self.lock().is_running = false;
            return Err(error);
        }
        Ok(())
    }

    fn run(&self, recorder: &Recorder, periodic: Periodic) {
        let Periodic {
            every, mut work, ..
        } = periodic;
        stack::silence();
        loop {
            let (round, asked, until) = self.pause(every);
            // What it prints is its own affair; a panic in it must not end the thread.
            let _ = catch_unwind(AssertUnwindSafe(|| work(recorder, round, until)));
            let mut state = self.lock();
            state.done = asked;
            state.is_running = round != Round::Last;
            self.changed.notify_all();
            if round == Round::Last {
                return;
            }
        }
    }

    /// Waits for the next time; why it is, which flushes are done with it, and until when they wait.
    fn pause(&self, every: Duration) -> (Round, u64, Instant) {
        let is_early = |state: &mut State| !state.stop && state.asked == state.done;
        let state = self
            .changed
            .wait_timeout_while(self.lock(), every, is_early)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
        let round = match (state.stop, state.asked > state.done) {
            (true, _) => Round::Last,
            (false, true) => Round::Flush,
            (false, false) => Round::Due,
        };
        let until = state.until.unwrap_or_else(|| Instant::now() + FOR_EVER);
        (round, state.asked, until)
    }

    /// Has the work done now, where a flush asks for it, and waits for that until `until`; whether it was done.
    pub(super) fn flush(&self, until: Option<Instant>) -> bool {
        let mut state = self.lock();
        if !state.takes_flushes {
            return true;
        }
        state.asked += 1;
        state.until = until;
        let ticket = state.asked;
        self.wait(state, until, |state| state.done < ticket)
    }

    /// Has the work done for the last time, and waits for that until `until`; whether it was done.
    pub(super) fn stop(&self, until: Option<Instant>) -> bool {
        let mut state = self.lock();
        state.stop = true;
        state.until = until;
        self.wait(state, until, |_| true)
    }

    /// Waits while the thread runs and `is_due`; whether it came to an end before `until`.
    fn wait(
        &self,
        state: MutexGuard<'_, State>,
        until: Option<Instant>,
        is_due: impl Fn(&State) -> bool,
    ) -> bool {
        self.changed.notify_all();
        let left = until.map_or(Duration::from_secs(3600), |until| {
            until.saturating_duration_since(Instant::now())
        });
        let is_waiting = |state: &mut State| state.is_running && is_due(state);
        !self
            .changed
            .wait_timeout_while(state, left, is_waiting)
            .unwrap_or_else(PoisonError::into_inner)
            .1
            .timed_out()
    }
}
