//! A folder of content.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use super::sink::ContentSink;
use crate::content::digest::digits_of;

/// Largest file that is read.
const MOST_BYTES: u64 = 1 << 30;

/// A folder in which `sha256:abcdef...` is the file `ab/abcdef....json`.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The folder and the name of the file of a reference.
    fn file(&self, reference: &str) -> io::Result<(PathBuf, String)> {
        let digits = digits_of(reference);
        let first = digits.and_then(|digits| digits.get(..2));
        let (Some(digits), Some(first)) = (digits, first) else {
            return Err(io::Error::new(ErrorKind::InvalidInput, "no reference"));
        };
        Ok((self.0.join(first), format!("{digits}.json")))
    }

    /// Makes `folder` within this one, which nobody else is to look into: what was said is in it.
    fn make(&self, folder: &Path) -> io::Result<()> {
        if folder.is_dir() {
            return Ok(());
        }
        if let Some(parent) = self.0.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)
    }
}

impl ContentSink for Folder {
    fn put(&self, reference: &str, bytes: &[u8]) -> io::Result<()> {
        let (folder, name) = self.file(reference)?;
        let path = folder.join(&name);
        // What a power cut has left empty is written again, and a link is nobody's content.
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if fs::symlink_metadata(&path).is_ok_and(|file| file.is_file() && file.len() == len) {
            return Ok(());
        }
        self.make(&folder)?;
        // Another process may have the same number, in a container of its own, or have died over its part.
        let number = random()?;
        let part = folder.join(format!("{name}.{number:016x}.part"));
        let written = create(&part)
            .and_then(|mut file| file.write_all(bytes))
            .and_then(|()| fs::rename(&part, &path));
        if written.is_err() {
            // Half a file is of no use. It was perhaps not even made.
            let _ = fs::remove_file(&part);
        }
        written
    }

    fn get(&self, reference: &str) -> io::Result<Vec<u8>> {
        let (folder, name) = self.file(reference)?;
        let mut bytes = Vec::new();
        File::open(folder.join(name))?
            .take(MOST_BYTES)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Makes a file that only its owner reads.
fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn random() -> io::Result<u64> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(u64::from_le_bytes(bytes))
}
