//! A file without a name, which is gone with the program however that ends.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use super::at::write_at;

/// A file without a name that one writes to while others read it.
#[derive(Debug)]
pub(crate) struct Scratch {
    file: Arc<File>,
    length: u64,
}

impl Scratch {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            file: Arc::new(tempfile::tempfile()?),
            length: 0,
        })
    }

    /// The file, to read from it.
    pub(crate) fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }

    /// Takes away what was written: whoever reads it sees that it was cut short.
    pub(crate) fn empty(&mut self) -> io::Result<()> {
        self.length = 0;
        self.file.set_len(0)
    }
}

impl Write for Scratch {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = write_at(&self.file, bytes, self.length)?;
        self.length += u64::try_from(written).unwrap_or(0);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
