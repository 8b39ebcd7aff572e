//! The files that a contender writes, from outside.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A folder of a contender's own; removed in the end.
pub struct Lines {
    dir: PathBuf,
}

/// What stood in the files.
#[derive(Clone, Copy, Default)]
pub struct Counted {
    pub lines: u64,
    pub bytes: u64,
}

impl Lines {
    /// An empty folder in `dir`, with a name of its own.
    pub fn create(dir: &Path, name: &str) -> io::Result<Self> {
        let dir = dir.join(format!("bench-{name}-{}", std::process::id()));
        fs::create_dir(&dir)?;
        Ok(Self { dir })
    }

    /// Where the contender is to write; one that rolls its files puts more words into the name.
    pub fn path(&self) -> PathBuf {
        self.dir.join("traces.jsonl")
    }

    /// All lines.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        for path in self.files()? {
            File::open(path)?.read_to_end(&mut text)?;
        }
        Ok(text)
    }

    /// Counts what is in the files and empties them; who appends to one goes on at its new end.
    pub fn take(&self) -> io::Result<Counted> {
        let mut counted = Counted::default();
        // Piece by piece: the memory of this process is measured as well.
        let mut piece = [0; 16 * 1024];
        for path in self.files()? {
            let mut file = File::options().read(true).write(true).open(path)?;
            loop {
                let length = file.read(&mut piece)?;
                if length == 0 {
                    break;
                }
                let lines = piece[..length]
                    .iter()
                    .filter(|byte| **byte == b'\n')
                    .count();
                counted.lines += lines as u64;
                counted.bytes += length as u64;
            }
            file.set_len(0)?;
        }
        Ok(counted)
    }

    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            if path.is_file()
                && path
                    .extension()
                    .is_some_and(|extension| extension == "jsonl")
            {
                files.push(path);
            }
        }
        Ok(files)
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        // It lies among the system's temporary files: there it may stay if it must.
        let _ = fs::remove_dir_all(&self.dir);
    }
}
