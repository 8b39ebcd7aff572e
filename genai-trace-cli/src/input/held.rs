//! Files that are held open from when they were found until they are read: rotation gives their name to another.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::at::read_at;
use super::follow::identity;
use super::sources::{SQLITE, Source};

/// So many files are held open, those that were written last: the others are rotated away already. A process may
/// have 256 in all on some systems.
const MOST_HELD: usize = 128;
/// What files begin with that are compressed, or databases of SQLite: they are opened in other ways.
const OTHERS: [&[u8]; 2] = [GZIP, SQLITE];
/// What files begin with that are compressed with gzip.
const GZIP: &[u8; 2] = &[0x1f, 0x8b];

/// The sources at these places; one without a place is standard input. A file that has two names is one.
pub(super) fn held(paths: &[Option<PathBuf>]) -> Vec<Source> {
    let last = last_written(paths);
    let mut seen = HashSet::new();
    let sources = paths.iter().enumerate().filter_map(|(place, path)| {
        let Some(path) = path.clone() else {
            return Some(Source::Stdin);
        };
        let Some(file) = plain(&path).filter(|_| last.contains(&place)) else {
            return Some(Source::File(path));
        };
        let identity = file.metadata().ok().as_ref().and_then(identity);
        let is_new = identity.is_none_or(|identity| seen.insert(identity));
        is_new.then(|| Source::Held(path, Arc::new(file)))
    });
    sources.collect()
}

/// The places of the files that were written last.
fn last_written(paths: &[Option<PathBuf>]) -> HashSet<usize> {
    let written = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    let mut all: Vec<(Option<SystemTime>, usize)> = (0..)
        .zip(paths)
        .filter_map(|(place, path)| Some((written(path.as_ref()?), place)))
        .collect();
    all.sort_unstable();
    let last = all.iter().rev().take(MOST_HELD);
    last.map(|(_, place)| *place).collect()
}

/// The file of this name, where it is one that lies on a disk and has lines as they are.
fn plain(path: &Path) -> Option<File> {
    // A pipe that is opened is read by whoever did it.
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let file = File::open(path).ok()?;
    let mut head = [0; 16];
    let read = read_at(&file, &mut head, 0).ok()?;
    let head = head.get(..read)?;
    let is_other = OTHERS.iter().any(|other| head.starts_with(other));
    (!is_other).then_some(file)
}

/// Whether there is a file of this name that is compressed: it does not grow line by line.
pub(crate) fn is_compressed(path: &Path) -> bool {
    // A pipe that is opened is read by whoever did it.
    if !fs::metadata(path).is_ok_and(|there| there.is_file()) {
        return false;
    }
    let mut head = [0; GZIP.len()];
    let file = File::open(path);
    let read = file.and_then(|file| read_at(&file, &mut head, 0));
    read.is_ok() && head == *GZIP
}

/// Reads a file from its beginning, whoever else reads it.
#[derive(Debug)]
pub(super) struct FromStart {
    file: Arc<File>,
    at: u64,
}

impl FromStart {
    pub(super) fn of(file: Arc<File>) -> BufReader<Self> {
        BufReader::with_capacity(1 << 16, Self { file, at: 0 })
    }
}

impl Read for FromStart {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = read_at(&self.file, buffer, self.at)?;
        self.at += u64::try_from(read).unwrap_or(0);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_very_many_files_those_are_held_that_were_written_last() {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<_> = (0..2 * MOST_HELD)
            .map(|number| {
                let path = folder.path().join(format!("{number}.jsonl"));
                let file = File::create(&path).unwrap();
                let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(number as u64);
                file.set_modified(time).unwrap();
                Some(path)
            })
            .collect();
        let is_held = |source: &Source| matches!(source, Source::Held(..));
        let held = held(&paths);
        assert_eq!(held.len(), 2 * MOST_HELD);
        assert!(!held[..MOST_HELD].iter().any(is_held));
        assert!(held[MOST_HELD..].iter().all(is_held));
    }

    #[test]
    fn a_file_of_two_names_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["a.jsonl", "b.jsonl"].map(|name| folder.path().join(name));
        fs::write(&one, "1\n").unwrap();
        fs::hard_link(&one, &other).unwrap();
        assert_eq!(held(&[Some(one), None, Some(other)]).len(), 2);
    }
}
