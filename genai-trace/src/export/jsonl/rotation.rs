//! A file that has become too large or too old is put aside under a name of its time.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::age::first_line_at;
use super::chunk::Chunk;
use super::live::LiveFile;
use super::rotated::RotatedSet;
use super::target::Target;

/// How often another process may take the very name that was to be ours.
const MOST_TRIES: u32 = 100;

/// When a file is put aside, and how many are kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Rotation {
    pub(super) at_bytes: Option<u64>,
    pub(super) every: Option<Duration>,
    pub(super) keep: Option<usize>,
}

impl Rotation {
    /// Whether a file is ever put aside.
    pub(super) const fn is_on(&self) -> bool {
        self.at_bytes.is_some() || self.every.is_some()
    }

    /// How many of `lines` may go into the file, which has `len` bytes: none says that it is to be
    /// put aside. An empty file takes a line of any size.
    pub(super) fn room<T: Target>(&self, live: &LiveFile<T>, len: u64, lines: Chunk<'_>) -> usize {
        if len > 0 && self.every.is_some_and(|every| is_older(live, every)) {
            return 0;
        }
        let Some(limit) = self.at_bytes else {
            return lines.lines();
        };
        let bytes = usize::try_from(limit.saturating_sub(len)).unwrap_or(usize::MAX);
        let (fitting, _) = lines.whole_in(bytes);
        if len == 0 { fitting.max(1) } else { fitting }
    }

    /// Puts the file aside and opens a new one. To be called in the file's turn.
    pub(super) fn rotate<T: Target>(&self, live: &mut LiveFile<T>) -> io::Result<()> {
        // The last line is torn only where a writer died; nobody will come to end it.
        live.heal()?;
        let set = RotatedSet::of(live.path());
        let aside = reserve(&set)?;
        if let Err(error) = fs::rename(set.live(), &aside) {
            // Nothing stands in it.
            let _ = fs::remove_file(&aside);
            return Err(error);
        }
        live.reopen()
    }

    /// Removes the oldest files where there are more than are kept.
    pub(super) fn prune(&self, path: &Path) -> io::Result<()> {
        let Some(keep) = self.keep else {
            return Ok(());
        };
        let files = RotatedSet::of(path).files()?;
        let surplus = files.len().saturating_sub(keep);
        for rotated in files.iter().take(surplus) {
            match fs::remove_file(&rotated.path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whether the first line was written to the file longer ago than `age`.
fn is_older<T: Target>(live: &LiveFile<T>, age: Duration) -> bool {
    let first = match live.begun() {
        Some(begun) => Ok(begun),
        None => first_line_at(live.file()),
    };
    first.is_ok_and(|first| first.elapsed().is_ok_and(|elapsed| elapsed >= age))
}

/// An empty file under the next name of the set. Renaming puts the lines in its place: so no file
/// that has lines is ever overwritten.
fn reserve(set: &RotatedSet) -> io::Result<PathBuf> {
    let mut refused = None;
    for _ in 0..MOST_TRIES {
        let path = set.next(SystemTime::now())?;
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(_) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => refused = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(refused.unwrap_or_else(|| ErrorKind::AlreadyExists.into()))
}
