//! A file that only grows, by whole lines.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A file that only grows, by whole lines.
#[derive(Debug)]
pub(super) struct AppendFile<F = File> {
    file: F,
    path: PathBuf,
    /// The last line has no end: the next write ends it first.
    torn: bool,
}

/// Some lines could not be written.
#[derive(Debug)]
pub(super) struct AppendError {
    pub(super) lost_lines: u64,
    pub(super) source: io::Error,
}

impl AppendFile {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        // What cannot be read cannot be mended either, and is no reason not to write.
        let torn = ends_torn(path).unwrap_or(false);
        Ok(Self {
            file,
            path: path.to_owned(),
            torn,
        })
    }
}

/// Whether the file's last line has no end.
fn ends_torn(path: &Path) -> io::Result<bool> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() || metadata.len() == 0 {
        return Ok(false);
    }
    let mut file = File::open(path)?;
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

impl<F: Write> AppendFile<F> {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Appends lines, of which each but the first begins at one of `ends`.
    pub(super) fn append(&mut self, lines: &[u8], ends: &[usize]) -> Result<(), AppendError> {
        if self.torn {
            let lost_lines = u64::try_from(ends.len()).unwrap_or(u64::MAX);
            let lost = |(_, source)| AppendError { lost_lines, source };
            write_all(&mut self.file, b"\n").map_err(lost)?;
            self.torn = false;
        }
        write_all(&mut self.file, lines).map_err(|(written, source)| {
            self.torn = written > 0 && !ends.contains(&written);
            let lost = ends.iter().filter(|end| **end > written).count();
            AppendError {
                lost_lines: u64::try_from(lost).unwrap_or(u64::MAX),
                source,
            }
        })
    }
}

/// Writes all of `bytes`, or says how many were written before what went wrong.
fn write_all(file: &mut impl Write, bytes: &[u8]) -> Result<(), (usize, io::Error)> {
    let mut written = 0;
    while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
        match file.write(rest) {
            Ok(0) => return Err((written, ErrorKind::WriteZero.into())),
            Ok(count) => written += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err((written, error)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes so many bytes a call, and is full after some.
    struct Faulty {
        kept: Vec<u8>,
        step: usize,
        room: usize,
        interrupt: bool,
    }

    impl Write for Faulty {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.interrupt = !self.interrupt;
            if self.interrupt {
                return Err(ErrorKind::Interrupted.into());
            }
            let len = bytes.len().min(self.step).min(self.room - self.kept.len());
            if len == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            self.kept.extend_from_slice(bytes.get(..len).unwrap());
            Ok(len)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn faulty(step: usize, room: usize) -> AppendFile<Faulty> {
        AppendFile {
            file: Faulty {
                kept: Vec::new(),
                step,
                room,
                interrupt: false,
            },
            path: PathBuf::new(),
            torn: false,
        }
    }

    #[test]
    fn short_and_interrupted_writes_lose_nothing() {
        let mut file = faulty(1, 100);
        file.append(b"one\ntwo\n", &[4, 8]).unwrap();
        assert_eq!(file.file.kept, b"one\ntwo\n");
    }

    #[test]
    fn a_full_disk_loses_the_lines_that_are_not_whole() {
        let mut file = faulty(100, 6);
        let error = file.append(b"one\ntwo\nthree\n", &[4, 8, 14]).unwrap_err();
        assert_eq!(error.lost_lines, 2);
        assert_eq!(error.source.kind(), ErrorKind::StorageFull);
    }

    #[test]
    fn a_line_torn_by_a_full_disk_is_ended_before_the_next() {
        let mut file = faulty(100, 6);
        file.append(b"one\ntwo\n", &[4, 8]).unwrap_err();
        file.file.room = 100;
        file.append(b"three\n", &[6]).unwrap();
        assert_eq!(file.file.kept, b"one\ntw\nthree\n");
    }
}
