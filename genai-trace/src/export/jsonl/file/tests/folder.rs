//! A folder of a test's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::export::jsonl::rotated::RotatedSet;

/// A folder of a test's own, removed in the end.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("genai-trace-file-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn live(&self) -> PathBuf {
        self.0.join("traces.jsonl")
    }

    /// What stands in the file that is written to.
    pub(super) fn text(&self) -> String {
        fs::read_to_string(self.live()).unwrap()
    }

    /// The rotated files, the oldest first, and the file that is written to.
    fn paths(&self) -> Vec<PathBuf> {
        let rotated = RotatedSet::of(&self.live()).files().unwrap();
        let mut paths: Vec<_> = rotated.into_iter().map(|rotated| rotated.path).collect();
        paths.push(self.live());
        paths
    }

    #[cfg(feature = "gzip")]
    pub(super) fn names(&self) -> Vec<String> {
        let paths = self.paths().into_iter();
        paths
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect()
    }

    /// What stands in all files, the oldest first.
    pub(super) fn texts(&self) -> Vec<String> {
        let paths = self.paths().into_iter();
        paths.map(|path| text_of(&path)).collect()
    }
}

/// What stands in the file at `path`, compressed or not.
fn text_of(path: &Path) -> String {
    #[cfg(feature = "gzip")]
    if path.extension().is_some_and(|extension| extension == "gz") {
        let mut text = String::new();
        let file = fs::File::open(path).unwrap();
        let mut decoder = flate2::read::GzDecoder::new(file);
        std::io::Read::read_to_string(&mut decoder, &mut text).unwrap();
        return text;
    }
    fs::read_to_string(path).unwrap()
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
