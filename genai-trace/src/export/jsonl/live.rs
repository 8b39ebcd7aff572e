//! The file that lines are appended to, for as long as its path leads to it.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::chunk::Chunk;
use super::identity::{FileId, is_nameless};
use super::lock::{Patience, Turn, ask};
use super::options::SyncPolicy;
use super::rotated::RotatedSet;
use super::target::Target;
use crate::export::utc::stamp;

/// The file that lines are appended to, for as long as its path leads to it.
#[derive(Debug)]
pub(super) struct LiveFile<T> {
    target: T,
    path: PathBuf,
    id: FileId,
    /// Pipes and devices have no length, no turns and no other names.
    is_regular: bool,
    /// Where the file ended when we last looked.
    end: u64,
    /// When we wrote the first line, where it is ours.
    begun: Option<SystemTime>,
    /// The last line has no end: the next write ends it first.
    is_torn: bool,
    /// When we last saw our file at its path.
    seen: SystemTime,
    policy: SyncPolicy,
    /// Lines were written that may not be on the disk.
    is_unsynced: bool,
    /// What was wrong with a file that was left.
    failed_sync: Option<io::Error>,
}

/// What a writer finds when it asks for the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) turn: Turn,
    /// Somebody took the file away, and it was not its rotation.
    pub(super) was_displaced: bool,
    /// How long the file is, where that was seen when the path was asked for it.
    len: Option<u64>,
}

/// Some lines could not be written.
#[derive(Debug)]
pub(super) struct AppendError {
    pub(super) lost_lines: usize,
    pub(super) source: io::Error,
}

