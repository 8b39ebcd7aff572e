//! What is to be done every so often, and once more at the end, on a thread of its own: it may print.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Recorder;
use super::own_thread;
use crate::span::stack;

/// What is to be done every so often, and once more at the end.
pub(crate) struct Periodic {
    pub(crate) every: Duration,
    pub(crate) work: Box<dyn FnMut(&Recorder) + Send>,
}

/// Ends the work.
#[derive(Debug, Default)]
pub(super) struct Timer {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    is_running: bool,
    /// The last time is now.
    stop: bool,
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
        self.lock().is_running = true;
        let work = move || timer.run(&recorder, periodic);
        let started = own_thread::start("genai-trace-periodic".to_owned(), Box::new(work));
        if let Err(error) = started {
            self.lock().is_running = false;
            return Err(error);
        }
        Ok(())
    }

    fn run(&self, recorder: &Recorder, Periodic { every, mut work }: Periodic) {
        stack::silence();
        loop {
            let stop = self.pause(every);
            // What it prints is its own affair; a panic in it must not end the thread.
            let _ = catch_unwind(AssertUnwindSafe(|| work(recorder)));
            if stop {
                self.lock().is_running = false;
                self.changed.notify_all();
                return;
            }
        }
    }

    /// Waits for the next time; whether it is the last.
    fn pause(&self, every: Duration) -> bool {
        let state = self.lock();
        self.changed
            .wait_timeout_while(state, every, |state| !state.stop)
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .stop
    }

    /// Has the work done for the last time, and waits for that until `until`; whether it was done.
    pub(super) fn stop(&self, until: Option<Instant>) -> bool {
        let mut state = self.lock();
        state.stop = true;
        self.changed.notify_all();
        let left = until.map_or(Duration::from_secs(3600), |until| {
            until.saturating_duration_since(Instant::now())
        });
        !self
            .changed
            .wait_timeout_while(state, left, |state| state.is_running)
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .is_running
    }
}
