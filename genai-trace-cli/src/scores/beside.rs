//! Where scores lie: beside the traces file, or in a store.

use std::collections::HashSet;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use genai_trace::{JsonlLogExporter, LogExporter, LogRecord, files, sqlite};

use super::{RESULT, Scores};
use crate::input::{Source, event_in, sources};

/// Longer nobody waits for a disk.
const PATIENCE: Duration = Duration::from_secs(5);

impl Scores {
    /// The scores beside the files that a command reads.
    pub(crate) fn beside(arguments: &[PathBuf]) -> Result<Self, String> {
        let read = sources(arguments)?;
        let is_store = |path: &Path| Source::File(path.to_owned()).is_store();
        let is_pipe = |path: &Path| Source::File(path.to_owned()).is_read_once();
        let read = read.iter().filter_map(|source| source.path());
        let mut seen = HashSet::new();
        let mut scores = Self::default();
        for store in read.clone().filter(|path| is_store(path)) {
            scores.read_store(store)?;
        }
        let arguments = arguments.iter().map(PathBuf::as_path);
        for path in arguments.chain(read).filter(|path| !is_pipe(path)) {
            let file = files::scores(path);
            if seen.insert(file.clone()) && file.is_file() {
                scores.read(&file)?;
            }
        }
        Ok(scores)
    }

    /// Those in a store of SQLite that came when their span had been written; the others stand on their spans.
    fn read_store(&mut self, path: &Path) -> Result<(), String> {
        let failed = |error: rusqlite::Error| format!("cannot read {path:?}: {error}");
        let store = sqlite::open(path).map_err(|error| format!("cannot read {path:?}: {error}"))?;
        let mut query = store
            .prepare(
                "SELECT name, time_unix_nano, trace_id, span_id, attributes FROM events \
                 WHERE name = ? AND NOT is_on_span AND trace_id IS NOT NULL ORDER BY id",
            )
            .map_err(failed)?;
        let mut rows = query.query([RESULT]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let record = event_in(row).map_err(failed)?;
            if let Ok(record) = serde_json::from_value(record) {
                self.take(&record);
            }
        }
        Ok(())
    }

    fn read(&mut self, file: &Path) -> Result<(), String> {
        let failed = |error: io::Error| format!("cannot read {file:?}: {error}");
        let mut bad = 0_u64;
        for line in files::open(file).map_err(failed)?.split(b'\n') {
            let line = line.map_err(failed)?;
            match serde_json::from_slice(&line) {
                Ok(record) => {
                    self.take(&record);
                }
                Err(_) => bad += u64::from(!line.trim_ascii().is_empty()),
            }
        }
        let complaint = match bad {
            0 => return Ok(()),
            1 => "a line is no score and was passed over".to_owned(),
            _ => format!("{bad} lines are no scores and were passed over"),
        };
        // Where that is closed nobody wants to know.
        let _ = writeln!(io::stderr(), "genai-trace: {file:?}: {complaint}");
        Ok(())
    }
}

/// Puts a score into the file beside the traces file at `path`.
pub(crate) fn keep(path: &Path, record: LogRecord) -> Result<(), String> {
    let file = files::scores(path);
    let mut exporter =
        JsonlLogExporter::open(&file).map_err(|error| format!("cannot open {file:?}: {error}"))?;
    let failed = |error| format!("cannot write to {file:?}: {error}");
    exporter.export(&[record]).map_err(failed)?;
    exporter.flush(Instant::now() + PATIENCE).map_err(failed)
}
