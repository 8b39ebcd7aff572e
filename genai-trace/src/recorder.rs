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
mod logs;
pub(crate) mod own_thread;
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
use std::panic::RefUnwindSafe;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use self::in_flight::{Pages, SlotHead};
use self::logs::Logs;
use self::periodic::{Periodic, Timer};
use self::port::Port;
use self::queue::Queue;
use self::report::{ExporterReport, Report};
use self::span_in_flight::SpanInFlight;
use self::spares::Spares;
use self::survival::{CrashSafe, Survival};
use self::tally::SharedTally;
pub(crate) use self::tally::Tally;
use self::wakeup::Wakeup;
use crate::content::{ContentPolicy, TokenEstimator};
use crate::export::SpanExporter;
use crate::export::log::LogExporter;
use crate::export::view::{AgentNames, SpanView};
use crate::metrics::{DropReason, Exemplars, LeftOut, Shard};
use crate::order;
use crate::prices::Costs;
use crate::process::sampler::Head;
use crate::process::{LeftOutSpans, Pipeline};
use crate::propagate::baggage::Allowed;
use crate::record::{Attributes, LogRecord};
use crate::span::callsite::CallsiteTable;
use crate::span::context::Neighbour;
use crate::span::items::replayed;
use crate::span::limits::SpanLimits;
use crate::span::stack;
use crate::sys::clock;

/// The number of the recorder that takes spans, 0 while there is none (and no
/// [capture](capturing) either): the one load that a call costs when nothing is installed. Numbers are not used again, so that a thread or a span of an
/// earlier recorder is known by its number.
static ACTIVE: AtomicU32 = AtomicU32::new(0);
/// Stands in the number of a recorder whose spans are [shown](crate::span::shown) to `tracing`: whoever has the
/// number has looked at it.
pub(crate) const SHOWS_SPANS: u32 = 1 << 31;
/// At shutdown so much of the time is kept for the account, or a tenth where that is less.
const SHUTDOWN_MARGIN: Duration = Duration::from_millis(50);
/// Longer than anybody waits.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 3600);
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
    neighbour: Option<Neighbour>,
    wakeup: Arc<Wakeup>,
    ports: Mutex<Ports>,
    spares: Arc<Spares>,
    /// Where the open spans stand.
    pages: Arc<Pages>,
    progress: Mutex<Progress>,
    progressed: Condvar,
    /// What waits for each exporter.
    queues: Vec<Arc<Queue>>,
    timers: Vec<Arc<Timer>>,
    /// Where events go that are no part of a span.
    logs: Vec<Arc<Logs>>,
    /// What becomes of the data points of metrics that are sent.
    points: Vec<Arc<SharedTally>>,
    /// Whether everything that is an event of its own goes there, and not only what has no span.
    has_log_exporter: bool,
    resource: Arc<Attributes>,
    /// What survives a crash.
    survival: Option<Arc<Survival>>,
    /// Nanoseconds that the drain thread has worked.
    busy: AtomicU64,
    /// Spans that were lost where there is no port.
    lost: AtomicU64,
    limits: SpanLimits,
    /// Whether failures say where they happened.
    stacktraces: bool,
    /// What is kept of content.
    content: ContentPolicy,
    /// Says how many tokens the arguments and results of tools are about.
    token_estimator: Option<TokenEstimator>,
    costs: Option<Costs>,
    /// What is taken of the baggage that comes with a trace.
    baggage: Allowed,
    /// Spans that no thread has ended: they stand for others.
    summaries: AtomicU64,
    /// Spans that stand for durations.
    exemplars: Exemplars,
}

// What users give it (a redactor's hook, a sink) is called where a panic in it is caught, and nothing that it
// leaves half done is looked at by anybody.
impl RefUnwindSafe for Recorder {}

