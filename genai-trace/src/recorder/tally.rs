//! What became of the spans that were handed to one exporter; events and data points are counted so too.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::report::ExporterReport;
use crate::export::ExportError;

/// Causes of an exporter that are said on standard error; where each is new, the counts must do.
const MAX_REPORTS: u32 = 10;

/// What became of the spans that were handed to one exporter.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    pub(crate) name: String,
    pub(crate) written: u64,
    pub(crate) failed: u64,
    /// Spans that a route has led to other exporters.
    pub(crate) routed_elsewhere: u64,
    /// Spans that found no room in the exporter's queue.
    pub(crate) queue_full: u64,
    /// Spans that waited in the queue, or were with the exporter, when shutdown's time was up.
    pub(crate) left_at_shutdown: u64,
    pub(crate) errors: u64,
    pub(crate) last_error: Option<String>,
    /// How many causes were said on standard error.
    reported: u32,
}

impl Tally {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            written: 0,
            failed: 0,
            routed_elsewhere: 0,
            queue_full: 0,
            left_at_shutdown: 0,
            errors: 0,
            last_error: None,
            reported: 0,
        }
    }

    /// Spans that never reached the exporter.
    pub(crate) const fn dropped(&self) -> u64 {
        self.queue_full + self.left_at_shutdown
    }

    /// Books what became of `spans` spans; gives what is to be said of it, where the cause is new.
    pub(crate) fn settle(&mut self, spans: u64, result: Result<(), ExportError>) -> Option<String> {
        self.written += spans;
        let error = result.err()?;
        let failed = error.failed_of(spans).min(self.written);
        self.written -= failed;
        self.failed += failed;
        self.errors += 1;
        let message = error.to_string();
        let is_new = self.last_error.as_ref() != Some(&message);
        let news = format!("genai-trace: exporter {}: {message}\n", self.name);
        self.last_error = Some(message);
        if !is_new || self.reported == MAX_REPORTS {
            return None;
        }
        self.reported += 1;
        Some(news)
    }

    /// The exporter's part of the report, where threads have dropped `dropped` spans before.
    pub(super) fn report(&self, dropped: u64) -> ExporterReport {
        ExporterReport {
            name: self.name.clone(),
            routed_elsewhere: self.routed_elsewhere,
            written: self.written,
            dropped: dropped + self.dropped(),
            failed: self.failed,
            last_error: self.last_error.clone(),
        }
    }
}

/// A tally that others read while its exporter works.
#[derive(Debug)]
pub(crate) struct SharedTally(Mutex<Tally>);

impl SharedTally {
    fn lock(&self) -> MutexGuard<'_, Tally> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn report(&self) -> ExporterReport {
        self.lock().report(0)
    }
}

// Data points leave the process by OTLP alone.
#[cfg(feature = "otlp")]
impl SharedTally {
    pub(crate) fn new(name: &str) -> Self {
        Self(Mutex::new(Tally::new(name)))
    }

    /// Books what became of so many, and says it where the cause is new.
    pub(crate) fn settle(&self, items: u64, result: Result<(), ExportError>) {
        let news = self.lock().settle(items, result);
        if let Some(news) = news {
            say(&news);
        }
    }
}

/// Says something on standard error, where anybody listens: `eprint` panics where it is closed.
pub(crate) fn say(news: &str) {
    let _ = io::stderr().write_all(news.as_bytes());
}
