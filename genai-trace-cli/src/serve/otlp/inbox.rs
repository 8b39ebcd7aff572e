//! Where what is received is kept: in files of the user's, else in some that are gone with the program.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use super::request::{Sent, Signal};
use crate::content::beside;
use crate::input::{Scratch, read_at};

/// Where received spans and their events are kept, and who is woken when there is something new.
#[derive(Debug)]
pub(in crate::serve) struct Inbox(Mutex<Places>);

#[derive(Debug)]
struct Places {
    spans: Place,
    events: Place,
    poke: Sender<()>,
}

/// Files without a name.
#[derive(Debug)]
pub(in crate::serve) struct Nameless {
    pub(in crate::serve) spans: Arc<File>,
    pub(in crate::serve) events: Arc<File>,
}

#[derive(Debug)]
enum Place {
    /// A file of the user's.
    Named(PathBuf),
    Nameless(Scratch),
}

impl Inbox {
    /// Keeps spans in `file` and their events beside it, else both in files that are gone with the program. `poke` wakes
    /// who reads them.
    pub(in crate::serve) fn new(file: Option<&Path>, poke: Sender<()>) -> Result<Self, String> {
        let (spans, events) = match file {
            Some(file) => {
                let failed = |error: io::Error| format!("cannot write to {file:?}: {error}");
                appending(file).map_err(failed)?;
                (Place::Named(file.to_owned()), Place::Named(beside(file)))
            }
            None => (Place::nameless()?, Place::nameless()?),
        };
        Ok(Self(Mutex::new(Places {
            spans,
            events,
            poke,
        })))
    }

    /// The files that are gone with the program, where they are that.
    pub(in crate::serve) fn nameless(&self) -> Option<Nameless> {
        let places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (&places.spans, &places.events) {
            (Place::Nameless(spans), Place::Nameless(events)) => Some(Nameless {
                spans: spans.file(),
                events: events.file(),
            }),
            _ => None,
        }
    }

    /// Keeps what was sent.
    pub(super) fn keep(&self, sent: Sent) -> io::Result<()> {
        if sent.lines.is_empty() {
            return Ok(());
        }
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match sent.signal {
            Signal::Spans => places.spans.append(sent.lines)?,
            Signal::Logs => places.events.append(sent.lines)?,
        }
        // Where nobody reads the program is about to end.
        let _ = places.poke.send(());
        Ok(())
    }
}

impl Place {
    fn nameless() -> Result<Self, String> {
        let failed = |error: io::Error| format!("cannot keep what is received: {error}");
        Scratch::new().map(Place::Nameless).map_err(failed)
    }

    fn append(&mut self, mut lines: Vec<u8>) -> io::Result<()> {
        match self {
            Place::Named(path) => {
                // Each time anew: it may have been rotated away.
                let mut file = appending(path)?;
                if is_torn(&file)? {
                    lines.insert(0, b'\n');
                }
                file.write_all(&lines)
            }
            Place::Nameless(scratch) => scratch.write_all(&lines),
        }
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
