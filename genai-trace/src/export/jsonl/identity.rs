//! Which file a name stands for.

use std::fs::Metadata;
use std::path::Path;

/// Which file a name stands for, whatever it is called at the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    #[cfg(unix)]
    pub(super) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }

    /// Other systems do not let a file go that is open, so its name stands for it.
    #[cfg(not(unix))]
    pub(super) fn of(_: &Metadata) -> Self {
        Self {
            device: 0,
            inode: 0,
        }
    }

    /// The file that `path` stands for now.
    pub(super) fn at(path: &Path) -> std::io::Result<Self> {
        path.metadata().map(|metadata| Self::of(&metadata))
    }
}

/// Whether an open file has no name any more.
#[cfg(unix)]
pub(super) fn is_nameless(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) == 0
}

#[cfg(not(unix))]
pub(super) fn is_nameless(_: &Metadata) -> bool {
    false
}
