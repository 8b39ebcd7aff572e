//! The traces file as recovery sees it: which spans stand in it, its torn end, and more lines for it.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::{File, Metadata, TryLockError};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde::de::IgnoredAny;

use super::contents::Key;
use super::{RecoverError, in_file};
use crate::export::jsonl::rotated::RotatedSet;
use crate::reader::pieces::{End, Pieces};
use crate::reader::{LONGEST_LINE, source};
use crate::recorder::black_box::{Written, is_at};

/// How long a writer of the file is waited for; whole lines are appended whole even so.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(1);
/// So much of a line says whose it is.
const FRONT_BYTES: usize = 96;

/// The traces file.
#[derive(Debug)]
pub(super) struct Traces<'a> {
    path: &'a Path,
}

/// A last line without an end.
#[derive(Debug)]
pub(super) struct TornLine {
    /// The span that it is of, where it says so.
    pub(super) key: Option<Key>,
    inode: u64,
    start: u64,
    end: u64,
}

impl<'a> Traces<'a> {
    pub(super) fn new(path: &'a Path) -> Self {
        Self { path }
    }

    pub(super) fn path(&self) -> &Path {
        self.path
    }

    /// The last line, where it has no end.
    pub(super) fn torn_line(&self) -> io::Result<Option<TornLine>> {
        let Some(mut file) = existing(File::open(self.path))? else {
            return Ok(None);
        };
        let metadata = file.metadata()?;
        if !metadata.is_file() || metadata.len() == 0 {
            return Ok(None);
        }
        let end = metadata.len();
        let start = start_of_last_line(&mut file, end)?;
        if start == end {
            return Ok(None);
        }
        file.seek(SeekFrom::Start(start))?;
        let mut front = Vec::new();
        let most = u64::try_from(FRONT_BYTES).unwrap_or(0).min(end - start);
        file.take(most).read_to_end(&mut front)?;
        Ok(Some(TornLine {
            key: key(&front),
            inode: metadata.ino(),
            start,
            end,
        }))
    }

    /// Takes the torn line off, or ends it; neither where somebody has written since.
    pub(super) fn heal(&self, torn: &TornLine, take_off: bool) -> io::Result<()> {
        let Held { mut file, .. } = self.locked()?;
        let metadata = file.metadata()?;
        if (metadata.ino(), metadata.len()) != (torn.inode, torn.end) {
            return Ok(());
        }
        if take_off {
            return file.set_len(torn.start);
        }
        file.write_all(b"\n")
    }

    /// Which of `wanted` stand in the file, or in one that it was before it was rotated: not before
    /// `written`, and in none that was left alone since `created`.
    pub(super) fn search(
        &self,
        wanted: &HashSet<Key>,
        written: Written,
        created: u64,
    ) -> Result<HashSet<Key>, RecoverError> {
        let mut found = HashSet::new();
        if wanted.is_empty() {
            return Ok(found);
        }
        let mut search = |path: &Path, is_compressed| {
            let is_there = search_path(path, is_compressed, wanted, (written, created), &mut found);
            is_there.map_err(|source| in_file(path, source))
        };
        // First, so that it is among the others where it is rotated meanwhile.
        search(self.path, false)?;
        let set = RotatedSet::of(self.path);
        let rotated = existing(set.files()).map_err(|source| in_file(set.live(), source))?;
        for rotated in rotated.into_iter().flatten() {
            if !search(&rotated.path, rotated.is_compressed)? && !rotated.is_compressed {
                // It was compressed meanwhile, or was one too many.
                let mut compressed = rotated.path.into_os_string();
                compressed.push(".gz");
                search(Path::new(&compressed), true)?;
            }
        }
        Ok(found)
    }

    /// Appends whole lines, all or none.
    pub(super) fn append(&self, lines: &[u8]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        self.locked()?
            .append(lines, |mut file, bytes| file.write(bytes))
    }

    /// Puts what was written on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        match existing(File::open(self.path))? {
            Some(file) => file.sync_data(),
            None => Ok(()),
        }
    }

    /// The file for appending, under the lock that its writers keep.
    fn locked(&self) -> io::Result<Held> {
        let until = Instant::now() + PATIENCE;
        loop {
            let mut options = File::options();
            let file = options
                .read(true)
                .append(true)
                .create(true)
                .open(self.path)?;
            let is_locked = match file.try_lock() {
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
                    thread::sleep(PAUSE);
                    continue;
                }
                // Without it, as a file system that knows none has it.
                Err(_) => false,
                Ok(()) => true,
            };
            if !is_locked || is_at(&file, self.path)? || Instant::now() >= until {
                return Ok(Held { file, is_locked });
            }
        }
    }
}

/// The file for appending.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) file: File,
    /// Nobody else writes.
    pub(super) is_locked: bool,
}

