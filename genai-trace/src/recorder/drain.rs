//! The one thread that takes entries from all ports and gives them to the exporters.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::entries::Entries;
use super::port::Taken;
use super::{Recorder, Tally, entry, lock};
use crate::export::view::{AgentNames, SpanView};
use crate::export::{ExportError, SpanBatch, SpanExporter};
use crate::span::callsite::CallsiteTable;
use crate::span::outcome::panic_message;
use crate::span::stack;
use crate::sys::clock;

/// A span is with its exporters after at most this long; 50 ms cost 0.1 % of a core when idle.
const INTERVAL: Duration = Duration::from_millis(50);
/// The first rounds come sooner, since they mend the clock's rate.
const FIRST_INTERVALS: [Duration; 3] = [
    Duration::from_millis(1),
    Duration::from_millis(4),
    Duration::from_millis(16),
];

/// Causes of an exporter that are said on standard error; where each is new, the counts must do.
const MAX_REPORTS: u32 = 10;

/// What the drain thread does with spans, and with the time in between.
pub(crate) struct Settings {
    pub(crate) exporters: Vec<Box<dyn SpanExporter>>,
    pub(crate) periodic: Option<Periodic>,
}

/// What is to be done every so often, and once more at the end.
pub(crate) struct Periodic {
    pub(crate) every: Duration,
    pub(crate) work: Box<dyn FnMut(&Recorder) + Send>,
}

impl Settings {
    pub(super) fn tallies(&self) -> Vec<Tally> {
        self.exporters
            .iter()
            .map(|exporter| Tally {
                name: exporter.name().to_owned(),
                written: 0,
                failed: 0,
                errors: 0,
                last_error: None,
                reported: 0,
            })
            .collect()
    }
}

/// Starts the thread.
pub(super) fn start(recorder: Arc<Recorder>, settings: Settings) -> io::Result<()> {
    let wakeup = Arc::clone(&recorder.wakeup);
    let handle = thread::Builder::new()
        .name("genai-trace-drain".to_owned())
        .spawn(move || Drain::new(recorder, settings).run())?;
    wakeup.belongs_to(handle.thread().clone());
    Ok(())
}

struct Drain {
    recorder: Arc<Recorder>,
    settings: Settings,
    callsites: CallsiteTable,
    /// Empty buffers to leave in the place of full ones.
    spares: Vec<Entries>,
    next_periodic: Option<Instant>,
    /// The last round brought spans.
    gathering: bool,
}

impl Drain {
    fn new(recorder: Arc<Recorder>, settings: Settings) -> Self {
        let next_periodic = settings
            .periodic
            .as_ref()
            .and_then(|periodic| Instant::now().checked_add(periodic.every));
        Self {
            recorder,
            settings,
            callsites: CallsiteTable::default(),
            spares: Vec::new(),
            next_periodic,
            gathering: false,
        }
    }

    fn run(mut self) {
        stack::silence();
        for interval in FIRST_INTERVALS
            .into_iter()
            .chain(std::iter::repeat(INTERVAL))
        {
            thread::park_timeout(interval);
            if self.round() {
                return;
            }
        }
    }

    /// One round; whether it was the last.
    fn round(&mut self) -> bool {
        let began = Instant::now();
        self.recorder.wakeup.reset();
        clock::steer();
        let asked = *lock(&self.recorder.progress);
        self.drain(asked.stop);
        if asked.asked > asked.done {
            self.each_exporter(|exporter| exporter.flush());
        }
        self.run_periodic(asked.stop);
        if asked.stop {
            self.each_exporter(|exporter| exporter.shutdown());
        }
        let busy = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.recorder.busy.fetch_add(busy, Ordering::Relaxed);
        if asked.asked > asked.done {
            let mut progress = lock(&self.recorder.progress);
            progress.done = asked.asked;
            progress.stopped = asked.stop;
            self.recorder.progressed.notify_all();
        }
        asked.stop
    }

