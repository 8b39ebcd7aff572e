//! The file that a contender writes, from outside.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A file that a contender writes; removed in the end.
pub struct Lines {
    path: PathBuf,
}

impl Lines {
    /// An empty file in `dir`, with a name of its own.
    pub fn create(dir: &Path, name: &str) -> io::Result<Self> {
        let path = dir.join(format!("scenarios-{name}-{}.jsonl", std::process::id()));
        File::create(&path)?;
        Ok(Self { path })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How long it is by now.
    pub fn bytes(&self) -> io::Result<u64> {
        Ok(fs::metadata(&self.path)?.len())
    }

    /// How many lines are in it. It is read piece by piece, since it may be large.
    pub fn count(&self) -> io::Result<u64> {
        let (mut file, mut piece, mut lines) = (File::open(&self.path)?, vec![0; 256 * 1024], 0);
        loop {
            let read = file.read(&mut piece)?;
            if read == 0 {
                return Ok(lines);
            }
            let ends = piece.iter().take(read).filter(|byte| **byte == b'\n');
            lines += ends.count() as u64;
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        // It lies among the system's temporary files: there it may stay if it must.
        let _ = fs::remove_file(&self.path);
    }
}