impl<T: Target> LiveFile<T> {
    /// Opens the file at `path`, made where there is none with the permissions of `like`.
    pub(super) fn open(
        path: &Path,
        like: Option<&Metadata>,
        policy: SyncPolicy,
    ) -> io::Result<Self> {
        let target = T::open(path, like)?;
        let metadata = target.file().metadata()?;
        if policy != SyncPolicy::Never {
            sync_name(path);
        }
        Ok(Self {
            target,
            path: path.to_owned(),
            id: FileId::of(&metadata),
            is_regular: metadata.is_file(),
            // Whatever stands there is looked at before the first write.
            end: 0,
            begun: None,
            is_torn: false,
            seen: SystemTime::now(),
            policy,
            is_unsynced: false,
            failed_sync: None,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn file(&self) -> &File {
        self.target.file()
    }

    pub(super) const fn is_regular(&self) -> bool {
        self.is_regular
    }

    /// When we wrote the first line; none where somebody else did.
    pub(super) const fn begun(&self) -> Option<SystemTime> {
        self.begun
    }

    /// Waits a bounded time for the turn at the file that the path leads to, which is opened where it
    /// is not ours.
    pub(super) fn hold(&mut self) -> io::Result<Held> {
        let mut held = Held {
            turn: Turn::Unsupported,
            was_displaced: false,
            len: None,
        };
        if !self.is_regular {
            return Ok(held);
        }
        let mut patience = Patience::new();
        loop {
            held.turn = ask(self.file());
            // Asked after the turn is ours, so that it stays so until the turn is given back.
            let found = self.path.metadata();
            if self.is_elsewhere(&found) {
                held.was_displaced |= !self.was_rotated();
                self.reopen()?;
                if patience.wait() {
                    continue;
                }
                held.turn = Turn::Taken;
                return Ok(held);
            }
            held.len = found.ok().map(|found| found.len());
            if held.turn != Turn::Taken || !patience.wait() {
                return Ok(held);
            }
        }
    }

    /// Gives the turn back. One that was not ours is not taken from anyone.
    pub(super) fn release(&self) {
        if self.is_regular {
            // It fails where there are no locks; then nothing was held.
            let _ = self.file().unlock();
        }
    }

    /// Whether the path leads to another file than ours, or to none.
    fn is_elsewhere(&self, found: &io::Result<Metadata>) -> bool {
        match found {
            Ok(found) => FileId::of(found) != self.id,
            Err(error) => matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory),
        }
    }

    /// Whether our file is away because a process like this one rotated it.
    fn was_rotated(&self) -> bool {
        let rotated = RotatedSet::of(&self.path).files().unwrap_or_default();
        if rotated
            .iter()
            .any(|rotated| FileId::at(&rotated.path).is_ok_and(|id| id == self.id))
        {
            return true;
        }
        // It may be compressed by now, or be one too many.
        self.file()
            .metadata()
            .is_ok_and(|metadata| is_nameless(&metadata))
            && rotated
                .last()
                .is_some_and(|newest| newest.stamp >= stamp(self.seen))
    }

    /// Leaves the file for the one that the path leads to now; who may read it does not change.
    pub(super) fn reopen(&mut self) -> io::Result<()> {
        self.release();
        let like = self.file().metadata().ok();
        let next = Self::open(&self.path, like.as_ref(), self.policy)?;
        let synced = match self.policy {
            SyncPolicy::Never => Ok(()),
            SyncPolicy::OnFlush | SyncPolicy::EveryWrite => self.sync(),
        };
        *self = next;
        self.failed_sync = synced.err();
        Ok(())
    }

    /// The length, and with it whether others wrote in the meantime. To be asked before each write,
    /// with what was found.
    pub(super) fn look(&mut self, held: Held) -> io::Result<u64> {
        if !self.is_regular {
            return Ok(0);
        }
        self.seen = SystemTime::now();
        let len = match held.len {
            Some(len) => len,
            None => self.file().metadata()?.len(),
        };
        if len < self.end {
            // What we wrote was cut off.
            self.begun = None;
        }
        if len != self.end {
            self.is_torn = len > 0 && self.ends_torn().unwrap_or(false);
            self.end = len;
        }
        Ok(len)
    }

    fn ends_torn(&self) -> io::Result<bool> {
        let mut file = self.file();
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        Ok(last != *b"\n")
    }

    /// Ends the last line where it has no end.
    pub(super) fn heal(&mut self) -> io::Result<()> {
        if self.is_torn {
            self.write_all(b"\n").map_err(|(_, source)| source)?;
            self.is_torn = false;
            self.end += 1;
        }
        Ok(())
    }

    /// Appends lines, behind what [`look`](Self::look) saw.
    pub(super) fn append(&mut self, lines: Chunk<'_>, turn: Turn) -> Result<(), AppendError> {
        let count = lines.lines();
        self.heal().map_err(|source| AppendError {
            lost_lines: count,
            source,
        })?;
        if self.end == 0 {
            self.begun = Some(self.seen);
        }
        match self.write_all(lines.bytes()) {
            Ok(()) => {
                self.end += bytes(lines.bytes().len());
                Ok(())
            }
            Err((written, source)) => {
                let (whole_lines, whole_bytes) = lines.whole_in(written);
                let whole = self.end + bytes(whole_bytes);
                self.end += bytes(written);
                self.is_torn = written > whole_bytes && !self.cut(whole, turn);
                let kept = match self.is_torn {
                    // A line that lacks nothing but its end is whole for a reader.
                    true => lines.whole_in(written + 1).0,
                    false => whole_lines,
                };
                Err(AppendError {
                    lost_lines: count - kept,
                    source,
                })
            }
        }
    }

    /// Cuts a torn line off, where nobody can have written behind it; whether it is gone.
    fn cut(&mut self, whole: u64, turn: Turn) -> bool {
        let is_last = || {
            let metadata = self.file().metadata();
            metadata.is_ok_and(|metadata| metadata.len() == self.end)
        };
        let is_cut = self.is_regular
            && turn == Turn::Ours
            && is_last()
            && self.target.truncate(whole).is_ok();
        if is_cut {
            self.end = whole;
        }
        is_cut
    }

    /// Writes all of `bytes`, or says how many were written before what went wrong.
    fn write_all(&mut self, bytes: &[u8]) -> Result<(), (usize, io::Error)> {
        let mut written = 0;
        while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
            match self.target.write(rest) {
                Ok(0) => return Err((written, ErrorKind::WriteZero.into())),
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err((written, error)),
            }
            self.is_unsynced = true;
        }
        Ok(())
    }

    /// Waits until what was written is on the disk.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        if let Some(error) = self.failed_sync.take() {
            return Err(error);
        }
        if self.is_regular && self.is_unsynced {
            self.target.sync()?;
            self.is_unsynced = false;
        }
        Ok(())
    }
}

/// Puts a file's name on the disk. Where a folder cannot be synced there is nothing else to do.
fn sync_name(path: &Path) {
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
}

fn bytes(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
