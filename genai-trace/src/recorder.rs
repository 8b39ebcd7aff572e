//! The hand-over from the threads that run spans to the one thread that writes them.
//!
//! Each thread fills a bounded buffer of its own ([`port`]) with flat entries ([`entry`]); the
//! drain thread ([`drain`]) takes from all within 50 ms, or at once on flush, and gives batches to
//! the exporters. What finds no room is dropped and counted ([`report`]).

#[cfg(unix)]
// Wired into the recorder next.
#[allow(dead_code)]
pub(crate) mod black_box;
pub(crate) mod capturing;
pub(crate) mod drain;
pub(crate) mod entries;
pub(crate) mod entry;
// Wired into the spans next.
#[allow(dead_code)]
pub(crate) mod in_flight;
pub(crate) mod port;
#[cfg(unix)]
pub(crate) mod recover;
pub(crate) mod report;
pub(crate) mod span_in_flight;
mod wakeup;

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use self::port::Port;
use self::report::{ExporterReport, Report};
use self::wakeup::Wakeup;
use crate::metrics::{DropReason, Shard};
use crate::record::Attributes;

/// The number of the recorder that takes spans, 0 while there is none (and no
/// [capture](capturing) either): the one load that a call costs when nothing is installed. Numbers are not used again, so that a thread or a span of an
/// earlier recorder is known by its number.
static ACTIVE: AtomicU32 = AtomicU32::new(0);
static CURRENT: Mutex<Option<Arc<Recorder>>> = Mutex::new(None);

/// The number of the recorder that takes spans, where there is one; that of captured spans where
/// there are only captures.
#[inline]
pub(crate) fn active() -> Option<NonZeroU32> {
    // A constant, by which the compiler leaves out what would record.
    if cfg!(feature = "off") {
        return None;
    }
    NonZeroU32::new(ACTIVE.load(Ordering::Relaxed))
}

/// The recorder that takes spans, where there is one.
pub(crate) fn current() -> Option<Arc<Recorder>> {
    CURRENT
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// Takes spans from all threads until it is shut down.
#[derive(Debug)]
pub(crate) struct Recorder {
    generation: NonZeroU32,
    buffer_bytes: usize,
    wakeup: Arc<Wakeup>,
    ports: Mutex<Ports>,
    progress: Mutex<Progress>,
    progressed: Condvar,
    tallies: Mutex<Vec<Tally>>,
    /// Nanoseconds that the drain thread has worked.
    busy: AtomicU64,
    /// Spans that were lost where there is no port.
    lost: AtomicU64,
    pub(crate) resource: Arc<Attributes>,
}

#[derive(Debug, Default)]
struct Ports {
    open: Vec<Arc<Port>>,
    /// The metrics of threads that have ended, and of what was lost outside any port.
    retired: Shard,
    /// The last round has been: a port that opens now would never be emptied.
    closed: bool,
}

/// How far the drain thread has come with what was asked of it.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    asked: u64,
    done: u64,
    stop: bool,
    stopped: bool,
}

/// What became of the spans that reached an exporter.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    pub(crate) name: String,
    pub(crate) written: u64,
    pub(crate) failed: u64,
    pub(crate) errors: u64,
    pub(crate) last_error: Option<String>,
    /// How many causes were said on standard error.
    pub(crate) reported: u32,
}

/// There is a recorder already.
#[derive(Debug)]
pub(crate) struct AlreadyInstalled;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Recorder {
    /// Makes the recorder that takes spans from now on, and the drain thread with it.
    pub(crate) fn install(
        settings: drain::Settings,
        buffer_bytes: usize,
        resource: Attributes,
    ) -> Result<Result<Arc<Self>, std::io::Error>, AlreadyInstalled> {
        static GENERATION: AtomicU32 = AtomicU32::new(0);
        let mut current = lock(&CURRENT);
        if current.is_some() {
            return Err(AlreadyInstalled);
        }
        crate::sys::clock::start();
        let generation = GENERATION.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let recorder = Arc::new(Self {
            generation: NonZeroU32::new(generation).unwrap_or(NonZeroU32::MIN),
            buffer_bytes,
            wakeup: Arc::default(),
            ports: Mutex::default(),
            progress: Mutex::default(),
            progressed: Condvar::new(),
            tallies: Mutex::new(settings.tallies()),
            busy: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            resource: Arc::new(resource),
        });
        if let Err(error) = drain::start(Arc::clone(&recorder), settings) {
            return Ok(Err(error));
        }
        *current = Some(Arc::clone(&recorder));
        ACTIVE.store(recorder.generation.get(), Ordering::Release);
        Ok(Ok(recorder))
    }

