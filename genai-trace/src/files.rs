//! The files that spans were written to, as they lie on disk: the live one, and those rotated away from it.

use std::ffi::OsStr;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use crate::export::jsonl::events::beside;
use crate::export::jsonl::rotated::RotatedSet;
use crate::reader::source;

/// The files of the traces file at `path`: those [rotated](crate::JsonlOptions) away from it, the oldest first, then the
/// file itself where it is there. A file that was compressed stands under its compressed name.
///
/// ```
/// # let folder = std::env::temp_dir().join(format!("genai-trace-files-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// let path = folder.join("traces.jsonl");
/// std::fs::write(&path, "")?;
/// std::fs::write(folder.join("traces.2026-11-21T11-43-00.123Z.jsonl"), "")?;
/// assert_eq!(genai_trace::files::of(&path)?.len(), 2);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Those of the file system; [`NotFound`](io::ErrorKind::NotFound) where there is neither the file nor a rotated one.
pub fn of(path: impl AsRef<Path>) -> io::Result<Vec<PathBuf>> {
    let path = path.as_ref();
    let set = RotatedSet::of(path);
    let mut files: Vec<PathBuf> = set.files()?.into_iter().map(|file| file.path).collect();
    if set.live().exists() {
        files.push(path.to_owned());
    }
    match files.is_empty() {
        true => Err(io::ErrorKind::NotFound.into()),
        false => Ok(files),
    }
}

/// Where the scores lie that were made of the spans in the traces file at `path`, as [`LogRecord`](crate::LogRecord)s.
///
/// ```
/// let scores = genai_trace::files::scores("runs/traces.jsonl");
/// assert_eq!(scores, std::path::Path::new("runs/traces.scores.jsonl"));
/// let scores = genai_trace::files::scores("runs/traces.db");
/// assert_eq!(scores, std::path::Path::new("runs/traces.db.scores.jsonl"));
/// ```
pub fn scores(path: impl AsRef<Path>) -> PathBuf {
    let path = path.as_ref();
    match path.extension().and_then(OsStr::to_str) {
        // A file keeps its scores when it is compressed.
        Some("gz") => beside(&path.with_extension(""), "scores"),
        // They are lines of JSON, and there may be a file of traces of the same name.
        Some("db" | "db3" | "sqlite" | "sqlite3") => {
            let mut name = path.as_os_str().to_owned();
            name.push(".scores.jsonl");
            name.into()
        }
        _ => beside(path, "scores"),
    }
}

/// Opens a traces file to be read line by line; what is in it says whether it is compressed with gzip. Of what is torn
/// there comes as much as can be read, and a zero byte behind it, which no line has that was written.
///
/// ```no_run
/// use std::io::BufRead;
///
/// let lines = genai_trace::files::open("traces.jsonl")?.lines().count();
/// println!("{lines} spans");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Those of the file system, and [`Unsupported`](io::ErrorKind::Unsupported) for a compressed file without the feature
/// `gzip`.
pub fn open(path: impl AsRef<Path>) -> io::Result<Box<dyn BufRead + Send>> {
    source::open(path.as_ref())
}