/// What a recorder does with spans.
pub(crate) struct Settings {
    pub(crate) exporters: Vec<Box<dyn SpanExporter>>,
    /// Takes events that are no part of a span.
    pub(crate) logs: Vec<Box<dyn LogExporter>>,
    /// Whether one of them takes all events, and not only those that have no span.
    pub(crate) has_log_exporter: bool,
    /// What is done every so often.
    pub(crate) periodic: Vec<Periodic>,
    /// Bytes of a thread's buffer.
    pub(crate) buffer_bytes: usize,
    pub(crate) crash_safe: Option<CrashSafe>,
    /// Decides which traces are recorded.
    pub(crate) sampler: Head,
    /// Finds the span of another library that a trace goes on with.
    pub(crate) neighbour: Option<Neighbour>,
    /// Decides what becomes of them when they have ended.
    pub(crate) pipeline: Pipeline,
    pub(crate) resource: Attributes,
    pub(crate) limits: SpanLimits,
    pub(crate) stacktraces: bool,
    /// Spans that stand for durations.
    pub(crate) exemplars: Exemplars,
    pub(crate) content: ContentPolicy,
    pub(crate) token_estimator: Option<TokenEstimator>,
    pub(crate) costs: Option<Costs>,
    /// What is taken of the baggage that comes with a trace.
    pub(crate) baggage: Allowed,
    /// Whether its spans are shown to `tracing`.
    pub(crate) shows_spans: bool,
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
    /// Until when somebody waits for what was asked and is not done; none where that is for ever.
    until: Option<Instant>,
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
        capturing::apply_settings(current.as_deref());
        ACTIVE.store(recorder.generation.get(), Ordering::Release);
        Ok(recorder)
    }

    fn start(settings: Settings, survival: Option<Arc<Survival>>) -> std::io::Result<Arc<Self>> {
        static GENERATION: AtomicU32 = AtomicU32::new(0);
        let number = GENERATION.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let generation = match settings.shows_spans {
            false => number & !SHOWS_SPANS,
            true => number | SHOWS_SPANS,
        };
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
            neighbour: settings.neighbour,
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
            timers: settings.periodic.iter().map(|_| Arc::default()).collect(),
            points: settings
                .periodic
                .iter()
                .filter_map(|periodic| periodic.tally.clone())
                .collect(),
            logs: settings.logs.into_iter().map(Logs::new).collect(),
            has_log_exporter: settings.has_log_exporter,
            resource: Arc::clone(&resource),
            survival,
            busy: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            limits: settings.limits,
            stacktraces: settings.stacktraces,
            content: settings.content,
            token_estimator: settings.token_estimator,
            costs: settings.costs,
            baggage: settings.baggage,
            summaries: AtomicU64::new(0),
            exemplars: settings.exemplars,
        });
        let mut pipeline = settings.pipeline;
        if let Some(survival) = &recorder.survival {
            pipeline.survive_in(survival.black_box().pages());
        }
        let started = drain::start(Arc::clone(&recorder), pipeline).and_then(|()| {
            let mut timers = recorder.timers.iter().zip(settings.periodic);
            timers.try_for_each(|(timer, periodic)| timer.start(Arc::clone(&recorder), periodic))
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
            self.neighbour,
            self.costs.clone(),
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
            // Some of the time is kept for the account.
            let by = now.checked_add(deadline - (deadline / 10).min(SHUTDOWN_MARGIN));
            let mut progress = lock(&self.progress);
            let nobody_waits = progress.asked == progress.done;
            progress.until = match (progress.until, by) {
                (Some(until), Some(by)) if !nobody_waits => Some(until.max(by)),
                (None, _) if !nobody_waits => None,
                _ => by,
            };
            progress.asked += 1;
            if stop && !progress.stop {
                progress.stop = true;
                progress.stop_by = by;
            }
            progress.asked
        };
        self.wakeup.wake();
        // A thread that exports would wait for itself.
        let is_ours = stack::is_silent();
        if is_ours && !stop {
            return false;
        }
        // All exporters work at once, so that none takes the others' time.
        let of_logs: Vec<_> = self.logs.iter().map(|logs| logs.ask(stop, until)).collect();
        let mut complete = self.wait_for_drain(ticket, until);
        if !is_ours {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            complete &= self.content.flush(left.unwrap_or(deadline));
        }
        for queue in self.queues.iter().filter(|queue| !queue.is_worked_here()) {
            complete &= queue.wait_for(ticket, until);
        }
        for (logs, ticket) in self.logs.iter().zip(of_logs) {
            complete &= ticket.is_none_or(|ticket| logs.wait_for(ticket, until));
        }
        for timer in self.timers.iter().filter(|_| !is_ours) {
            complete &= match stop {
                true => timer.stop(until),
                false => timer.flush(until),
            };
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

    /// What is kept of content.
    pub(crate) fn content(&self) -> &ContentPolicy {
        &self.content
    }

    /// What is taken of the baggage that comes with a trace.
    pub(crate) fn baggage(&self) -> &Allowed {
        &self.baggage
    }

    /// Says how many tokens the arguments and results of tools are about.
    pub(crate) fn token_estimator(&self) -> Option<&TokenEstimator> {
        self.token_estimator.as_ref()
    }

    /// Leaves an event for whoever takes those that are no part of a span.
    pub(crate) fn emit(&self, mut event: LogRecord) {
        event.resource = Arc::clone(&self.resource);
        if let Some((last, others)) = self.logs.split_last() {
            others.iter().for_each(|logs| logs.push(event.clone()));
            last.push(event);
        }
    }

    /// What is known of the process.
    #[cfg(feature = "otlp")]
    pub(crate) const fn resource(&self) -> &Arc<Attributes> {
        &self.resource
    }

    /// Whether events of spans are events of their own.
    pub(crate) fn has_log_exporter(&self) -> bool {
        self.has_log_exporter
    }

    /// What became of the events that are no part of a span, by exporter.
    pub(crate) fn reports_of_events(&self) -> Vec<ExporterReport> {
        self.logs.iter().map(|logs| logs.report()).collect()
    }

    /// What became of the data points that were sent, by exporter.
    pub(crate) fn reports_of_points(&self) -> Vec<ExporterReport> {
        self.points.iter().map(|tally| tally.report()).collect()
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

    /// Spans that stand for durations.
    pub(crate) fn exemplars(&self) -> &Exemplars {
        &self.exemplars
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
            events: self.reports_of_events(),
            data_points: self.reports_of_points(),
            complete,
        }
    }
}
