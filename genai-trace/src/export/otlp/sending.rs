//! What the exporters of all signals have in common: a line, and the thread that empties it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::NAME;
use super::line::Line;
use super::request::Item;
use super::sender::Sender;
use super::settings::Settings;
use super::signal::Signal;
use super::spool::Spool;
use super::transport::Transport;
use crate::export::ExportError;
use crate::recorder::own_thread;

/// A line, and the thread that empties it, once there is something to send.
pub(super) struct Sending {
    line: Arc<Line>,
    signal: Signal,
    /// None once the thread that sends was started.
    settings: Option<Settings>,
    is_ended: bool,
    patience: Duration,
}

impl Sending {
    pub(super) fn new(mut settings: Settings) -> Self {
        let signal = settings.signal;
        let spool = settings.spool.take();
        let spool = spool.map(|spool| Spool::new(spool, signal, &settings.url));
        Self {
            line: Arc::new(Line::new(signal, settings.batches, spool)),
            signal,
            patience: settings.patience,
            settings: Some(settings),
            is_ended: false,
        }
    }

    /// Starts the thread that sends, where there is none yet.
    fn start(&mut self) -> Result<(), ExportError> {
        let Some(settings) = &self.settings else {
            return Ok(());
        };
        let sender = Sender {
            line: Arc::clone(&self.line),
            transport: Transport::new(settings).map_err(ExportError::new)?,
        };
        let name = format!("genai-trace-{NAME}-send-{}", self.signal.word());
        own_thread::start(name, Box::new(|| sender.run()))
            .map_err(|error| ExportError::new(format_args!("cannot start a thread: {error}")))?;
        self.settings = None;
        Ok(())
    }

    /// Has items sent, at the latest with the next flush.
    pub(super) fn add(
        &mut self,
        items: &mut dyn Iterator<Item = Item<'_>>,
    ) -> Result<(), ExportError> {
        self.start()?;
        self.line.add(items);
        Ok(())
    }

    /// Has what an earlier process has left sent even where this one has nothing to say.
    pub(super) fn resume(&mut self) -> Result<(), ExportError> {
        match self.line.has_spooled() {
            true => self.start(),
            false => Ok(()),
        }
    }

    pub(super) fn flush(&mut self, until: Instant) -> Result<(), ExportError> {
        self.resume()?;
        if self.settings.is_none() {
            // The end may come after it, and the disk needs time as well.
            self.line.flush(self.part_of_time(until, 2));
        }
        self.report()
    }

    pub(super) fn end(&mut self, until: Instant) -> Result<(), ExportError> {
        self.end_within(self.part_of_time(until, 4));
        self.report()
    }

    /// So many fifths of the time that is left, and no more than an export may take.
    fn part_of_time(&self, until: Instant, fifths: u32) -> Duration {
        let left = until.saturating_duration_since(Instant::now());
        self.patience.min(left / 5 * fifths)
    }

    fn end_within(&mut self, patience: Duration) {
        let was_ended = std::mem::replace(&mut self.is_ended, true);
        if self.settings.is_none() && !was_ended {
            self.line.end(patience);
        }
    }

    /// What was lost since this was asked last.
    pub(super) fn report(&self) -> Result<(), ExportError> {
        self.line.report()
    }
}

impl Drop for Sending {
    /// Ends the thread where nobody has said that it is the end.
    fn drop(&mut self) {
        self.end_within(Duration::ZERO);
    }
}
