//! The files that traces lie in, as long as somebody may ask for their lines.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use super::index::Extent;
use crate::input::{Identity, identity, read_at};

/// So many files that nobody renames are held open; others are opened when they are read.
const MOST_OPEN: usize = 256;
/// Lines that lie so near to each other are read at once.
const NEAR: u64 = 1 << 16;
/// So much is read at once, where a single line is not longer.
const READ_BYTES: u64 = 4 << 20;

/// The files that traces lie in.
#[derive(Debug, Default)]
pub(super) struct Parts(RwLock<Vec<Part>>);

#[derive(Clone, Debug)]
struct Part {
    file: Option<Arc<File>>,
    /// Of the file, as long as it is held open: of one that is gone another may have it.
    identity: Option<Identity>,
    path: PathBuf,
    /// What is there by now, of which all has been looked at.
    length: u64,
    /// The traces file that scores stand beside; none for what is kept nowhere.
    home: Option<PathBuf>,
    /// What lay in it is there no more.
    is_gone: bool,
}

/// A part, as far as it is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    pub(super) part: u32,
    pub(super) length: u64,
}

impl Parts {
    /// A new part. Its name may come to stand for another file, unless `is_fixed`.
    pub(super) fn add(
        &self,
        file: Arc<File>,
        path: &Path,
        home: Option<PathBuf>,
        is_fixed: bool,
    ) -> u32 {
        let mut parts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let is_held = !is_fixed || parts.len() < MOST_OPEN;
        let metadata = file.metadata().ok().filter(|_| is_held);
        parts.push(Part {
            identity: metadata.as_ref().and_then(identity),
            file: is_held.then_some(file),
            path: path.to_owned(),
            length: 0,
            home,
            is_gone: false,
        });
        u32::try_from(parts.len() - 1).unwrap_or(u32::MAX)
    }

    /// A part has grown to this.
    pub(super) fn reach(&self, part: u32, length: u64) {
        self.change(part, |part| part.length = length);
    }

    /// Forgets what lies in a part; what its file will have from now on is another.
    pub(super) fn renew(&self, part: u32) -> Option<u32> {
        let old = self.get(part)?;
        let file = self.file(part).ok()?;
        self.drop(part);
        Some(self.add(file, &old.path, old.home, false))
    }

    /// Forgets what lies in a part.
    pub(super) fn drop(&self, part: u32) {
        self.change(part, |part| {
            part.is_gone = true;
            part.file = None;
            part.identity = None;
        });
    }

    /// The part that this file is.
    pub(super) fn of_file(&self, file: Identity) -> Option<u32> {
        self.find(|part| part.identity == Some(file))
    }

    /// The part whose file begins so.
    pub(super) fn beginning(&self, bytes: &[u8]) -> Option<u32> {
        self.find(|part| {
            let file = part.file.as_ref();
            file.is_some_and(|file| begins(file, bytes).unwrap_or(false))
        })
    }

    /// The file of a part, where it is open.
    pub(super) fn held(&self, part: u32) -> Option<Arc<File>> {
        self.get(part)?.file
    }

    fn find(&self, is_it: impl Fn(&Part) -> bool) -> Option<u32> {
        let parts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let place = parts.iter().position(is_it)?;
        u32::try_from(place).ok()
    }

    pub(super) fn is_gone(&self, part: u32) -> bool {
        self.get(part).is_none_or(|part| part.is_gone)
    }

    pub(super) fn home(&self, part: u32) -> Option<PathBuf> {
        self.get(part)?.home
    }

    pub(super) fn reaches(&self) -> Vec<Reach> {
        let parts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let numbered = (0..).zip(parts.iter());
        numbered
            .filter(|(_, part)| !part.is_gone)
            .map(|(number, part)| Reach {
                part: number,
                length: part.length,
            })
            .collect()
    }

    /// The file of a part.
    pub(super) fn file(&self, part: u32) -> io::Result<Arc<File>> {
        let part = self.get(part).filter(|part| !part.is_gone);
        let part = part.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        match part.file {
            Some(file) => Ok(file),
            None => File::open(&part.path).map(Arc::new),
        }
    }

    /// Gives `each` the bytes of these lines, several lines at a time.
    pub(super) fn read(
        &self,
        mut extents: Vec<Extent>,
        mut each: impl FnMut(Extent, &[u8]),
    ) -> io::Result<()> {
        extents.sort_unstable_by_key(|extent| (extent.part, extent.offset));
        extents.dedup();
        let mut rest = extents.as_slice();
        let mut buffer = Vec::new();
        while let Some(first) = rest.first() {
            let mut end = first.end();
            let mut together = 1;
            for next in rest.iter().skip(1) {
                let is_far = next.offset > end + NEAR || next.end() > first.offset + READ_BYTES;
                if next.part != first.part || is_far {
                    break;
                }
                end = end.max(next.end());
                together += 1;
            }
            let (now, later) = rest.split_at(together);
            rest = later;
            let file = match self.file(first.part) {
                Ok(file) => file,
                // What was in it is gone, which is no fault of what is elsewhere.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            buffer.clear();
            buffer.resize(usize::try_from(end - first.offset).unwrap_or(0), 0);
            let read = read_at(&file, &mut buffer, first.offset)?;
            for extent in now {
                let start = usize::try_from(extent.offset - first.offset).unwrap_or(usize::MAX);
                let stop = start.saturating_add(usize::try_from(extent.length).unwrap_or(0));
                if let Some(bytes) = buffer.get(start..stop.min(read)) {
                    each(*extent, bytes);
                }
            }
        }
        Ok(())
    }

    fn get(&self, part: u32) -> Option<Part> {
        let parts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        parts.get(usize::try_from(part).ok()?).cloned()
    }

    fn change(&self, part: u32, change: impl FnOnce(&mut Part)) {
        let mut parts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(part) = usize::try_from(part)
            .ok()
            .and_then(|place| parts.get_mut(place))
        {
            change(part);
        }
    }
}

fn begins(file: &File, bytes: &[u8]) -> io::Result<bool> {
    let mut front = vec![0; bytes.len()];
    Ok(read_at(file, &mut front, 0)? == bytes.len() && front == bytes)
}
