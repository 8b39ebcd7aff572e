//! The black boxes of a traces file: which are held, and which have been left.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::RecoverError;
use crate::order;
use crate::recorder::black_box::is_at;

/// How long one recovery waits for another.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(5);
/// How often a box is tried that somebody only looks at for a moment.
const TRIES: u32 = 4;

/// The right to work on a folder: one recovery at a time has it.
#[derive(Debug)]
pub(super) struct Turn {
    folder: PathBuf,
    _held: File,
}

impl Turn {
    /// Waits for the turn; none where there is no such folder.
    pub(super) fn take(folder: &Path) -> Result<Option<Self>, RecoverError> {
        let until = Instant::now() + PATIENCE;
        loop {
            match try_take(folder) {
                Ok(Taken::Yes(held)) => {
                    return Ok(Some(Self {
                        folder: folder.to_owned(),
                        _held: held,
                    }));
                }
                Ok(Taken::NoFolder) => return Ok(None),
                Ok(Taken::Busy) if Instant::now() < until => thread::sleep(PAUSE),
                Ok(Taken::Busy) => {
                    return Err(RecoverError::Busy {
                        path: folder.to_owned(),
                    });
                }
                Err(source) => {
                    return Err(RecoverError::Folder {
                        path: folder.to_owned(),
                        source,
                    });
                }
            }
        }
    }

    /// Ends the work; the folder goes with its last box.
    pub(super) fn end(self) {
        let _ = fs::remove_dir(&self.folder);
    }
}

enum Taken {
    Yes(File),
    NoFolder,
    Busy,
}

fn try_take(folder: &Path) -> io::Result<Taken> {
    let held = match File::open(folder) {
        Ok(held) => held,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Taken::NoFolder),
        Err(error) => return Err(error),
    };
    match held.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(Taken::Busy),
        // A file system without locks has one process, or its users' word for it.
        Err(TryLockError::Error(error)) if error.kind() != ErrorKind::Unsupported => {
            return Err(error);
        }
        _ => {}
    }
    match is_at(&held, folder)? {
        true => Ok(Taken::Yes(held)),
        // It was removed, and perhaps made again, while we waited.
        false => Ok(Taken::Busy),
    }
}

/// The black boxes in a folder.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) dead: Vec<DeadBox>,
    pub(super) alive: u64,
    /// Those that cannot be opened, and why: they stay where they are.
    pub(super) bad: Vec<(PathBuf, String)>,
}

/// Finds the boxes in `folder`, and takes those that nobody holds.
pub(super) fn find(folder: &Path) -> io::Result<Found> {
    let mut found = Found::default();
    for path in paths(folder)? {
        match DeadBox::take(&path) {
            Ok(Taking::Dead(dead)) => found.dead.push(dead),
            Ok(Taking::Alive) => found.alive += 1,
            Ok(Taking::Gone) => {}
            Err(error) => found
                .bad
                .push((path, format!("it cannot be opened: {error}"))),
        }
    }
    Ok(found)
}

/// The files in `folder` that are called as black boxes are, in a fixed order.
pub(in crate::recorder) fn paths(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry?;
        let is_box = entry.path().extension().is_some_and(|name| name == "box");
        if is_box && entry.file_type()?.is_file() {
            paths.push(entry.path());
        }
    }
    order::sort_by(&mut paths, PathBuf::cmp);
    Ok(paths)
}

/// A box that a dead process has left, and that this recovery holds.
#[derive(Debug)]
pub(super) struct DeadBox {
    path: PathBuf,
    file: File,
}

enum Taking {
    Dead(DeadBox),
    Alive,
    Gone,
}

impl DeadBox {
    fn take(path: &Path) -> io::Result<Taking> {
        for _ in 0..TRIES {
            let file = match File::options().read(true).write(true).open(path) {
                Ok(file) => file,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Taking::Gone),
                Err(error) => return Err(error),
            };
            match file.try_lock() {
                Ok(()) if is_at(&file, path)? => {
                    let path = path.to_owned();
                    return Ok(Taking::Dead(Self { path, file }));
                }
                Ok(()) => return Ok(Taking::Gone),
                Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Ok(Taking::Alive)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Another handle of the file, which is held as long as this one is.
    pub(super) fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    pub(super) fn remove(&self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }

    /// Keeps the box under a name under which it is not looked at again: that name.
    pub(super) fn keep_aside(&self) -> io::Result<PathBuf> {
        let kept = self.path.with_extension("box.bad");
        fs::rename(&self.path, &kept)?;
        Ok(kept)
    }
}
