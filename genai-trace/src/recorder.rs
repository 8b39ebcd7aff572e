//! The hand-over from the threads that run spans to the one thread that writes them.
//!
//! Each thread fills a bounded buffer of its own ([`port`]) with flat entries ([`entry`]); the
//! drain thread ([`drain`]) takes from all within 50 ms, or at once on flush, and puts batches
//! ([`batch`]) into the exporters' bounded queues ([`queue`]). Each exporter works on a thread of
//! its own ([`worker`]). What finds no room is dropped and counted ([`report`]).

pub(crate) mod append;
pub(crate) mod batch;
#[cfg_attr(not(unix), path = "recorder/no_black_box.rs")]
pub(crate) mod black_box;
pub(crate) mod capturing;
mod drain;
pub(crate) mod entries;
pub(crate) mod entry;
pub(crate) mod held;
pub(crate) mod in_flight;
mod latch;
mod own_thread;
pub(crate) mod periodic;
pub(crate) mod port;
mod queue;
#[cfg_attr(not(unix), path = "recorder/no_recovery.rs")]
pub(crate) mod recover;
pub(crate) mod recovered;
pub(crate) mod report;
pub(crate) mod span_in_flight;
mod spares;
pub(crate) mod survival;
pub(crate) mod tally;
mod wakeup;
mod worker;

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use self::in_flight::{Pages, SlotHead};
use self::periodic::{Periodic, Timer};
use self::port::Port;
use self::queue::Queue;
use self::report::Report;
use self::span_in_flight::SpanInFlight;
use self::spares::Spares;
use self::survival::{CrashSafe, Survival};
pub(crate) use self::tally::Tally;
use self::wakeup::Wakeup;
use crate::export::SpanExporter;
use crate::export::view::{AgentNames, SpanView};
use crate::metrics::{DropReason, LeftOut, Shard};
use crate::order;
use crate::process::sampler::Head;
use crate::process::{LeftOutSpans, Pipeline};
use crate::record::Attributes;
use crate::span::callsite::CallsiteTable;
use crate::span::items::replayed;
use crate::span::limits::SpanLimits;
use crate::span::stack;
use crate::sys::clock;

/// The number of the recorder that takes spans, 0 while there is none (and no
/// [capture](capturing) either): the one load that a call costs when nothing is installed. Numbers are not used again, so that a thread or a span of an
/// earlier recorder is known by its number.
static ACTIVE: AtomicU32 = AtomicU32::new(0);
/// At shutdown so much of the time is kept for the account, or a tenth where that is less.
const SHUTDOWN_MARGIN: Duration = Duration::from_millis(50);
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
    sampler: Head,
    wakeup: Arc<Wakeup>,
    ports: Mutex<Ports>,
    spares: Arc<Spares>,
    /// Where the open spans stand.
    pages: Arc<Pages>,
    progress: Mutex<Progress>,
    progressed: Condvar,
    /// What waits for each exporter.
    queues: Vec<Arc<Queue>>,
    timer: Arc<Timer>,
    /// What survives a crash.
    survival: Option<Arc<Survival>>,
    /// Nanoseconds that the drain thread has worked.
    busy: AtomicU64,
    /// Spans that were lost where there is no port.
    lost: AtomicU64,
    limits: SpanLimits,
    /// Spans that no thread has ended: they stand for others.
    summaries: AtomicU64,
}

/// What a recorder does with spans.
pub(crate) struct Settings {
    pub(crate) exporters: Vec<Box<dyn SpanExporter>>,
    pub(crate) periodic: Option<Periodic>,
    /// Bytes of a thread's buffer.
    pub(crate) buffer_bytes: usize,
    pub(crate) crash_safe: Option<CrashSafe>,
    /// Decides which traces are recorded.
    pub(crate) sampler: Head,
    /// Decides what becomes of them when they have ended.
    pub(crate) pipeline: Pipeline,
    pub(crate) resource: Attributes,
    pub(crate) limits: SpanLimits,
}

/// Why there is no recorder.
#[derive(Debug)]
pub(crate) enum InstallError {
    /// There is one already.
    AlreadyInstalled,
    /// The black box cannot be made.
    BlackBox(std::io::Error),
    /// The system gives no thread.
    Thread(std::io::Error),
}