impl Held {
    /// Appends whole lines with `write`, behind the end of a line.
    pub(super) fn append(
        &self,
        lines: &[u8],
        mut write: impl FnMut(&File, &[u8]) -> io::Result<usize>,
    ) -> io::Result<()> {
        let start = self.file.metadata()?.len();
        let lines = match self.ends_torn(start)? {
            // Somebody who lived when the file was healed has died since.
            true => Cow::Owned([b"\n", lines].concat()),
            false => Cow::Borrowed(lines),
        };
        let mut written = 0;
        while let Some(rest) = lines.get(written..).filter(|rest| !rest.is_empty()) {
            let error = match write(&self.file, rest) {
                Ok(0) => ErrorKind::WriteZero.into(),
                Ok(count) => {
                    written += count;
                    continue;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => error,
            };
            self.take_back(start, u64::try_from(written).unwrap_or(u64::MAX));
            return Err(error);
        }
        Ok(())
    }

    fn ends_torn(&self, len: u64) -> io::Result<bool> {
        let Some(last) = len.checked_sub(1) else {
            return Ok(false);
        };
        let mut byte = [0];
        self.file.read_exact_at(&mut byte, last)?;
        Ok(byte != *b"\n")
    }

    /// A full disk: what was written is taken back, so that no line stays torn; not where somebody
    /// may have written behind it.
    fn take_back(&self, start: u64, written: u64) {
        let is_last = |metadata: Metadata| metadata.len() == start.saturating_add(written);
        if self.is_locked && self.file.metadata().is_ok_and(is_last) {
            let _ = self.file.set_len(start);
        }
    }
}

fn existing<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(there) => Ok(Some(there)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Where the last line begins; the end of the file where that line has an end.
fn start_of_last_line(file: &mut File, end: u64) -> io::Result<u64> {
    let mut until = end;
    let mut piece = [0; 4096];
    while until > 0 {
        let len = until.min(4096);
        let from = until - len;
        file.seek(SeekFrom::Start(from))?;
        let bytes = usize::try_from(len)
            .ok()
            .and_then(|len| piece.get_mut(..len));
        let bytes = bytes.unwrap_or_default();
        file.read_exact(bytes)?;
        if let Some(place) = bytes.iter().rposition(|byte| *byte == b'\n') {
            return Ok(from + u64::try_from(place).unwrap_or(0) + 1);
        }
        until = from;
    }
    Ok(0)
}

/// Adds to `found` what of `wanted` stands in the file at `path`, as far as it may; whether there is
/// such a file.
fn search_path(
    path: &Path,
    is_compressed: bool,
    wanted: &HashSet<Key>,
    (written, created): (Written, u64),
    found: &mut HashSet<Key>,
) -> io::Result<bool> {
    let Some(mut file) = existing(File::open(path))? else {
        return Ok(false);
    };
    let metadata = file.metadata()?;
    let changed = i128::from(metadata.mtime()) * 1_000_000_000
        + i128::from(metadata.mtime_nsec())
        // Clocks of file systems are coarse.
        + 1_000_000_000;
    if !metadata.is_file() || changed < i128::from(created) {
        return Ok(true);
    }
    if is_compressed {
        search_lines(source::of(file)?, wanted, found)?;
        return Ok(true);
    }
    let is_same = (metadata.dev(), metadata.ino()) == (written.device, written.inode);
    if is_same && written.offset <= metadata.len() {
        file.seek(SeekFrom::Start(written.offset))?;
    }
    search_lines(BufReader::with_capacity(1 << 16, file), wanted, found)?;
    Ok(true)
}

/// Adds to `found` what of `wanted` a reader of the lines finds: a line to which another is glued is
/// none.
fn search_lines(
    lines: impl BufRead,
    wanted: &HashSet<Key>,
    found: &mut HashSet<Key>,
) -> io::Result<()> {
    let mut pieces = Pieces::new(lines, LONGEST_LINE);
    loop {
        let end = pieces.next()?;
        let piece = pieces.piece();
        if let Some(key) = key(piece)
            && wanted.contains(&key)
            && is_json(piece)
        {
            found.insert(key);
        }
        if end == End::OfInput {
            return Ok(());
        }
    }
}

/// Whether the text is one whole JSON value.
pub(super) fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

/// Which span a line is of, from its front.
fn key(line: &[u8]) -> Option<Key> {
    let rest = line.strip_prefix(b"{\"trace_id\":\"")?;
    let (trace_id, rest) = rest.split_at_checked(32)?;
    let rest = rest.strip_prefix(b"\",\"span_id\":\"")?;
    let (span_id, rest) = rest.split_at_checked(16)?;
    rest.starts_with(b"\"").then_some(())?;
    Some((
        std::str::from_utf8(trace_id).ok()?.parse().ok()?,
        std::str::from_utf8(span_id).ok()?.parse().ok()?,
    ))
}
