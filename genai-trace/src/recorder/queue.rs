//! What waits for one exporter: bounded, so that one that is slow or hangs costs spans of its own
//! and nobody else's time.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use super::batch::Batch;
use super::report::ExporterReport;
use super::survival::Release;
use super::tally::Tally;
use crate::export::ExportError;
use crate::span::stack;

/// Most bytes of entries that wait for one exporter.
pub(crate) const MOST_BYTES: usize = 8 * 1024 * 1024;

/// What waits for one exporter.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// There is something to do.
    filled: Condvar,
    /// Something was done.
    progressed: Condvar,
    /// The thread that the exporter works on.
    worker: OnceLock<ThreadId>,
}

#[derive(Debug)]
struct State {
    jobs: VecDeque<Job>,
    /// Bytes of the batches among the jobs.
    bytes: usize,
    /// Spans that the exporter works on.
    in_hand: u64,
    /// The last flush that was done.
    flushed: u64,
    is_ended: bool,
    /// Shutdown's time is up: what comes of the spans counts no more.
    is_abandoned: bool,
    tally: Tally,
}

/// Something for an exporter to do.
#[derive(Debug)]
pub(super) enum Job {
    Export(Arc<Batch>),
    /// What was exported before may leave the black box.
    Release(Release),
    /// To be said on standard error.
    Say(String),
    /// No more spans have come.
    Pause,
    /// To be done with the number of the flush, as the last job where `last`; until when somebody waits
    /// for it, where that is not for ever.
    Flush {
        ticket: u64,
        last: bool,
        until: Option<Instant>,
    },
}

impl Queue {
    pub(super) fn new(name: &str) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                jobs: VecDeque::new(),
                bytes: 0,
                in_hand: 0,
                flushed: 0,
                is_ended: false,
                is_abandoned: false,
                tally: Tally::new(name),
            }),
            filled: Condvar::new(),
            progressed: Condvar::new(),
            worker: OnceLock::new(),
        })
    }

    /// From now on the exporter works on this thread.
    pub(super) fn work_here(&self) {
        let _ = self.worker.set(thread::current().id());
    }

    /// Whether the exporter works on this thread.
    pub(super) fn is_worked_here(&self) -> bool {
        // An exit handler may run when the thread's handle is gone: it is asked only of our threads.
        stack::is_silent() && self.worker.get() == Some(&thread::current().id())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether so many bytes would find room.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        let state = self.lock();
        state.has_room(bytes) && !state.is_abandoned
    }

    /// Leaves `job` for the exporter. Where the queue is full errors and roots are kept, and other
    /// spans go, the oldest first.
    pub(super) fn push(&self, job: Job) {
        let mut state = self.lock();
        match job {
            Job::Export(batch) => state.push_batch(batch),
            Job::Release(release) if state.is_abandoned => release.keep(),
            // One is as good as many.
            Job::Pause if matches!(state.jobs.back(), Some(Job::Pause)) => return,
            job => state.jobs.push_back(job),
        }
        drop(state);
        self.filled.notify_one();
    }

    /// Counts spans that a route has led to other exporters.
    pub(super) fn pass_by(&self, batch: &Batch) {
        self.lock().tally.routed_elsewhere += spans(batch);
    }

    /// Waits for something to do; none at the end.
    pub(super) fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.is_ended || state.is_abandoned {
                return None;
            }
            if let Some(job) = state.jobs.pop_front() {
                if let Job::Export(batch) = &job {
                    state.bytes -= batch.bytes();
                    state.in_hand = spans(batch);
                }
                return Some(job);
            }
            state = self
                .filled
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Books what came of the spans in hand; gives what is to be said of it.
    pub(super) fn settle(&self, result: Result<(), ExportError>) -> Option<String> {
        let mut state = self.lock();
        let spans = std::mem::take(&mut state.in_hand);
        let news = if state.is_abandoned {
            None
        } else {
            state.tally.settle(spans, result)
        };
        drop(state);
        self.progressed.notify_all();
        news
    }

    /// Says that a flush was done.
    pub(super) fn flushed(&self, ticket: u64, last: bool) {
        let mut state = self.lock();
        state.flushed = ticket;
        state.is_ended |= last;
        drop(state);
        self.progressed.notify_all();
    }

    /// Waits until the flush `ticket` was done, or `until`; whether it was.
    pub(super) fn wait_for(&self, ticket: u64, until: Option<Instant>) -> bool {
        let mut state = self.lock();
        while state.flushed < ticket && !state.is_ended {
            let left = until.map_or(Duration::from_secs(3600), |until| {
                until.saturating_duration_since(Instant::now())
            });
            if left.is_zero() || state.is_abandoned {
                return false;
            }
            state = self
                .progressed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        true
    }

    /// Gives up what is still to be done, and counts its spans as dropped.
    pub(super) fn abandon(&self) {
        let mut state = self.lock();
        if state.is_ended {
            return;
        }
        state.is_abandoned = true;
        state.tally.left_at_shutdown += state.in_hand;
        state.in_hand = 0;
        state.bytes = 0;
        for job in std::mem::take(&mut state.jobs) {
            match job {
                Job::Export(batch) => state.tally.left_at_shutdown += spans(&batch),
                Job::Release(release) => release.keep(),
                _ => {}
            }
        }
        drop(state);
        self.filled.notify_one();
        self.progressed.notify_all();
    }

    /// Whether the exporter has done all that there will ever be.
    pub(super) fn is_ended(&self) -> bool {
        self.lock().is_ended
    }

    pub(super) fn tally(&self) -> Tally {
        self.lock().tally.clone()
    }

    /// The exporter's part of the report, of spans of which `dropped` never came to any queue. Of one
    /// that was given up everything of `due` is dropped that was not written, wherever it is by now.
    pub(super) fn report(&self, dropped: u64, due: u64) -> ExporterReport {
        let state = self.lock();
        let mut report = state.tally.report(dropped);
        if state.is_abandoned {
            let settled = report.written + report.failed + report.routed_elsewhere;
            report.dropped = due.saturating_sub(settled);
        }
        report
    }
}

