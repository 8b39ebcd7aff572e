//! Spans and events in a database.

use std::path::{Path, PathBuf};

use super::{Builder, Exporter, InitError, LogsTo};
use crate::export::SpanExporter;
use crate::export::log::LogExporter;
use crate::export::sqlite::{SqliteExporter, SqliteLogExporter};
use crate::score;

impl Builder {
    /// Keeps spans in the [store](crate::sqlite) at `path`, a database of SQLite, under the exporter's name `sqlite`.
    /// Scores that come when their span has been written go there as well. A store that is named twice is one. Feature `sqlite`.
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
        let path = path.into();
        let named = self.exporters.iter().flatten();
        if !named
            .filter_map(store_of_spans)
            .any(|it| is_same(it, &path))
        {
            self.add(Exporter::Sqlite(path));
        }
        self
    }

    /// Keeps events that are no part of a span (contents of calls, exceptions of calls that leave the process,
    /// evaluations) in the [store](crate::sqlite) at `path`, which may be that of the spans. Feature `sqlite`.
    pub fn events_sqlite(mut self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        if !takes_events(&self.logs, &path) {
            self.logs.push(LogsTo::Sqlite(path));
        }
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
    let stores = exporters.iter().filter_map(store_of_spans);
    stores
        .filter(|path| !takes_events(logs, path))
        .cloned()
        .collect()
}

fn store_of_spans(exporter: &Exporter) -> Option<&PathBuf> {
    match exporter {
        Exporter::Sqlite(path) => Some(path),
        _ => None,
    }
}

fn takes_events(logs: &[LogsTo], store: &Path) -> bool {
    logs.iter()
        .any(|to| matches!(to, LogsTo::Sqlite(path) if is_same(path, store)))
}

/// Whether two paths are of one file, which need not be there yet.
fn is_same(one: &Path, other: &Path) -> bool {
    one == other || place(one).is_some_and(|place_of_one| place(other) == Some(place_of_one))
}

fn place(path: &Path) -> Option<PathBuf> {
    if let Ok(path) = path.canonicalize() {
        return Some(path);
    }
    let folder = std::path::absolute(path).ok()?;
    let folder = folder.parent()?.canonicalize().ok()?;
    Some(folder.join(path.file_name()?))
}

/// Takes scores that come when their span has been written: they go to its store.
pub(super) fn scores(path: PathBuf) -> Box<dyn LogExporter> {
    Box::new(SqliteLogExporter::of_some(&path, "scores", score::is_late))
}
