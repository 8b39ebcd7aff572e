//! Where received spans are kept: in a file of the user's, else in one that is gone with the program.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Mutex, PoisonError};

use genai_trace::SpanRecord;
use tempfile::NamedTempFile;

use crate::input::read_at;

/// Where received spans are kept.
#[derive(Debug)]
pub(in crate::serve) struct Inbox {
    path: PathBuf,
    /// Gone with the program.
    _copy: Option<NamedTempFile>,
    /// Wakes who reads the file.
    poke: Mutex<Sender<()>>,
}

impl Inbox {
    /// Keeps spans in `file`, else in one that is gone with the program. `poke` wakes who reads it.
    pub(in crate::serve) fn new(file: Option<&Path>, poke: Sender<()>) -> Result<Self, String> {
        let (path, copy) = match file {
            Some(file) => {
                let failed = |error: io::Error| format!("cannot write to {file:?}: {error}");
                appending(file).map_err(failed)?;
                (file.to_owned(), None)
            }
            None => {
                let failed = |error: io::Error| format!("cannot keep received spans: {error}");
                let copy = NamedTempFile::new().map_err(failed)?;
                (copy.path().to_owned(), Some(copy))
            }
        };
        Ok(Self {
            path,
            _copy: copy,
            poke: Mutex::new(poke),
        })
    }

    pub(in crate::serve) fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps these spans: lines in the form of a traces file.
    pub(super) fn keep(&self, records: &[SpanRecord]) -> io::Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let mut lines = Vec::new();
        for record in records {
            serde_json::to_writer(&mut lines, record)?;
            lines.push(b'\n');
        }
        // One after the other; and each opens it, since it may have been rotated away.
        let poke = self.poke.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = appending(&self.path)?;
        if is_torn(&file)? {
            lines.insert(0, b'\n');
        }
        file.write_all(&lines)?;
        // Where nobody reads the program is about to end.
        let _ = poke.send(());
        Ok(())
    }
}

fn appending(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .open(path)
}

/// Whether the last line has no end.
fn is_torn(file: &File) -> io::Result<bool> {
    let length = file.metadata()?.len();
    let mut last = [b'\n'];
    if length > 0 {
        read_at(file, &mut last, length - 1)?;
    }
    Ok(last != [b'\n'])
}