fn spans(batch: &Batch) -> u64 {
    u64::try_from(batch.len()).unwrap_or(u64::MAX)
}

impl State {
    /// A batch that comes alone may be of any size: it was bounded by the threads' buffers.
    const fn has_room(&self, bytes: usize) -> bool {
        self.bytes == 0 || self.bytes + bytes <= MOST_BYTES
    }

    fn push_batch(&mut self, batch: Arc<Batch>) {
        if self.is_abandoned {
            self.tally.left_at_shutdown += spans(&batch);
            return;
        }
        if !self.has_room(batch.bytes()) {
            self.make_room(batch.bytes());
        }
        let batch = match self.has_room(batch.bytes()) {
            true => batch,
            false => self.thinned(&batch),
        };
        if !self.has_room(batch.bytes()) {
            self.tally.queue_full += spans(&batch);
            return;
        }
        self.bytes += batch.bytes();
        self.jobs.push_back(Job::Export(batch));
    }

    /// Drops what is least important, the oldest first, until `bytes` find room.
    fn make_room(&mut self, bytes: usize) {
        let mut jobs = std::mem::take(&mut self.jobs);
        for job in &mut jobs {
            if self.has_room(bytes) {
                break;
            }
            if let Job::Export(batch) = job
                && !batch.is_thinned()
            {
                self.bytes -= batch.bytes();
                *batch = self.thinned(batch);
                self.bytes += batch.bytes();
            }
        }
        self.jobs = jobs;
    }

    /// Errors and roots of `batch`; the others are counted as dropped.
    fn thinned(&mut self, batch: &Batch) -> Arc<Batch> {
        let kept = batch.most_important();
        self.tally.queue_full += spans(batch) - spans(&kept);
        Arc::new(kept)
    }
}

#[cfg(test)]
mod tests;
