//! A file to read from, compressed or not.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// What each file begins with that is compressed with gzip.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// What each database of SQLite begins with.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// Opens the file at `path`; what is in it says whether it is compressed, or a store.
pub(crate) fn open(path: &Path) -> io::Result<Box<dyn BufRead + Send>> {
    if is_open_store(path) {
        return store(path);
    }
    let mut file = BufReader::with_capacity(64 * 1024, File::open(path)?);
    if !file.fill_buf()?.starts_with(SQLITE) {
        return of_buffered(file);
    }
    // Closed later it would take the locks of the store with it.
    drop(file);
    store(path)
}

/// Whether this process has the file open as a store, which must not be opened by other ways.
#[cfg(feature = "sqlite")]
fn is_open_store(path: &Path) -> bool {
    crate::export::sqlite::identity::is_open(path)
}

#[cfg(not(feature = "sqlite"))]
fn is_open_store(_: &Path) -> bool {
    false
}

/// What stands in `file`, compressed or not.
pub(crate) fn of(file: File) -> io::Result<Box<dyn BufRead + Send>> {
    of_buffered(BufReader::with_capacity(64 * 1024, file))
}

fn of_buffered(mut file: BufReader<File>) -> io::Result<Box<dyn BufRead + Send>> {
    match file.fill_buf()?.starts_with(GZIP) {
        true => decompressed(file),
        false => Ok(Box::new(file)),
    }
}

#[cfg(feature = "gzip")]
fn decompressed(file: BufReader<File>) -> io::Result<Box<dyn BufRead + Send>> {
    let members = super::members::Members::new(file);
    Ok(Box::new(BufReader::with_capacity(64 * 1024, members)))
}

#[cfg(not(feature = "gzip"))]
fn decompressed(_: BufReader<File>) -> io::Result<Box<dyn BufRead + Send>> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "the file is compressed with gzip: reading it needs the feature `gzip`",
    ))
}

#[cfg(feature = "sqlite")]
fn store(path: &Path) -> io::Result<Box<dyn BufRead + Send>> {
    let lines = super::store::StoreLines::open(path, 0)?;
    Ok(Box::new(BufReader::with_capacity(64 * 1024, lines)))
}

#[cfg(not(feature = "sqlite"))]
fn store(_: &Path) -> io::Result<Box<dyn BufRead + Send>> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "the file is a database of SQLite: reading it needs the feature `sqlite`",
    ))
}
