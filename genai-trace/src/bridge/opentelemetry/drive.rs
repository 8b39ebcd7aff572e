//! How the future of an export is run to its end.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Instant;

/// An export, to be run to its end: [`SdkExporter::run_by`](super::SdkExporter::run_by).
pub type ExportFuture<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Who runs an export.
pub(super) enum Driver {
    /// The thread of the exporter, which sleeps while there is nothing to do.
    Thread,
    /// A runtime of the user's.
    User(Box<dyn FnMut(ExportFuture<'_>) + Send>),
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Driver::Thread => "Thread",
            Driver::User(_) => "User",
        })
    }
}

impl Driver {
    /// What comes of `export`; none where it is not done `until` then, or the user's runtime has left it.
    pub(super) fn run<T: Send>(
        &mut self,
        export: impl Future<Output = T> + Send,
        until: Instant,
    ) -> Option<T> {
        let mut result = None;
        let export: ExportFuture<'_> = Box::pin(async { result = Some(export.await) });
        match self {
            Driver::Thread => run_here(export, until),
            Driver::User(run) => run_until(export, until, run),
        }
        result
    }
}

/// Polls on this thread until the future is ready, or until then.
fn run_here(mut future: ExportFuture<'_>, until: Instant) {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    while future.as_mut().poll(&mut cx) == Poll::Pending {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        thread::park_timeout(left);
    }
}

/// Lets `run` poll until the future is ready, or until then.
fn run_until(future: ExportFuture<'_>, until: Instant, run: &mut dyn FnMut(ExportFuture<'_>)) {
    thread::scope(|scope| {
        let alarm = Alarm::new(until);
        let _rest = SilenceAtEnd(&alarm);
        let (rings, polled) = (Arc::clone(&alarm), Arc::clone(&alarm));
        // Without one the export has the time that the runtime gives it.
        let _ = thread::Builder::new().spawn_scoped(scope, move || rings.ring());
        run(Box::pin(Timed {
            future,
            alarm: polled,
        }));
    });
}

/// Wakes a future when its time is up: a runtime that polls it knows no time of ours.
struct Alarm {
    until: Instant,
    state: Mutex<AlarmState>,
    changed: Condvar,
}

#[derive(Default)]
struct AlarmState {
    is_silent: bool,
    waker: Option<Waker>,
}

impl Alarm {
    fn new(until: Instant) -> Arc<Self> {
        Arc::new(Self {
            until,
            state: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    fn lock(&self) -> MutexGuard<'_, AlarmState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self, waker: &Waker) {
        self.lock().waker = Some(waker.clone());
    }

    /// Waits until the time is up, and wakes the future, unless it is silenced before.
    fn ring(&self) {
        let mut state = self.lock();
        while !state.is_silent {
            let left = self.until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                if let Some(waker) = state.waker.take() {
                    drop(state);
                    waker.wake();
                }
                return;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Silences an alarm when it is dropped, also by a panic.
struct SilenceAtEnd<'a>(&'a Alarm);

impl Drop for SilenceAtEnd<'_> {
    fn drop(&mut self) {
        self.0.lock().is_silent = true;
        self.0.changed.notify_one();
    }
}

/// A future that is ready when its time is up, if it is not before.
struct Timed<'a> {
    future: ExportFuture<'a>,
    alarm: Arc<Alarm>,
}

impl Future for Timed<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // First, so that an alarm that rings from here on is heard.
        self.alarm.wake(cx.waker());
        match self.future.as_mut().poll(cx) {
            Poll::Pending if self.alarm.is_over() => Poll::Ready(()),
            polled => polled,
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn};
    use std::time::Duration;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(20)
    }

    #[test]
    fn a_future_that_another_thread_wakes_is_run_to_its_end() {
        let mut asked = false;
        let woken = poll_fn(move |cx| {
            if std::mem::replace(&mut asked, true) {
                return Poll::Ready(7);
            }
            let waker = cx.waker().clone();
            thread::spawn(move || waker.wake());
            Poll::Pending
        });
        let until = Instant::now() + Duration::from_secs(60);
        assert_eq!(Driver::Thread.run(woken, until), Some(7));
    }

    #[test]
    fn a_future_that_never_ends_is_left_when_its_time_is_up() {
        assert_eq!(Driver::Thread.run(pending::<()>(), soon()), None);
    }

    /// A runtime that knows nothing of time, as a user may have it.
    fn runtime() -> Driver {
        Driver::User(Box::new(|export| {
            run_here(export, Instant::now() + Duration::from_secs(60));
        }))
    }

    #[test]
    fn a_runtime_is_woken_when_the_time_is_up() {
        let begun = Instant::now();
        assert_eq!(runtime().run(pending::<()>(), soon()), None);
        assert!(begun.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn what_a_runtime_has_run_is_there_at_once() {
        let begun = Instant::now();
        let until = begun + Duration::from_secs(60);
        assert_eq!(runtime().run(async { 7 }, until), Some(7));
        assert!(begun.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_panic_goes_through_a_runtime_and_leaves_no_thread() {
        let until = Instant::now() + Duration::from_secs(60);
        let run = || runtime().run(async { panic!("no reactor") }, until);
        let done: std::thread::Result<Option<()>> = std::panic::catch_unwind(run);
        assert!(done.is_err() && Instant::now() < until);
    }

    #[test]
    fn what_a_runtime_leaves_has_come_to_nothing() {
        let mut leaves = Driver::User(Box::new(|export| drop(export)));
        assert_eq!(leaves.run(async { 7 }, soon()), None);
    }
}
