//! Spans and events in a database.

use std::path::PathBuf;

use super::{Builder, Exporter, InitError, LogsTo};
use crate::export::SpanExporter;
use crate::export::log::LogExporter;
use crate::export::sqlite::{SqliteExporter, SqliteLogExporter};
use crate::score;

impl Builder {
    /// Keeps spans in the [store](crate::sqlite) at `path`, a database of SQLite, under the exporter's name `sqlite`.
    /// Scores that come when their span has been written go there as well. Feature `sqlite`.
    ///
    /// ```
    /// # let folder = std::env::temp_dir().join(format!("genai-trace-builder-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// use genai_trace::{Telemetry, span};
    ///
    /// let path = folder.join("traces.db");
    /// let telemetry = Telemetry::builder().sqlite(&path).install()?;
    /// span("hello").run(|| {});
    /// drop(telemetry);
    /// let names: Vec<_> = genai_trace::SpanReader::open(&path)?.map(|span| Ok(span?.name)).collect::<std::io::Result<_>>()?;
    /// assert_eq!(names, ["hello"]);
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sqlite(mut self, path: impl Into<PathBuf>) -> Self {
        self.add(Exporter::Sqlite(path.into()));
        self
    }

    /// Keeps events that are no part of a span (contents of calls, exceptions of calls that leave the process,
    /// evaluations) in the [store](crate::sqlite) at `path`, which may be that of the spans. Feature `sqlite`.
    pub fn events_sqlite(mut self, path: impl Into<PathBuf>) -> Self {
        self.logs.push(LogsTo::Sqlite(path.into()));
        self
    }
}

pub(super) fn open(path: PathBuf) -> Result<Box<dyn SpanExporter>, InitError> {
    match SqliteExporter::open(&path) {
        Ok(exporter) => Ok(Box::new(exporter)),
        Err(source) => Err(InitError::File { path, source }),
    }
}

pub(super) fn open_logs(path: PathBuf) -> Result<Box<dyn LogExporter>, InitError> {
    match SqliteLogExporter::open(&path) {
        Ok(exporter) => Ok(Box::new(exporter)),
        Err(source) => Err(InitError::File { path, source }),
    }
}

/// The stores of spans that no events go to.
pub(super) fn stores_without_events(exporters: &[Exporter], logs: &[LogsTo]) -> Vec<PathBuf> {
    let stores = exporters.iter().filter_map(|exporter| match exporter {
        Exporter::Sqlite(path) => Some(path),
        _ => None,
    });
    let takes_events = |path: &PathBuf| {
        logs.iter()
            .any(|to| matches!(to, LogsTo::Sqlite(it) if it == path))
    };
    stores.filter(|path| !takes_events(path)).cloned().collect()
}

/// Takes scores that come when their span has been written: they go to its store.
pub(super) fn scores(path: PathBuf) -> Box<dyn LogExporter> {
    Box::new(SqliteLogExporter::of_some(&path, "scores", score::is_late))
}
