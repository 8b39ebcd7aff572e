//! Which file a store is, and which of them this process has open.

use std::io;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

/// What tells a file from another that has its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity(u64, u64);

impl Identity {
    #[cfg(unix)]
    pub(crate) fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let file = path.metadata().ok()?;
        Some(Identity(file.dev(), file.ino()))
    }

    /// Nobody can take away a file that is open.
    #[cfg(not(unix))]
    pub(crate) fn of(_: &Path) -> Option<Self> {
        None
    }
}

/// The stores that this process has open, once for each time.
static OPEN: Mutex<Vec<Identity>> = Mutex::new(Vec::new());

/// Says that a store is open, as long as it lives. Whoever opens and closes the file of an open store by other ways than
/// SQLite takes its locks from it: they are the process's, and go with the first descriptor that is closed.
#[derive(Debug)]
pub(crate) struct OpenStore(Option<Identity>);

impl OpenStore {
    pub(crate) fn new(store: Option<Identity>) -> Self {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.extend(store);
        Self(store)
    }
}

impl Drop for OpenStore {
    fn drop(&mut self) {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = open.iter().position(|store| Some(*store) == self.0) {
            open.swap_remove(at);
        }
    }
}

/// Whether this process has the file at `path` open as a store.
pub(crate) fn is_open(path: &Path) -> bool {
    let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    Identity::of(path).is_some_and(|file| open.contains(&file))
}

/// Says whether this process may use SQLite: what a parent of it has opened is locked there by threads that are not
/// here, and closing it would take the parent's locks away.
pub(super) fn check_process() -> io::Result<()> {
    static FIRST: OnceLock<u32> = OnceLock::new();
    check_process_of(&FIRST, std::process::id())
}

fn check_process_of(first: &OnceLock<u32>, this: u32) -> io::Result<()> {
    match *first.get_or_init(|| this) {
        first if first == this => Ok(()),
        _ => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "this process was forked off one that had opened a store, and SQLite cannot be used in both",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_of_a_process_that_had_opened_a_store_is_refused() {
        let first = OnceLock::new();
        check_process_of(&first, 7).unwrap();
        check_process_of(&first, 7).unwrap();
        let error = check_process_of(&first, 8).unwrap_err();
        assert!(error.to_string().contains("forked"), "{error}");
    }
}