    /// Takes what has ended from every port and gives it to every exporter.
    fn drain(&mut self, last: bool) {
        let taken = self.take_all(last);
        let views = self.views(&taken);
        let pause = std::mem::replace(&mut self.gathering, !views.is_empty());
        if !views.is_empty() || pause {
            let resource = Arc::clone(&self.recorder.resource);
            let batch = SpanBatch::new(&views, &resource);
            let spans = u64::try_from(batch.len()).unwrap_or(u64::MAX);
            for (index, exporter) in self.settings.exporters.iter_mut().enumerate() {
                let result = guarded(|| exporter.export(&batch));
                settle(&self.recorder, index, spans, result);
            }
        }
        drop(views);
        self.spares
            .extend(taken.into_iter().map(|taken| taken.entries));
    }

    /// Empties the ports; those of threads that have ended are closed for good.
    fn take_all(&mut self, last: bool) -> Vec<Taken> {
        let mut ports = lock(&self.recorder.ports);
        ports.closed |= last;
        let mut all = Vec::new();
        for port in &ports.open {
            if last {
                port.close();
            }
            if port.has_entries() {
                all.push(port.take(self.spares.pop().unwrap_or_default()));
            }
        }
        let ports = &mut *ports;
        let retired = &mut ports.retired;
        ports.open.retain(|port| {
            let keep = Arc::strong_count(port) > 1 || port.has_entries();
            if !keep {
                port.add_to(retired);
            }
            keep
        });
        self.spares.truncate(ports.open.len());
        all
    }

    fn views<'a>(&mut self, taken: &'a [Taken]) -> Vec<SpanView<'a>> {
        let mut views = Vec::new();
        let mut names = AgentNames::default();
        for taken in taken {
            let large = taken.large.iter().map(|entry| &**entry);
            for mut bytes in std::iter::once(taken.entries.as_slice()).chain(large) {
                while let Some((header, items)) = entry::take(&mut bytes) {
                    if let Some(callsite) = self.callsites.get(header.callsite) {
                        views.push(SpanView::new(header, callsite, items, &mut names));
                    }
                }
            }
        }
        views
    }

    fn each_exporter(
        &mut self,
        mut work: impl FnMut(&mut dyn SpanExporter) -> Result<(), ExportError>,
    ) {
        for (index, exporter) in self.settings.exporters.iter_mut().enumerate() {
            let result = guarded(|| work(exporter.as_mut()));
            settle(&self.recorder, index, 0, result);
        }
    }

    fn run_periodic(&mut self, last: bool) {
        let Some(Periodic { every, work }) = &mut self.settings.periodic else {
            return;
        };
        let now = Instant::now();
        if last || self.next_periodic.is_some_and(|next| next <= now) {
            self.next_periodic = now.checked_add(*every);
            let recorder = &self.recorder;
            // What it prints is its own affair; a panic in it must not end the drain thread.
            let _ = catch_unwind(AssertUnwindSafe(|| work(recorder)));
        }
    }
}

/// Runs an exporter so that its panic is an error like any other.
fn guarded(work: impl FnOnce() -> Result<(), ExportError>) -> Result<(), ExportError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let message = panic_message(payload.as_ref());
        Err(ExportError::new(format_args!(
            "the exporter panicked: {message}"
        )))
    })
}

/// Books what became of `spans` spans; a cause that is new is said once on standard error.
fn settle(recorder: &Recorder, index: usize, spans: u64, result: Result<(), ExportError>) {
    let news = {
        let mut tallies = lock(&recorder.tallies);
        let Some(tally) = tallies.get_mut(index) else {
            return;
        };
        tally.written += spans;
        let Err(error) = result else {
            return;
        };
        let failed = error.failed_of(spans).min(tally.written);
        tally.written -= failed;
        tally.failed += failed;
        tally.errors += 1;
        let message = error.to_string();
        let is_new = tally.last_error.as_ref() != Some(&message);
        let news = format!("genai-trace: exporter {}: {message}\n", tally.name);
        tally.last_error = Some(message);
        if !is_new || tally.reported == MAX_REPORTS {
            return;
        }
        tally.reported += 1;
        news
    };
    // Without the lock, since standard error may be a pipe that nobody reads; and not `eprint`, which
    // panics where it is closed.
    let _ = io::stderr().write_all(news.as_bytes());
}
