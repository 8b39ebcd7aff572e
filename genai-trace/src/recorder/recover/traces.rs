//! The traces file as recovery sees it: which spans stand in it, its torn end, and more lines for it.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::contents::Key;
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
        let mut file = self.locked()?;
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
    ) -> io::Result<HashSet<Key>> {
        let mut found = HashSet::new();
        if wanted.is_empty() {
            return Ok(found);
        }
        for path in self.files()? {
            let Some(mut file) = existing(File::open(path))? else {
                continue;
            };
            let metadata = file.metadata()?;
            let changed = i128::from(metadata.mtime()) * 1_000_000_000
                + i128::from(metadata.mtime_nsec())
                // Clocks of file systems are coarse.
                + 1_000_000_000;
            if !metadata.is_file() || changed < i128::from(created) {
                continue;
            }
            let is_same = (metadata.dev(), metadata.ino()) == (written.device, written.inode);
            if is_same && written.offset <= metadata.len() {
                file.seek(SeekFrom::Start(written.offset))?;
            }
            search_file(BufReader::with_capacity(1 << 16, file), wanted, &mut found)?;
        }
        Ok(found)
    }

    /// The file, and those beside it whose names say that they were it: `traces.*.jsonl`.
    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let mut files = vec![self.path.to_owned()];
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy();
        let extension = self.path.extension();
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        for entry in existing(fs::read_dir(folder))?.into_iter().flatten() {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let was_it = name
                .strip_prefix(&*stem)
                .is_some_and(|rest| rest.starts_with('.'));
            if was_it && path.extension() == extension && path.file_name() != self.path.file_name()
            {
                files.push(path);
            }
        }
        Ok(files)
    }

    /// Appends whole lines, all or none.
    pub(super) fn append(&self, lines: &[u8]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let mut file = self.locked()?;
        let start = file.metadata()?.len();
        let Err(error) = file.write_all(lines) else {
            return Ok(());
        };
        // A full disk: what was written of it is taken back, so that no line stays torn.
        let _ = file.set_len(start);
        Err(error)
    }

    /// Puts what was written on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        match existing(File::open(self.path))? {
            Some(file) => file.sync_data(),
            None => Ok(()),
        }
    }

    /// The file for appending, under the lock that its writers keep.
    fn locked(&self) -> io::Result<File> {
        let until = Instant::now() + PATIENCE;
        loop {
            let mut options = File::options();
            let file = options
                .read(true)
                .append(true)
                .create(true)
                .open(self.path)?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
                    thread::sleep(PAUSE);
                    continue;
                }
                // Without it, as a file system that knows none has it.
                Err(_) => return Ok(file),
                Ok(()) => {}
            }
            if is_at(&file, self.path)? || Instant::now() >= until {
                return Ok(file);
            }
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

/// Adds to `found` what of `wanted` stands in whole lines.
fn search_file(
    mut reader: impl BufRead,
    wanted: &HashSet<Key>,
    found: &mut HashSet<Key>,
) -> io::Result<()> {
    let mut front = Vec::with_capacity(FRONT_BYTES);
    // Of the line as far as it was read: its last byte, and whether it has a hole.
    let (mut last, mut has_hole) = (0, false);
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Ok(());
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let piece = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
        let room = FRONT_BYTES - front.len();
        front.extend_from_slice(piece.get(..room).unwrap_or(piece));
        last = piece.last().copied().unwrap_or(last);
        has_hole |= piece.contains(&0);
        let used = piece.len() + usize::from(end.is_some());
        reader.consume(used);
        if end.is_some() {
            if let Some(key) = key(&front)
                && last == b'}'
                && !has_hole
                && wanted.contains(&key)
            {
                found.insert(key);
            }
            front.clear();
            (last, has_hole) = (0, false);
        }
    }
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
