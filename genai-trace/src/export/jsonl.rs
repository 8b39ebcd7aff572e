//! `traces.jsonl`: one finished span a line.

mod age;
mod chunk;
pub(crate) mod events;
mod file;
#[cfg(feature = "gzip")]
mod gzip;
mod identity;
mod line;
mod live;
mod lock;
mod options;
pub(crate) mod rotated;
mod rotation;
mod target;
mod trouble;

use std::io;
use std::path::Path;
use std::time::Instant;

use self::file::JsonlFile;
pub(crate) use self::line::{LineWriter, resource_json};
pub use self::options::{JsonlOptions, SyncPolicy};
use self::trouble::Trouble;
use super::{ExportError, SpanBatch, SpanExporter};

/// Lines are gathered up to this size and written with one call: each call costs as much as ten lines.
const CHUNK_BYTES: usize = 128 * 1024;
/// So long a line is, about.
const LINE_BYTES: usize = 512;

/// Appends finished spans to a file, one line of JSON each, in the form of [`SpanRecord`](crate::SpanRecord).
///
/// Whole lines go to the file in one write, opened for appending, and writers take turns by the
/// system's file lock, so that several processes may share it. A last line that a process left torn is
/// ended first, so that it spoils no other. A line that could not be written (a full disk, say) is
/// counted as failed; the next ones are tried again. A file that is removed or moved is noticed, counted
/// as an error that cost no span, and writing goes on in a new one. A named pipe needs a reader when it
/// is opened.
#[derive(Debug)]
pub struct JsonlExporter {
    file: JsonlFile,
    lines: LineWriter,
    /// Lines that are being gathered, and where each ends. Kept from batch to batch: fresh memory
    /// would cost as much as some of the lines.
    chunk: Vec<u8>,
    ends: Vec<usize>,
}

impl JsonlExporter {
    /// Opens the file at `path`, which is made where there is none.
    ///
    /// # Errors
    /// Those of the file system: a folder that is missing, a folder in the file's place, no permission, a
    /// named pipe that nobody reads.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::options().open(path)
    }

    /// How a file may be written: rotation, compression, syncing.
    pub fn options() -> JsonlOptions {
        JsonlOptions::default()
    }

    fn of(file: JsonlFile) -> Self {
        Self {
            file,
            lines: LineWriter::default(),
            chunk: Vec::new(),
            ends: Vec::new(),
        }
    }
}

impl JsonlExporter {
    fn end_line(&mut self, trouble: &mut Trouble) {
        self.ends.push(self.chunk.len());
        if self.chunk.len() >= CHUNK_BYTES {
            self.append(trouble);
        }
    }

    fn append(&mut self, trouble: &mut Trouble) {
        self.file.append(&self.chunk, &self.ends, trouble);
        self.chunk.clear();
        self.ends.clear();
        // A very long line was in it.
        self.chunk.shrink_to(2 * CHUNK_BYTES);
    }
}

impl SpanExporter for JsonlExporter {
    fn name(&self) -> &str {
        "jsonl"
    }

    fn export(&mut self, batch: &SpanBatch<'_>) -> Result<(), ExportError> {
        self.lines.describe_process(batch.resource());
        let mut trouble = Trouble::default();
        // A process with one span needs no room for thousands.
        let lines = batch.len().saturating_mul(LINE_BYTES);
        self.chunk.reserve(lines.min(CHUNK_BYTES + CHUNK_BYTES / 8));
        match batch.views() {
            Some(views) => views.for_each(|view| {
                self.lines.write(&view, &mut self.chunk);
                self.end_line(&mut trouble);
            }),
            None => {
                for span in batch.records() {
                    let written = batch.shape().write(span, &mut self.chunk);
                    written.map_err(ExportError::new)?;
                    self.chunk.push(b'\n');
                    self.end_line(&mut trouble);
                }
            }
        }
        if !self.ends.is_empty() {
            self.append(&mut trouble);
        }
        trouble.into_result()
    }

    fn flush(&mut self, _: Instant) -> Result<(), ExportError> {
        let mut trouble = Trouble::default();
        self.file.flush(&mut trouble);
        trouble.into_result()
    }

    fn shutdown(&mut self, _: Instant) -> Result<(), ExportError> {
        let mut trouble = Trouble::default();
        self.file.finish(&mut trouble);
        trouble.into_result()
    }
}
