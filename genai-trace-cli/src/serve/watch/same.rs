//! Whether a file is one that has been read: under another name, or compressed by now.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use genai_trace::files;

use crate::input::read_at;

/// Files that begin alike so far are one: their first line says which span it is of.
const ENOUGH: u64 = 4096;

/// How what is in a compressed file begins.
#[derive(Debug)]
pub(super) enum Beginning {
    Is(Vec<u8>),
    /// There is nothing in it yet.
    NotYet,
}

impl Beginning {
    pub(super) fn of(path: &Path) -> Self {
        let mut bytes = Vec::new();
        let opened = files::open(path);
        // What is torn is as much as there is.
        let _ = opened.and_then(|file| file.take(ENOUGH).read_to_end(&mut bytes));
        match bytes.is_empty() {
            true => Beginning::NotYet,
            false => Beginning::Is(bytes),
        }
    }
}

/// Whether a file that is open has no name any more.
#[cfg(unix)]
pub(super) fn is_deleted(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.metadata().is_ok_and(|file| file.nlink() == 0)
}

/// Whether a file that is open has no name any more.
#[cfg(not(unix))]
pub(super) fn is_deleted(_: &File) -> bool {
    false
}

/// Whether what is in a file that was rotated away lies compressed in the folder of the traces file at `home`.
pub(super) fn is_compressed_beside(file: &File, home: &Path) -> bool {
    let folder = match home.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let all = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut compressed = all
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "gz"));
    compressed.any(|path| match Beginning::of(&path) {
        Beginning::NotYet => false,
        Beginning::Is(bytes) => {
            let mut front = vec![0; bytes.len()];
            read_at(file, &mut front, 0).is_ok() && front == bytes
        }
    })
}
