//! Reads `traces.jsonl` back, whatever became of the file.

#[cfg(feature = "gzip")]
mod members;
pub(crate) mod of_trace;
pub(crate) mod pieces;
pub(crate) mod source;
#[cfg(feature = "sqlite")]
pub(crate) mod store;

use std::fmt;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use self::pieces::{End, Pieces};
use crate::export::jsonl::rotated::RotatedSet;
use crate::record::SpanRecord;

/// Longest line that is read, in bytes: what memory reading takes is bounded.
pub(crate) const LONGEST_LINE: usize = 64 * 1024 * 1024;

/// Reads finished spans from lines of JSON, the file of [`JsonlExporter`](crate::JsonlExporter) or any
/// like it.
///
/// What cannot be read is passed over and counted: lines that are no span, invalid UTF-8, a last line
/// that is torn, lines longer than 64 MiB, and holes of zero bytes as a power cut leaves them. The text
/// on both sides of a hole is read. Lines that are blank say nothing and are not counted. Where reading
/// fails the error is the last item.
///
/// ```
/// use genai_trace::SpanReader;
///
/// # let line = r#"{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","parent_span_id":null,"name":"execute_tool read_file","kind":"INTERNAL","start_unix_nano":1,"end_unix_nano":2,"status":"UNSET","status_message":"","attributes":{},"events":[],"links":[],"resource":{}}"#;
/// let text = format!("{line}\n\0\0\0\0{line}\n{{\"trace_id\":\"4bf92f35");
/// let mut reader = SpanReader::new(text.as_bytes());
/// for span in &mut reader {
///     assert_eq!(span?.name, "execute_tool read_file");
/// }
/// assert_eq!(reader.bad_lines(), 2);
/// assert_eq!(reader.first_bad(), Some((2, "a hole of zero bytes")));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct SpanReader<R = Box<dyn BufRead + Send>> {
    pieces: Pieces<R>,
    /// The number of the line that is being read, from 1.
    line: u64,
    /// That line was counted as bad.
    is_counted: bool,
    bad_lines: u64,
    first_bad: Option<(u64, String)>,
    is_done: bool,
}

impl SpanReader {
    /// Opens the file at `path`; one that is compressed with gzip needs the feature `gzip`, a
    /// [store](crate::Builder) of SQLite the feature `sqlite`.
    ///
    /// # Errors
    /// Those of the file system, and [`Unsupported`](io::ErrorKind::Unsupported) for a compressed file
    /// without the feature.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self::new(source::open(path.as_ref())?))
    }

    /// The rotated files of the traces file at `path`, the oldest first, and behind them the file
    /// itself; of them those that there are. A file that is rotated meanwhile may be missing.
    ///
    /// ```
    /// use genai_trace::SpanReader;
    ///
    /// # fn all() -> std::io::Result<()> {
    /// for file in SpanReader::files_of("traces.jsonl")? {
    ///     for span in SpanReader::open(file)? {
    ///         println!("{}", span?.name);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn files_of(path: impl AsRef<Path>) -> io::Result<Vec<PathBuf>> {
        let path = path.as_ref();
        let rotated = RotatedSet::of(path).files()?;
        let mut files: Vec<_> = rotated.into_iter().map(|rotated| rotated.path).collect();
        if path.try_exists()? {
            files.push(path.to_owned());
        }
        Ok(files)
    }
}

impl<R: BufRead> SpanReader<R> {
    /// Reads from `input`.
    pub fn new(input: R) -> Self {
        Self {
            pieces: Pieces::new(input, LONGEST_LINE),
            line: 1,
            is_counted: false,
            bad_lines: 0,
            first_bad: None,
            is_done: false,
        }
    }

    /// How many lines could not be read, in whole or in part, so far.
    pub fn bad_lines(&self) -> u64 {
        self.bad_lines
    }

    /// The number of the first line that could not be read, from 1, and why.
    pub fn first_bad(&self) -> Option<(u64, &str)> {
        let (line, reason) = self.first_bad.as_ref()?;
        Some((*line, reason))
    }

    /// Counts the line as bad, however much of it is.
    fn count(&mut self, reason: impl fmt::Display) {
        if !std::mem::replace(&mut self.is_counted, true) {
            self.bad_lines += 1;
            let line = self.line;
            self.first_bad
                .get_or_insert_with(|| (line, reason.to_string()));
        }
    }

    /// Reads the next piece; a span where it is one.
    fn read(&mut self) -> io::Result<Option<SpanRecord>> {
        let end = self.pieces.next()?;
        let piece = self.pieces.piece();
        let is_blank = piece.iter().all(u8::is_ascii_whitespace);
        let parsed = match is_blank {
            true => Ok(None),
            false => serde_json::from_slice(piece).map(Some),
        };
        let mut span = None;
        match parsed {
            _ if self.pieces.is_too_long() => {
                self.count(format_args!("longer than {LONGEST_LINE} bytes"));
            }
            Ok(found) => span = found,
            Err(error) if end == End::OfInput => self.count(format_args!("cut off: {error}")),
            Err(error) => self.count(format_args!("not a span: {error}")),
        }
        match end {
            End::OfLine => {
                self.line += 1;
                self.is_counted = false;
            }
            End::Hole => self.count("a hole of zero bytes"),
            End::OfInput => self.is_done = true,
        }
        Ok(span)
    }
}

impl<R: BufRead> Iterator for SpanReader<R> {
    type Item = io::Result<SpanRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_done {
            match self.read() {
                Ok(None) => {}
                Ok(Some(span)) => return Some(Ok(span)),
                Err(error) => {
                    self.is_done = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

impl<R> fmt::Debug for SpanReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpanReader")
            .field("line", &self.line)
            .field("bad_lines", &self.bad_lines)
            .field("first_bad", &self.first_bad)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