    pub(crate) fn generation(&self) -> NonZeroU32 {
        self.generation
    }

    /// A port for a thread that records its first span.
    pub(crate) fn open_port(&self) -> Arc<Port> {
        let port = Arc::new(Port::new(self.buffer_bytes, Arc::clone(&self.wakeup)));
        let mut ports = lock(&self.ports);
        if ports.closed {
            port.close();
        }
        ports.open.push(Arc::clone(&port));
        port
    }

    /// Counts a span that was lost where there is no port.
    pub(crate) fn count_lost(&self, reason: DropReason) {
        self.lost.fetch_add(1, Ordering::Relaxed);
        lock(&self.ports).retired.drop_span(reason);
    }

    /// Hands everything that has ended to every exporter, within `deadline`.
    pub(crate) fn flush(&self, deadline: Duration) -> Report {
        let complete = self.ask(deadline, |_| {});
        self.report(complete)
    }

    /// Takes no more spans, hands over those that have ended, and ends the drain thread, within `deadline`.
    pub(crate) fn shutdown(&self, deadline: Duration) -> Report {
        {
            let mut current = lock(&CURRENT);
            if current
                .as_ref()
                .is_some_and(|recorder| recorder.generation == self.generation)
            {
                ACTIVE.store(capturing::without_recorder(), Ordering::Release);
                *current = None;
            }
        }
        let complete = self.ask(deadline, |progress| progress.stop = true);
        self.report(complete)
    }

    /// Asks the drain thread for a round, and waits for it.
    fn ask(&self, deadline: Duration, change: impl FnOnce(&mut Progress)) -> bool {
        let until = Instant::now().checked_add(deadline);
        let mut progress = lock(&self.progress);
        progress.asked += 1;
        change(&mut progress);
        let ticket = progress.asked;
        self.wakeup.wake();
        if self.wakeup.is_for_this_thread() {
            // An exporter that flushes would wait for itself.
            return false;
        }
        while progress.done < ticket && !progress.stopped {
            let left = until.map_or(Duration::from_secs(3600), |until| {
                until.saturating_duration_since(Instant::now())
            });
            if left.is_zero() {
                return false;
            }
            progress = self
                .progressed
                .wait_timeout(progress, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        true
    }

    /// The metrics of all threads, added up.
    pub(crate) fn merged(&self) -> Shard {
        let ports = lock(&self.ports);
        let mut sum = Shard::default();
        sum.merge(&ports.retired);
        for port in &ports.open {
            port.add_to(&mut sum);
        }
        sum
    }

    /// What became of the spans that reached an exporter, for each.
    pub(crate) fn tallies(&self) -> Vec<Tally> {
        lock(&self.tallies).clone()
    }

    /// Nanoseconds that the drain thread has worked.
    pub(crate) fn busy_nanos(&self) -> u64 {
        self.busy.load(Ordering::Relaxed)
    }

    fn report(&self, complete: bool) -> Report {
        let sum = self.merged();
        Report {
            ended: sum.ended() + self.lost.load(Ordering::Relaxed),
            sampled_out: 0,
            exporters: lock(&self.tallies)
                .iter()
                .map(|tally| ExporterReport {
                    name: tally.name.clone(),
                    written: tally.written,
                    dropped: sum.dropped(),
                    failed: tally.failed,
                    last_error: tally.last_error.clone(),
                })
                .collect(),
            complete,
        }
    }
}