#[derive(Debug, Default)]
struct Ports {
    open: Vec<Arc<Port>>,
    /// Of threads that have ended, with what they have counted: other threads take them over.
    idle: Vec<Arc<Port>>,
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
    /// By when the last spans are to be handed over.
    stop_by: Option<Instant>,
    stopped: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Recorder {
    /// Makes the recorder that takes spans from now on, and its threads.
    pub(crate) fn install(settings: Settings) -> Result<Arc<Self>, InstallError> {
        let mut current = lock(&CURRENT);
        if current.is_some() {
            return Err(InstallError::AlreadyInstalled);
        }
        crate::sys::clock::start();
        let survival = settings
            .crash_safe
            .as_ref()
            .map(|crash_safe| Survival::begin(crash_safe.clone(), &settings.resource))
            .transpose()
            .map_err(InstallError::BlackBox)?;
        let survival = survival.map(Arc::new);
        let recorder = Self::start(settings, survival.clone()).map_err(|error| {
            survival.iter().for_each(|survival| survival.end());
            InstallError::Thread(error)
        })?;
        *current = Some(Arc::clone(&recorder));
        capturing::apply_limits(current.as_deref());
        ACTIVE.store(recorder.generation.get(), Ordering::Release);
        Ok(recorder)
    }

    fn start(settings: Settings, survival: Option<Arc<Survival>>) -> std::io::Result<Arc<Self>> {
        static GENERATION: AtomicU32 = AtomicU32::new(0);
        let generation = GENERATION.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let resource = Arc::new(settings.resource);
        let mut queues = Vec::new();
        for exporter in settings.exporters {
            match worker::start(exporter, &resource) {
                Ok(queue) => queues.push(queue),
                Err(error) => {
                    queues.iter().for_each(|queue| queue.abandon());
                    return Err(error);
                }
            }
        }
        let black_box = survival.as_ref().map(|survival| survival.black_box());
        let recorder = Arc::new(Self {
            generation: NonZeroU32::new(generation).unwrap_or(NonZeroU32::MIN),
            buffer_bytes: settings.buffer_bytes,
            sampler: settings.sampler,
            wakeup: Arc::default(),
            ports: Mutex::default(),
            spares: Spares::new(settings.buffer_bytes, black_box.cloned()),
            pages: black_box.map_or_else(
                || Pages::on_heap(in_flight::MOST_BYTES),
                |black_box| Arc::clone(black_box.pages()),
            ),
            progress: Mutex::default(),
            progressed: Condvar::new(),
            queues,
            timer: Arc::default(),
            survival,
            busy: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            limits: settings.limits,
            summaries: AtomicU64::new(0),
        });
        let mut pipeline = settings.pipeline;
        if let Some(survival) = &recorder.survival {
            pipeline.survive_in(survival.black_box().pages());
        }
        let started = drain::start(Arc::clone(&recorder), pipeline).and_then(|()| {
            let periodic = settings.periodic.map(|periodic| {
                let recorder = Arc::clone(&recorder);
                recorder.timer.start(Arc::clone(&recorder), periodic)
            });
            periodic.unwrap_or(Ok(()))
        });
        if let Err(error) = started {
            let _ = recorder.ask(Duration::ZERO, true);
            recorder.queues.iter().for_each(|queue| queue.abandon());
            return Err(error);
        }
        Ok(recorder)
    }

    pub(crate) fn generation(&self) -> NonZeroU32 {
        self.generation
    }

    /// A port for a thread that records its first span: that of a thread that has ended, if there is
    /// one.
    pub(crate) fn open_port(&self) -> Arc<Port> {
        let mut ports = lock(&self.ports);
        // Not let go in between: what an idle port has counted is counted at any time.
        let port = match ports.idle.pop() {
            Some(idle) => idle,
            None => {
                drop(ports);
                let new = Arc::new(self.new_port());
                ports = lock(&self.ports);
                new
            }
        };
        if ports.closed {
            port.close();
        }
        ports.open.push(Arc::clone(&port));
        port
    }

    fn new_port(&self) -> Port {
        Port::new(
            self.spares.first(),
            self.buffer_bytes,
            self.sampler,
            Arc::clone(&self.wakeup),
            Arc::clone(&self.pages),
        )
    }

    /// Counts a span that was lost where there is no port. Without a lock: the thread may be within one, and
    /// have come here from its allocator.
    pub(crate) fn count_lost(&self) {
        self.lost.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts spans that were left out after they had ended.
    fn leave_out(&self, left_out: LeftOutSpans) {
        if left_out == LeftOutSpans::default() {
            return;
        }
        let summaries = left_out.summaries;
        self.summaries.fetch_add(summaries, Ordering::Relaxed);
        let retired = &mut lock(&self.ports).retired;
        retired.leave_out(LeftOut::TailSampling, left_out.by_tail_sampling);
        retired.leave_out(LeftOut::MaxSpans, left_out.by_max_spans);
    }

    /// Hands everything that has ended to every exporter, within `deadline`.
    pub(crate) fn flush(&self, deadline: Duration) -> Report {
        let complete = self.ask(deadline, false);
        self.report(complete)
    }

    /// Takes no more spans, hands over those that have ended, and ends the threads, within `deadline`;
    /// what was not handed over by then is dropped and counted.
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
        let complete = self.ask(deadline, true);
        self.queues.iter().for_each(|queue| queue.abandon());
        if let Some(survival) = &self.survival
            && let Some(queue) = self.queues.get(survival.exporter)
            && queue.is_ended()
        {
            survival.end();
        }
        self.report(complete)
    }

    /// Whether it was shut down, or is about to be.
    pub(crate) fn is_stopping(&self) -> bool {
        lock(&self.progress).stop
    }

    /// Asks the drain thread for a round, the last one where `stop`, and waits for the exporters.
    fn ask(&self, deadline: Duration, stop: bool) -> bool {
        let now = Instant::now();
        let until = now.checked_add(deadline);
        let ticket = {
            let mut progress = lock(&self.progress);
            progress.asked += 1;
            if stop && !progress.stop {
                progress.stop = true;
                // Some of the time is kept for the account.
                progress.stop_by = now.checked_add(deadline - (deadline / 10).min(SHUTDOWN_MARGIN));
            }
            progress.asked
        };
        self.wakeup.wake();
        // A thread that exports would wait for itself.
        let is_ours = stack::is_silent();
        if is_ours && !stop {
            return false;
        }
        let mut complete = self.wait_for_drain(ticket, until);
        for queue in self.queues.iter().filter(|queue| !queue.is_worked_here()) {
            complete &= queue.wait_for(ticket, until);
        }
        if stop && !is_ours {
            complete &= self.timer.stop(until);
        }
        complete && !is_ours
    }

    fn wait_for_drain(&self, ticket: u64, until: Option<Instant>) -> bool {
        let mut progress = lock(&self.progress);
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
        for port in ports.open.iter().chain(&ports.idle) {
            port.add_to(&mut sum);
        }
        sum.drop_spans(DropReason::NoThread, self.lost.load(Ordering::Relaxed));
        sum
    }

    /// What is open now, the longest first.
    pub(crate) fn open_spans(&self) -> Vec<SpanInFlight> {
        let now = clock::now().saturating_add_signed(clock::offset());
        let mut callsites = CallsiteTable::default();
        let mut names = AgentNames::default();
        let mut open = Vec::new();
        let mut seen = HashSet::new();
        for (head, items) in self.shown_by_ports().chain(self.pages.open()) {
            // One that goes from its port to a slot just now may be in both.
            if !seen.insert((head.trace_id, head.span_id)) {
                continue;
            }
            let header = head.header();
            let Some(callsite) = callsites.get(header.callsite) else {
                continue;
            };
            let items = replayed(&items);
            let agent = names.of(&header, callsite);
            let view = SpanView {
                header,
                callsite,
                items: &items,
                agent,
            };
            open.push(SpanInFlight::of(&view, std::process::id(), now));
        }
        order::sort_by_key(&mut open, |span| span.start_unix_nano);
        open
    }

    /// The open spans that stand in the threads' ports.
    fn shown_by_ports(&self) -> impl Iterator<Item = (SlotHead, Vec<u8>)> {
        let mut shown = Vec::new();
        // What survives a crash stands in the pages, with all that was said of it.
        if !self.pages.keeps_all() {
            let ports = lock(&self.ports).open.clone();
            shown.extend(ports.iter().flat_map(|port| port.shown()));
        }
        shown.into_iter().map(|head| (head, Vec::new()))
    }

    /// What became of the spans that were handed to each exporter.
    pub(crate) fn tallies(&self) -> Vec<Tally> {
        self.queues.iter().map(|queue| queue.tally()).collect()
    }

    /// Nanoseconds that the drain thread has worked.
    pub(crate) fn busy_nanos(&self) -> u64 {
        self.busy.load(Ordering::Relaxed)
    }

    fn report(&self, complete: bool) -> Report {
        let sum = self.merged();
        let (dropped, sampled_out) = (sum.dropped(), sum.left_out());
        let ended = sum.ended()
            + self.lost.load(Ordering::Relaxed)
            + self.summaries.load(Ordering::Relaxed);
        let due = ended.saturating_sub(sampled_out);
        Report {
            ended,
            sampled_out,
            exporters: self
                .queues
                .iter()
                .map(|queue| queue.report(dropped, due))
                .collect(),
            complete,
        }
    }
}
