//! Flushing in async code, on any runtime or none.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::thread;
use std::time::Duration;

use pin_project_lite::pin_project;

use super::flush_on_drop::FlushOnDrop;
use super::installed::Installed;
use crate::recorder::report::Report;

/// Flushes on a thread of its own; the time runs from the first poll.
pub(super) async fn flush(installed: Installed, deadline: Duration) -> Report {
    Flush::begin(installed, deadline).await
}

/// A flush that is under way on another thread.
#[derive(Debug)]
struct Flush(Arc<Mutex<Progress>>);

#[derive(Debug, Default)]
struct Progress {
    report: Option<Report>,
    waker: Option<Waker>,
}

fn lock(progress: &Mutex<Progress>) -> MutexGuard<'_, Progress> {
    progress.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Flush {
    fn begin(installed: Installed, deadline: Duration) -> Self {
        let progress = Arc::new(Mutex::new(Progress::default()));
        if installed.recorder().is_none() {
            lock(&progress).report = Some(installed.flush(deadline));
            return Self(progress);
        }
        let there = Arc::clone(&progress);
        let work = {
            let installed = installed.clone();
            move || {
                let report = installed.flush(deadline);
                let waker = {
                    let mut progress = lock(&there);
                    progress.report = Some(report);
                    progress.waker.take()
                };
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
        };
        let started = thread::Builder::new()
            .name("genai-trace-flush".to_owned())
            .spawn(work);
        if started.is_err() {
            // Without a thread the caller's has to wait.
            lock(&progress).report = Some(installed.flush(deadline));
        }
        Self(progress)
    }
}

impl Future for Flush {
    type Output = Report;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Report> {
        let mut progress = lock(&self.0);
        match progress.report.take() {
            Some(report) => Poll::Ready(report),
            None => {
                progress.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

pin_project! {
    /// A future, and the flush after it. Dropped before that, as after a panic, it flushes as well: the
    /// future is dropped first, so that its spans have ended.
    pub(super) struct FlushAfter<F: Future> {
        #[pin]
        future: Option<F>,
        // What the future gave.
        output: Option<F::Output>,
        flush: Option<Flush>,
        installed: Installed,
        deadline: Duration,
    }

    impl<F: Future> PinnedDrop for FlushAfter<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.future.is_some() {
                // Also where dropping the future panics.
                let _flush = FlushOnDrop::new(this.installed.clone(), *this.deadline);
                this.future.set(None);
            }
        }
    }
}

impl<F: Future> FlushAfter<F> {
    pub(super) fn new(installed: Installed, deadline: Duration, future: F) -> Self {
        Self {
            future: Some(future),
            output: None,
            flush: None,
            installed,
            deadline,
        }
    }
}

impl<F: Future> Future for FlushAfter<F> {
    type Output = (F::Output, Report);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(future) = this.future.as_mut().as_pin_mut() {
            *this.output = Some(ready!(future.poll(cx)));
            // Its spans end here at the latest.
            this.future.set(None);
            *this.flush = Some(Flush::begin(this.installed.clone(), *this.deadline));
        }
        let Some(flush) = this.flush else {
            // Polled again after it was ready, which nobody may do.
            return Poll::Pending;
        };
        let report = ready!(Pin::new(flush).poll(cx));
        *this.flush = None;
        match this.output.take() {
            Some(output) => Poll::Ready((output, report)),
            None => Poll::Pending,
        }
    }
}
