//! The file that a contender writes, from outside.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A file that a contender writes; removed in the end.
pub struct Lines {
    path: PathBuf,
}

/// What stood in the file.
#[derive(Clone, Copy, Default)]
pub struct Counted {
    pub lines: u64,
    pub bytes: u64,
}

impl Lines {
    /// An empty file in `dir`, with a name of its own.
    pub fn create(dir: &Path, name: &str) -> io::Result<Self> {
        let path = dir.join(format!("bench-{name}-{}.jsonl", std::process::id()));
        File::create(&path)?;
        Ok(Self { path })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn read(&self) -> io::Result<Vec<u8>> {
        fs::read(&self.path)
    }

    /// Counts what is in the file and empties it; who appends to it goes on at its new end.
    pub fn take(&self) -> io::Result<Counted> {
        let text = self.read()?;
        File::options().write(true).open(&self.path)?.set_len(0)?;
        let lines = text.iter().filter(|byte| **byte == b'\n').count();
        Ok(Counted {
            lines: lines as u64,
            bytes: text.len() as u64,
        })
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        // It lies among the system's temporary files: there it may stay if it must.
        let _ = fs::remove_file(&self.path);
    }
}
