//! A file that misbehaves as told.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use crate::export::jsonl::target::Target;

/// What becomes of one call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// All is well.
    None,
    /// No more than so many bytes are taken.
    Short(usize),
    /// Nothing is taken: `EINTR`, `ENOSPC`, `EIO` ...
    Error(ErrorKind),
    /// Nothing is taken, and a torn line cannot be cut off either.
    Stuck,
    Slow,
}

thread_local! {
    /// What becomes of the next calls; then all is well again.
    static NEXT: RefCell<VecDeque<Fault>> = const { RefCell::new(VecDeque::new()) };
    /// How often a file was synced.
    static SYNCED: Cell<u32> = const { Cell::new(0) };
}

/// How often this thread has synced a file since this was asked last.
pub(super) fn synced() -> u32 {
    SYNCED.take()
}

/// Says what becomes of this thread's next calls.
pub(super) fn next(faults: impl IntoIterator<Item = Fault>) {
    NEXT.with_borrow_mut(|next| {
        next.clear();
        next.extend(faults);
    });
}

/// A file that misbehaves as told.
#[derive(Debug)]
pub(super) struct Faulty(File);

impl Target for Faulty {
    fn open(path: &Path, like: Option<&Metadata>) -> io::Result<Self> {
        <File as Target>::open(path, like).map(Self)
    }

    fn file(&self) -> &File {
        &self.0
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = match NEXT.with_borrow_mut(VecDeque::pop_front) {
            None | Some(Fault::None) => bytes.len(),
            Some(Fault::Short(most)) => bytes.len().min(most),
            Some(Fault::Slow) => {
                std::thread::sleep(Duration::from_millis(1));
                bytes.len()
            }
            Some(Fault::Error(kind)) => return Err(kind.into()),
            Some(Fault::Stuck) => {
                NEXT.with_borrow_mut(|next| next.push_front(Fault::Stuck));
                return Err(ErrorKind::Other.into());
            }
        };
        Target::write(&mut self.0, &bytes[..taken])
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        let next = NEXT.with_borrow(|next| next.front().copied());
        if let Some(Fault::Stuck) = next {
            NEXT.with_borrow_mut(VecDeque::pop_front);
            return Err(ErrorKind::Other.into());
        }
        self.0.truncate(len)
    }

    fn sync(&mut self) -> io::Result<()> {
        SYNCED.set(SYNCED.get() + 1);
        match NEXT.with_borrow_mut(VecDeque::pop_front) {
            Some(Fault::Error(kind)) => Err(kind.into()),
            _ => self.0.sync(),
        }
    }
}
