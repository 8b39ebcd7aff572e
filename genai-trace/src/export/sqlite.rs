//! Spans and events in a database of SQLite.

mod connection;
pub(crate) mod identity;
mod rows;
pub(crate) mod schema;
pub(crate) mod to_read;
mod turn;

use std::fmt;
use std::io;
use std::path::Path;
use std::time::Instant;

use self::connection::Connected;
use super::log::LogExporter;
use super::{ExportError, SpanBatch, SpanExporter};
use crate::record::LogRecord;

/// How exporters and reports call it.
pub(crate) const NAME: &str = "sqlite";

/// Keeps finished spans in a [store](crate::sqlite), each once by its ids.
///
/// A batch is one transaction: what a report counts as written, every reader sees, and no crash of the process takes it
/// back. Several processes may write one store; each waits for the others, up to 60 s a batch, while later spans wait in
/// the exporter's queue: so a flush or a shutdown whose time is up sooner decides how long is long enough. A batch that finds the
/// store locked for longer, or the disk full, is counted as failed, and the next one is tried again. A store that is
/// removed or moved is noticed, counted as an error that cost no span, and writing goes on in a new one (on Unix).
pub struct SqliteExporter(Connected);

impl SqliteExporter {
    /// Opens the store at `path`, which is made where there is none; one of an older version is brought up to date.
    ///
    /// # Errors
    /// A folder that is missing, no permission, a file that is no database, a store of a newer version, a database of
    /// somebody else.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        Connected::open(path.as_ref()).map(Self)
    }
}

impl fmt::Debug for SqliteExporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SqliteExporter").field(&self.0).finish()
    }
}

impl SpanExporter for SqliteExporter {
    fn name(&self) -> &str {
        NAME
    }

    fn export(&mut self, batch: &SpanBatch<'_>) -> Result<(), ExportError> {
        self.0.write(batch.records(), rows::insert_span)
    }

    fn shutdown(&mut self, _: Instant) -> Result<(), ExportError> {
        self.0.close()
    }
}

/// Keeps events in a [store](crate::sqlite), beside its spans.
pub struct SqliteLogExporter {
    store: Connected,
    name: &'static str,
    takes: fn(&LogRecord) -> bool,
}

impl SqliteLogExporter {
    /// Opens the store at `path`, as [`SqliteExporter::open`] does.
    ///
    /// # Errors
    /// As [`SqliteExporter::open`].
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        // For its errors now, and for a store without a log beside it as long as there are no events.
        SqliteExporter::open(path.as_ref())?;
        Ok(Self::of_some(path.as_ref(), NAME, |_| true))
    }

    /// Keeps the events that `takes` lets through.
    pub(crate) fn of_some(path: &Path, name: &'static str, takes: fn(&LogRecord) -> bool) -> Self {
        let store = Connected::to_come(path);
        Self { store, name, takes }
    }
}

impl fmt::Debug for SqliteLogExporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("SqliteLogExporter");
        shown.field("store", &self.store).finish_non_exhaustive()
    }
}

impl LogExporter for SqliteLogExporter {
    fn name(&self) -> &str {
        self.name
    }

    fn export(&mut self, events: &[LogRecord]) -> Result<(), ExportError> {
        let taken = events.iter().filter(|event| (self.takes)(event));
        self.store.write(taken, rows::insert_log_record)
    }

    fn shutdown(&mut self, _: Instant) -> Result<(), ExportError> {
        self.store.close()
    }
}
