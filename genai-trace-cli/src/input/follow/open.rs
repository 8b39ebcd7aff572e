//! A file that is open: its whole lines as it grows, and whether it is still the file that it was.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;

use memchr::{memchr, memrchr, memrchr_iter};
use serde::de::IgnoredAny;

use super::{Identity, Step, identity};
use crate::input::at::read_at;
use crate::input::blocks::{BLOCK_BYTES, LONGEST_LINE};
use crate::input::sources::SQLITE;

/// So much of what was read last is looked at again before more is read: a file that was written anew differs there.
const MARK_BYTES: usize = 64;

/// A file that is open, and how far it has been read.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) file: Arc<File>,
    pub(super) identity: Option<Identity>,
    /// Where the next line begins.
    pub(super) offset: u64,
    /// What stands before that.
    mark: Vec<u8>,
    /// How much behind the last line break has been looked at in vain.
    torn: u64,
    /// The name stands for another file by now: what is left is read, then that one.
    pub(super) is_left: bool,
}

impl Open {
    pub(super) fn try_new(path: &Path) -> io::Result<Option<Self>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(Some(Self::new(Arc::new(file), identity(&metadata))))
    }

    pub(super) fn new(file: Arc<File>, identity: Option<Identity>) -> Self {
        Self {
            file,
            identity,
            offset: 0,
            mark: Vec::new(),
            torn: 0,
            is_left: false,
        }
    }

    /// Whether the name stands for another file by now.
    pub(super) fn is_elsewhere(&self, path: &Path) -> bool {
        let now = fs::metadata(path).ok().as_ref().and_then(identity);
        now.is_some() && now != self.identity
    }

    pub(super) fn step(&mut self) -> io::Result<Step> {
        let length = self.file.metadata()?.len();
        if length < self.offset {
            return Ok(self.cut());
        }
        let new = length - self.offset;
        if new == 0 || new == self.torn {
            return Ok(Step::Idle);
        }
        if self.mark.is_empty() && self.is_store()? {
            return Ok(Step::Store);
        }
        let mut wanted = BLOCK_BYTES;
        loop {
            let Some(mut bytes) = self.read(wanted)? else {
                return Ok(self.cut());
            };
            if let Some(end) = memrchr(b'\n', &bytes) {
                bytes.truncate(end + 1);
                return Ok(self.take(bytes));
            }
            if bytes.len() < wanted {
                // A last line may do without a line break, where it is one.
                if serde_json::from_slice::<IgnoredAny>(&bytes).is_ok() {
                    return Ok(self.take(bytes));
                }
                self.torn = len(&bytes);
                return Ok(Step::Idle);
            }
            if wanted >= LONGEST_LINE {
                return self.skip_line(len(&bytes));
            }
            wanted *= 4;
        }
    }

    /// Whether it is a database of SQLite.
    pub(super) fn is_store(&self) -> io::Result<bool> {
        let mut head = [0; SQLITE.len()];
        let read = read_at(&self.file, &mut head, 0)?;
        Ok(read == head.len() && head == *SQLITE)
    }

    /// So many bytes behind the last line; none where what stands before them is not what stood there.
    fn read(&self, wanted: usize) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = vec![0; self.mark.len() + wanted];
        let read = read_at(&self.file, &mut bytes, self.offset - len(&self.mark))?;
        bytes.truncate(read);
        if !bytes.starts_with(&self.mark) {
            return Ok(None);
        }
        Ok(Some(bytes.split_off(self.mark.len())))
    }

    fn take(&mut self, bytes: Vec<u8>) -> Step {
        let offset = self.offset;
        self.offset += len(&bytes);
        self.torn = 0;
        let mark = bytes.len().saturating_sub(MARK_BYTES);
        self.mark = bytes.get(mark..).unwrap_or_default().to_vec();
        Step::Lines { offset, bytes }
    }

    /// What stands behind the last line break of a file that will not grow.
    pub(super) fn last_line(&mut self) -> Option<Step> {
        let rest = self.read(BLOCK_BYTES).ok().flatten()?;
        (!rest.is_empty()).then(|| self.take(rest))
    }

    fn cut(&mut self) -> Step {
        self.offset = 0;
        self.torn = 0;
        self.mark.clear();
        Step::Cut
    }

    /// Goes on behind the line of which so much has been seen, as far as it is there.
    fn skip_line(&mut self, seen: u64) -> io::Result<Step> {
        self.offset += seen;
        self.mark.clear();
        let mut bytes = vec![0; BLOCK_BYTES];
        loop {
            let read = read_at(&self.file, &mut bytes, self.offset)?;
            let part = bytes.get(..read).unwrap_or_default();
            match memchr(b'\n', part) {
                Some(end) => {
                    self.offset += u64::try_from(end + 1).unwrap_or(u64::MAX);
                    return Ok(Step::TooLong);
                }
                None if part.is_empty() => return Ok(Step::TooLong),
                None => self.offset += len(part),
            }
        }
    }
}

fn len(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// Where the last `lines` lines of a file begin.
pub(super) fn start_of_last(file: &File, lines: usize) -> io::Result<u64> {
    let mut end = file.metadata()?.len();
    // The end of the line before them.
    let mut ends = lines.saturating_add(1);
    let mut buffer = vec![0; BLOCK_BYTES / 16];
    while end > 0 {
        let start = end.saturating_sub(len(&buffer));
        let wanted = usize::try_from(end - start).unwrap_or(usize::MAX);
        let block = buffer.get_mut(..wanted).unwrap_or_default();
        read_at(file, block, start)?;
        for at in memrchr_iter(b'\n', block) {
            ends -= 1;
            if ends == 0 {
                return Ok(start + u64::try_from(at + 1).unwrap_or(u64::MAX));
            }
        }
        end = start;
    }
    Ok(0)
}
