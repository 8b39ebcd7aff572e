//! Where received spans are kept: in a file of the user's, else in one that is gone with the program.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use crate::input::{Scratch, read_at};

/// Where received spans are kept, and who is woken when there are new ones.
#[derive(Debug)]
pub(in crate::serve) struct Inbox(Mutex<(Place, Sender<()>)>);

#[derive(Debug)]
enum Place {
    /// A file of the user's.
    Named(PathBuf),
    Nameless(Scratch),
}

impl Inbox {
    /// Keeps spans in `file`, else in one that is gone with the program. `poke` wakes who reads it.
    pub(in crate::serve) fn new(file: Option<&Path>, poke: Sender<()>) -> Result<Self, String> {
        let place = match file {
            Some(file) => {
                let failed = |error: io::Error| format!("cannot write to {file:?}: {error}");
                appending(file).map_err(failed)?;
                Place::Named(file.to_owned())
            }
            None => {
                let failed = |error: io::Error| format!("cannot keep received spans: {error}");
                Place::Nameless(Scratch::new().map_err(failed)?)
            }
        };
        Ok(Self(Mutex::new((place, poke))))
    }

    /// The file that is gone with the program, where it is that.
    pub(in crate::serve) fn nameless(&self) -> Option<Arc<File>> {
        let inbox = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &inbox.0 {
            Place::Named(_) => None,
            Place::Nameless(scratch) => Some(scratch.file()),
        }
    }

    /// Keeps these lines of a traces file.
    pub(super) fn keep(&self, mut lines: Vec<u8>) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let mut inbox = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (place, poke) = &mut *inbox;
        match place {
            Place::Named(path) => {
                // Each time anew: it may have been rotated away.
                let mut file = appending(path)?;
                if is_torn(&file)? {
                    lines.insert(0, b'\n');
                }
                file.write_all(&lines)?;
            }
            Place::Nameless(scratch) => scratch.write_all(&lines)?,
        }
        // Where nobody reads the program is about to end.
        let _ = poke.send(());
        Ok(())
    }
}

fn appending(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .open(path)
}

/// Whether the last line has no end.
fn is_torn(file: &File) -> io::Result<bool> {
    let length = file.metadata()?.len();
    let mut last = [b'\n'];
    if length > 0 {
        read_at(file, &mut last, length - 1)?;
    }
    Ok(last != [b'\n'])
}
