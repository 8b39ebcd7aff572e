//! The file of a black box while its process lives: held by a lock, growing by parts.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use super::layout::{PartKind, part};
use crate::recorder::lock;
use crate::sys::forked::{MOST_UNSHARED, Process, Unshared};
use crate::sys::mapped::{Mapped, page_size};

/// How often a file is made again that somebody takes away before it is locked.
const TRIES: usize = 20;

/// The file of a black box, which this process holds.
#[derive(Debug)]
pub(super) struct BoxFile {
    file: File,
    path: PathBuf,
    process: Process,
    /// Where the next part begins.
    end: Mutex<u64>,
    most_bytes: u64,
    _unshared: Unshared,
}

impl BoxFile {
    /// Makes a file in `folder`, which is made where there is none, and locks it.
    pub(super) fn create(folder: &Path, most_bytes: u64) -> io::Result<Self> {
        crate::sys::forked::watch()?;
        for _ in 0..TRIES {
            let mut builder = fs::DirBuilder::new();
            match builder.mode(0o700).create(folder) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            let path = folder.join(format!("{}-{:016x}.box", std::process::id(), random()?));
            let mut options = File::options();
            options.read(true).write(true).create_new(true).mode(0o600);
            let file = match options.open(&path) {
                Ok(file) => file,
                // A recovery has removed the empty folder, or the name is taken.
                Err(error) if is_passing(error.kind()) => continue,
                Err(error) => return Err(error),
            };
            let held = hold(&file, &path);
            if !matches!(held, Ok(true)) {
                let _ = fs::remove_file(&path);
                held?;
                continue;
            }
            let Some(unshared) = Unshared::new(file.as_fd()) else {
                let _ = fs::remove_file(&path);
                return Err(io::Error::other(format!(
                    "this process has {MOST_UNSHARED} black boxes already, no more are allowed"
                )));
            };
            return Ok(Self {
                file,
                path,
                process: Process::this(),
                end: Mutex::new(0),
                most_bytes,
                _unshared: unshared,
            });
        }
        Err(io::Error::other(format!(
            "another process keeps removing the files of {folder:?}"
        )))
    }

    /// Adds `bytes` without a header: the box's own header, at its front.
    pub(super) fn front(&self, bytes: usize) -> io::Result<Mapped> {
        self.grow(bytes, self.most_bytes, |_| {})
    }

    /// Adds a part of at least `bytes`, its header included.
    pub(super) fn part(&self, kind: PartKind, bytes: usize) -> io::Result<Mapped> {
        let most_bytes = match kind {
            PartKind::Pages => self.most_bytes,
            // The rest is for pages: where segments find no room, entries go there.
            PartKind::Segment => self.most_bytes - self.most_bytes / 4,
        };
        self.grow(bytes, most_bytes, |mapped| {
            if let Some(header) = mapped.words().first_chunk::<{ part::WORDS }>() {
                header[part::LEN].store(to_u64(mapped.len()), Ordering::Relaxed);
                header[part::COMMITTED].store(0, Ordering::Relaxed);
                header[part::KIND].store(kind.word(), Ordering::Release);
            }
        })
    }

    fn grow(
        &self,
        bytes: usize,
        most_bytes: u64,
        begin: impl FnOnce(&Mapped),
    ) -> io::Result<Mapped> {
        let bytes = bytes.next_multiple_of(page_size());
        // Under the lock until the part has its header, so that none is missing before another: a reader
        // ends at the first that has none.
        let mut end = lock(&self.end);
        let next = end.saturating_add(to_u64(bytes));
        if next > most_bytes {
            return Err(io::Error::new(
                ErrorKind::QuotaExceeded,
                format!(
                    "the black box would have {next} bytes, {} are allowed",
                    most_bytes
                ),
            ));
        }
        let mapped = Mapped::new(&self.file, *end, bytes)?;
        begin(&mapped);
        *end = next;
        Ok(mapped)
    }

    /// Whether the file is still at its place.
    pub(super) fn is_in_place(&self) -> bool {
        is_at(&self.file, &self.path).unwrap_or(false)
    }

    /// Removes the file, and its folder with the last. A process that was forked off removes nothing.
    pub(super) fn remove(&self) {
        if !self.process.is_this() {
            return;
        }
        let _ = fs::remove_file(&self.path);
        if let Some(folder) = self.path.parent() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Locks the file; whether it is ours and still at its place.
fn hold(file: &File, path: &Path) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => {}
        // A recovery looks into it, finds nothing, and takes it away.
        Err(TryLockError::WouldBlock) => return Ok(false),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    is_at(file, path)
}

/// Whether `path` still names the file that is open.
pub(in crate::recorder) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let ours = file.metadata()?;
    match fs::metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (ours.dev(), ours.ino())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_passing(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::AlreadyExists)
}

fn random() -> io::Result<u64> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(u64::from_le_bytes(bytes))
}

pub(super) fn to_u64(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
