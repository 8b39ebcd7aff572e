//! Events beside the spans, one a line: `traces.events.jsonl` and `traces.scores.jsonl`.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::file::{JsonlFile, Settings};
use super::trouble::Trouble;
use crate::export::ExportError;
use crate::export::log::LogExporter;
use crate::record::LogRecord;

/// Appends events to a file, one line of JSON each, in the form of [`LogRecord`].
///
/// The file is shared, healed and found again as that of the spans is.
#[derive(Debug)]
pub struct JsonlLogExporter {
    place: Place,
    name: &'static str,
    takes: fn(&LogRecord) -> bool,
}

#[derive(Debug)]
enum Place {
    Open(JsonlFile),
    /// Made when there is something to write.
    ToCome(PathBuf),
}

impl JsonlLogExporter {
    /// Opens the file at `path`, which is made where there is none.
    ///
    /// # Errors
    /// Those of the file system: a folder that is missing, a folder in the file's place, no permission.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self {
            place: Place::Open(JsonlFile::open(path.as_ref(), Settings::default())?),
            name: "jsonl",
            takes: |_| true,
        })
    }

    /// Keeps the events that `takes` lets through in the file at `path`, which is made with the first of them.
    pub(crate) fn of_some(
        path: PathBuf,
        name: &'static str,
        takes: fn(&LogRecord) -> bool,
    ) -> Self {
        Self {
            place: Place::ToCome(path),
            name,
            takes,
        }
    }

    fn file(&mut self) -> io::Result<&mut JsonlFile> {
        if let Place::ToCome(path) = &self.place {
            self.place = Place::Open(JsonlFile::open(path, Settings::default())?);
        }
        match &mut self.place {
            Place::Open(file) => Ok(file),
            Place::ToCome(path) => Err(io::Error::other(format!("{} is not open", path.display()))),
        }
    }
}

impl LogExporter for JsonlLogExporter {
    fn name(&self) -> &str {
        self.name
    }

    fn export(&mut self, events: &[LogRecord]) -> Result<(), ExportError> {
        let (mut lines, mut ends) = (Vec::new(), Vec::new());
        for event in events.iter().filter(|event| (self.takes)(event)) {
            serde_json::to_writer(&mut lines, event).map_err(ExportError::new)?;
            lines.push(b'\n');
            ends.push(lines.len());
        }
        if ends.is_empty() {
            return Ok(());
        }
        let mut trouble = Trouble::default();
        match self.file() {
            Ok(file) => file.append(&lines, &ends, &mut trouble),
            Err(error) => trouble.lose(ends.len(), error),
        }
        trouble.into_result()
    }

    fn flush(&mut self, _: Instant) -> Result<(), ExportError> {
        let mut trouble = Trouble::default();
        if let Place::Open(file) = &mut self.place {
            file.flush(&mut trouble);
        }
        trouble.into_result()
    }
}

/// The file beside the traces file at `path` that is called like it with `word` before its ending:
/// `traces.events.jsonl`.
pub(crate) fn beside(path: &Path, word: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let name = match ending.is_empty() {
        true => format!("{stem}.{word}"),
        false => format!("{stem}.{word}.{ending}"),
    };
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_beside_another_keeps_its_ending() {
        let beside = |path: &str| beside(Path::new(path), "events").display().to_string();
        assert_eq!(beside("traces.jsonl"), "traces.events.jsonl");
        assert_eq!(beside("/var/log/a.b.jsonl"), "/var/log/a.b.events.jsonl");
        assert_eq!(beside("traces"), "traces.events");
    }
}
