//! `traces.jsonl`: one finished span a line.

mod file;
mod line;

use std::io;
use std::path::Path;

use self::file::AppendFile;
pub(crate) use self::line::LineWriter;
use super::{ExportError, SpanBatch, SpanExporter};

/// Lines are gathered up to this size and written with one call: each call costs as much as ten lines.
const CHUNK_BYTES: usize = 128 * 1024;

/// Appends finished spans to a file, one line of JSON each, in the form of [`SpanRecord`](crate::SpanRecord).
///
/// Whole lines go to the file in one write, opened for appending, so that several processes may
/// share it. A last line that an earlier process left torn is ended first, so that it spoils no
/// other. A line that could not be written (a full disk, say) is counted as failed.
#[derive(Debug)]
pub struct JsonlExporter {
    file: AppendFile,
    lines: LineWriter,
}

impl JsonlExporter {
    /// Opens the file at `path`, which is made where there is none.
    ///
    /// # Errors
    /// Those of the file system: a folder that is missing, a folder in the file's place, no permission.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self {
            file: AppendFile::open(path.as_ref())?,
            lines: LineWriter::default(),
        })
    }
}

impl SpanExporter for JsonlExporter {
    fn name(&self) -> &str {
        "jsonl"
    }

    fn export(&mut self, batch: &SpanBatch<'_>) -> Result<(), ExportError> {
        self.lines.describe_process(batch.resource());
        let mut failed = 0;
        let mut cause = None;
        let mut chunk = Vec::with_capacity(CHUNK_BYTES + CHUNK_BYTES / 8);
        let mut ends = Vec::new();
        let mut views = batch.views().iter().peekable();
        while let Some(view) = views.next() {
            self.lines.write(view, &mut chunk);
            ends.push(chunk.len());
            if chunk.len() >= CHUNK_BYTES || views.peek().is_none() {
                if let Err(error) = self.file.append(&chunk, &ends) {
                    failed += error.lost_lines;
                    cause = Some(error.source);
                }
                chunk.clear();
                ends.clear();
            }
        }
        match cause {
            None => Ok(()),
            Some(source) => Err(ExportError::of_some(
                failed,
                format_args!("cannot write {:?}: {source}", self.file.path()),
            )),
        }
    }
}
