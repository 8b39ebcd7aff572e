//! A system on which no file can be memory for us yet.

use std::fs::File;
use std::io;
use std::sync::atomic::AtomicU64;

/// A range of a file as memory: there is none on this system.
#[derive(Debug)]
pub(crate) enum Mapped {}

impl Mapped {
    /// # Errors
    /// Always.
    pub(crate) fn new(_file: &File, _offset: u64, _bytes: usize) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn words(&self) -> &[AtomicU64] {
        match *self {}
    }

    pub(crate) fn len(&self) -> usize {
        match *self {}
    }

    pub(crate) fn bytes_mut(&mut self, _from: usize) -> &mut [u8] {
        match *self {}
    }

    pub(crate) fn bytes(&self, _from: usize) -> &[u8] {
        match *self {}
    }
}

/// What mapped ranges would be multiples of.
pub(crate) fn page_size() -> usize {
    4096
}
