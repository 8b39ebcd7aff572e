//! Taking turns at a file, with other threads and other processes, for a bounded time.

use std::fs::{File, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a writer waits for its turn: a hundred times what a chunk takes. Whoever takes longer
/// hangs, and lines are appended whole even without a turn.
const PATIENCE: Duration = Duration::from_millis(100);
const FIRST_PAUSE: Duration = Duration::from_micros(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(4);

/// What a writer knows of its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nobody else has it.
    Ours,
    /// Somebody else has it, and did not give it back in time.
    Taken,
    /// The file system has no locks.
    Unsupported,
}

/// The patience that is left.
#[derive(Debug)]
pub(super) struct Patience {
    until: Instant,
    pause: Duration,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self {
            until: Instant::now() + PATIENCE,
            pause: FIRST_PAUSE,
        }
    }

    /// Sleeps a little; whether there is patience left.
    pub(super) fn wait(&mut self) -> bool {
        if Instant::now() >= self.until {
            return false;
        }
        thread::sleep(self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        true
    }
}

/// Asks for the turn at `file` without waiting.
pub(super) fn ask(file: &File) -> Turn {
    match file.try_lock() {
        Ok(()) => Turn::Ours,
        Err(TryLockError::WouldBlock) => Turn::Taken,
        Err(TryLockError::Error(_)) => Turn::Unsupported,
    }
}
