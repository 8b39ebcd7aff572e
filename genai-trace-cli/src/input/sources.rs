//! From the arguments of a command to what is read, in the order of time.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use genai_trace::files;

use super::held::{FromStart, held};

/// What each database of SQLite begins with.
pub(super) const SQLITE: &[u8; 16] = b"SQLite format 3\0";
/// So often it is looked which files there are, where they are rotated all the time.
const MOST_LOOKS: usize = 16;

/// Something that lines are read from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Stdin,
    File(PathBuf),
    /// A file that was of this name when it was found, whatever it is called by now.
    Held(PathBuf, Arc<File>),
}

impl Source {
    /// Whether it is a database of SQLite.
    pub(crate) fn is_store(&self) -> bool {
        let Source::File(path) = self else {
            return false;
        };
        // Of a pipe what is read is gone.
        if self.is_read_once() {
            return false;
        }
        let mut head = [0; SQLITE.len()];
        let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
        read.is_ok() && head == *SQLITE
    }

    /// Whether it can be read only once: standard input, or a pipe.
    pub(crate) fn is_read_once(&self) -> bool {
        match self {
            Source::Stdin => true,
            Source::File(path) => is_pipe(path),
            Source::Held(..) => false,
        }
    }

    /// Opens it; a file that is compressed with gzip is read as what is in it.
    pub(super) fn open(&self) -> Result<Box<dyn BufRead + Send>, String> {
        match self {
            Source::Stdin => Ok(Box::new(BufReader::new(io::stdin()))),
            Source::File(path) => {
                let opened = files::open(path).or_else(|error| match error.kind() {
                    // It was compressed since it was found.
                    io::ErrorKind::NotFound => files::open(compressed(path)).map_err(|_| error),
                    _ => Err(error),
                });
                opened.map_err(|error| format!("cannot read {self}: {error}"))
            }
            Source::Held(_, file) => Ok(Box::new(FromStart::of(Arc::clone(file)))),
        }
    }
}

impl Source {
    /// What one would open in an editor; none where nobody could.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Source::Stdin => None,
            Source::File(path) | Source::Held(path, _) => Some(path),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Stdin => f.write_str("standard input"),
            Source::File(path) | Source::Held(path, _) => write!(f, "{path:?}"),
        }
    }
}

/// What `arguments` name: `-` is standard input, a file comes behind those that were rotated away from it, and what is
/// no file may be a pattern. Each file is read once, and as the one that it is now: what is written when it has been
/// rotated away is not read, and nothing that was there goes missing.
pub(crate) fn sources(arguments: &[PathBuf]) -> Result<Vec<Source>, String> {
    let mut paths = list(arguments)?;
    let mut found = held(&paths);
    for _ in 1..MOST_LOOKS {
        let now = list(arguments)?;
        // Else one was rotated before it was held, or while it was looked.
        if now == paths {
            break;
        }
        paths = now;
        found = held(&paths);
    }
    Ok(found)
}

/// The places of what `arguments` name, each once; of standard input none.
fn list(arguments: &[PathBuf]) -> Result<Vec<Option<PathBuf>>, String> {
    let mut found = Vec::new();
    for argument in arguments {
        if argument.as_os_str() == "-" {
            found.push(None);
            continue;
        }
        if is_pipe(argument) {
            found.push(Some(argument.clone()));
            continue;
        }
        let paths = match named(argument)? {
            paths if !paths.is_empty() => paths,
            _ => matching(argument)?,
        };
        found.extend(paths.into_iter().map(Some));
    }
    let mut seen = HashSet::new();
    found.retain(|path| {
        let place = |path: &PathBuf| fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        seen.insert(path.as_ref().map(place))
    });
    Ok(found)
}

/// What a rotated file is called once it is compressed.
fn compressed(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".gz");
    name.into()
}

/// Whether it is there, and no file that lies on a disk.
fn is_pipe(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir())
}

/// The file of this name, and those rotated away from it; none where there is no such file.
fn named(path: &Path) -> Result<Vec<PathBuf>, String> {
    if path.is_dir() {
        return Err(format!(
            "{path:?} is a folder: expected a file or a pattern"
        ));
    }
    match files::of(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        found => found.map_err(|error| format!("cannot read {path:?}: {error}")),
    }
}

/// The files that a pattern names, in the order of their names.
fn matching(pattern: &Path) -> Result<Vec<PathBuf>, String> {
    let missing = || format!("there is no file {pattern:?}");
    let text = pattern.to_str().ok_or_else(missing)?;
    let found = glob::glob(text).map_err(|error| format!("{pattern:?} is no pattern: {error}"))?;
    let paths: Result<Vec<PathBuf>, _> = found.collect();
    let mut paths = paths.map_err(|error| format!("cannot read {pattern:?}: {error}"))?;
    paths.retain(|path| path.is_file() && !is_beside(path));
    match paths.is_empty() {
        true => Err(missing()),
        false => Ok(paths),
    }
}

/// Whether a file lies beside a traces file and has no spans in it: its events, or its scores.
fn is_beside(path: &Path) -> bool {
    let stem = path.file_stem().and_then(OsStr::to_str).unwrap_or_default();
    stem.ends_with(".events") || stem.ends_with(".scores") || is_of_store(path)
}

/// Whether a file is the log of a store, or what its processes share.
pub(crate) fn is_of_store(path: &Path) -> bool {
    let name = path.to_string_lossy();
    let store = ["-wal", "-shm"]
        .iter()
        .find_map(|end| name.strip_suffix(end));
    store.is_some_and(|store| Path::new(store).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotated_file_that_is_compressed_before_it_is_opened_is_read_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let live = folder.path().join("traces.jsonl");
        let rotated = folder.path().join("traces.2026-11-21T11-43-00.123Z.jsonl");
        fs::write(&live, "two\n").unwrap();
        fs::write(&rotated, "one\n").unwrap();
        let paths = list(std::slice::from_ref(&live)).unwrap();
        let found: Vec<_> = paths.into_iter().flatten().map(Source::File).collect();
        fs::rename(&rotated, compressed(&rotated)).unwrap();
        let read = found
            .iter()
            .flat_map(|source| source.open().unwrap().lines());
        let lines: Vec<String> = read.map(Result::unwrap).collect();
        assert_eq!(lines, ["one", "two"]);
        fs::remove_file(compressed(&rotated)).unwrap();
        let error = found[0].open().err().unwrap();
        assert!(
            error.starts_with(&format!("cannot read {rotated:?}: ")),
            "{error}"
        );
    }

    #[test]
    fn what_is_rotated_or_removed_when_it_was_found_is_read_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let live = folder.path().join("traces.jsonl");
        let rotated = |day: u32| {
            let name = format!("traces.2026-11-{day}T11-43-00.123Z.jsonl");
            folder.path().join(name)
        };
        fs::write(rotated(20), "one\n").unwrap();
        fs::write(&live, "two\n").unwrap();
        let found = sources(std::slice::from_ref(&live)).unwrap();
        fs::rename(&live, rotated(21)).unwrap();
        fs::write(&live, "three\n").unwrap();
        fs::remove_file(rotated(20)).unwrap();
        let lines = |source: &Source| -> Vec<String> {
            let lines = source.open().unwrap().lines();
            lines.map(Result::unwrap).collect()
        };
        // As often as one likes.
        for _ in 0..2 {
            let read: Vec<_> = found.iter().flat_map(lines).collect();
            assert_eq!(read, ["one", "two"]);
        }
        assert_eq!(found[1].path(), Some(live.as_path()));
    }
}
