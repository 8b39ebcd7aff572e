//! What lines are appended to, opened without ever waiting.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// What lines are appended to: a file, and in tests one that misbehaves.
pub(super) trait Target: Sized {
    /// Opens `path` for appending; a file that is made is one that those may read and write who
    /// could with the file of `like`.
    fn open(path: &Path, like: Option<&Metadata>) -> io::Result<Self>;

    fn file(&self) -> &File;

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// Cuts off what is behind the first `len` bytes.
    fn truncate(&mut self, len: u64) -> io::Result<()>;

    /// Waits until what was written is on the disk.
    fn sync(&mut self) -> io::Result<()>;
}

impl Target for File {
    fn open(path: &Path, like: Option<&Metadata>) -> io::Result<Self> {
        if path.metadata().is_ok_and(|metadata| is_pipe(&metadata)) {
            return open_pipe(path);
        }
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        made_like(&mut options, like);
        // What cannot be read cannot be mended either, and is no reason not to write.
        let file = match options.clone().read(true).open(path) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => options.open(path),
            opened => opened,
        }?;
        if let Some(like) = like
            && let Ok(metadata) = file.metadata()
            && metadata.len() == 0
            && metadata.permissions() != like.permissions()
        {
            // The process's mask narrowed them. The file may also be another's: it is right then.
            let _ = file.set_permissions(like.permissions());
        }
        Ok(file)
    }

    fn file(&self) -> &File {
        self
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Write::write(self, bytes)
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

#[cfg(unix)]
fn is_pipe(metadata: &Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&metadata.file_type())
}

#[cfg(not(unix))]
fn is_pipe(_: &Metadata) -> bool {
    false
}

#[cfg(unix)]
fn made_like(options: &mut OpenOptions, like: Option<&Metadata>) {
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
    if let Some(like) = like {
        options.mode(like.mode() & 0o777);
    }
}

#[cfg(not(unix))]
fn made_like(_: &mut OpenOptions, _: Option<&Metadata>) {}

/// Opens a named pipe; without a reader the system would let the program wait for one.
#[cfg(unix)]
fn open_pipe(path: &Path) -> io::Result<File> {
    use std::os::fd::OwnedFd;
    use std::os::unix::fs::OpenOptionsExt;
    use std::os::unix::net::UnixStream;

    let opened = OpenOptions::new()
        .append(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(path);
    let file = opened.map_err(|error| match error.raw_os_error() {
        Some(libc::ENXIO) => io::Error::new(error.kind(), "the pipe has no reader"),
        _ => error,
    })?;
    // Only opening must not wait. The flag belongs to any descriptor; the standard library clears it
    // for that of a stream.
    let stream = UnixStream::from(OwnedFd::from(file));
    stream.set_nonblocking(false)?;
    Ok(File::from(OwnedFd::from(stream)))
}

#[cfg(not(unix))]
fn open_pipe(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).open(path)
}
