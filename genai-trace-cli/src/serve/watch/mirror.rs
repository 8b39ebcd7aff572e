//! Stores of SQLite are read by way of files that are gone with the program, as if they had been written in their place.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::{Ending, Followed, Watch, spawn};
use crate::input::{Follower, Scratch, StoreFollower, StoreStep};
use crate::out::complain;

/// How long a store is not looked at where nothing came.
const PAUSE: Duration = Duration::from_millis(100);
/// How long one is left alone that cannot be read.
const REST: Duration = Duration::from_secs(1);

/// Copies a store as it grows.
struct Mirror {
    store: StoreFollower,
    spans: Scratch,
    events: Scratch,
    scores: Scratch,
    /// What was there at the beginning has been copied.
    is_there: Arc<AtomicBool>,
}

impl Watch {
    /// Goes on with a file that is a store.
    pub(super) fn mirror(&mut self, file: &mut Followed) -> Result<(), String> {
        let path = file.follower.path().to_owned();
        let new = || Scratch::new().map_err(|error| format!("cannot keep {path:?}: {error}"));
        let mirror = Mirror {
            store: StoreFollower::new(path.clone()),
            spans: new()?,
            events: new()?,
            scores: new()?,
            is_there: Arc::default(),
        };
        let (content, scores) = (&self.store.content, &self.store.scores);
        content
            .events
            .follow_file(mirror.events.file(), path.clone());
        scores.follow_file(mirror.scores.file(), path.clone());
        // Whoever closes the file of a store takes away the locks that are held on it: it is closed before it is opened.
        file.follower = Follower::of_file(mirror.spans.file(), path.clone());
        if let Some(part) = file.part.take() {
            self.parts.remove(&part);
            self.store.parts.drop(part);
        }
        file.owes = u64::MAX;
        file.ending = Ending::Mirrored(Arc::clone(&mirror.is_there));
        spawn("store", move || mirror.run(&path))
    }
}

impl Mirror {
    fn run(mut self, path: &Path) {
        let mut told = String::new();
        loop {
            match self.step() {
                Ok(true) => {}
                Ok(false) => {
                    self.is_there.store(true, Ordering::Release);
                    thread::sleep(PAUSE);
                }
                Err(error) => {
                    let complaint = format!("cannot read {path:?}: {error}");
                    if told != complaint {
                        complain(&complaint);
                        told = complaint;
                    }
                    self.is_there.store(true, Ordering::Release);
                    thread::sleep(REST);
                }
            }
        }
    }

    /// Copies what came next; whether anything did.
    fn step(&mut self) -> io::Result<bool> {
        match self.store.step()? {
            StoreStep::Idle => return Ok(false),
            StoreStep::Opened => {
                self.spans.empty()?;
                self.events.empty()?;
                self.scores.empty()?;
            }
            StoreStep::Spans(lines) => self.spans.write_all(&lines)?,
            StoreStep::Beside { events, scores } => {
                self.events.write_all(&events)?;
                self.scores.write_all(&scores)?;
            }
        }
        Ok(true)
    }
}
