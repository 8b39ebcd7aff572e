//! Which files are read: what arguments name, what was rotated away from that, and what patterns come to name.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use genai_trace::files;

use super::same::{Beginning, is_deleted};
use super::{Ending, Followed, Watch, length, spawn};
use crate::input::{Follower, Scratch, identity, is_compressed, is_of_store};
use crate::out::complain;
use crate::serve::scores::Scores;

impl Watch {
    pub(super) fn begin(&mut self, argument: &Path) -> Result<(), String> {
        if argument.as_os_str() == "-" {
            return self.copy("standard input", None, Ending::WhenSaid, || {
                Ok(Box::new(io::BufReader::new(io::stdin())))
            });
        }
        if argument.is_dir() {
            return Err(format!(
                "{argument:?} is a folder: expected a file or a pattern"
            ));
        }
        let is_pattern = argument.to_string_lossy().contains(['*', '?', '[']);
        if is_pattern && !argument.exists() {
            let pattern = argument
                .to_str()
                .ok_or_else(|| format!("{argument:?} is no pattern"))?;
            glob::Pattern::new(pattern)
                .map_err(|error| format!("{argument:?} is no pattern: {error}"))?;
            self.patterns.push(argument.to_owned());
            self.look();
            return Ok(());
        }
        self.follow(argument)
    }

    /// Follows a file, and reads those that were rotated away from it.
    fn follow(&mut self, path: &Path) -> Result<(), String> {
        let mut live = Follower::new(path.to_owned());
        // Before it is looked which others there are: what is rotated meanwhile is one of those, or this one.
        live.hold();
        let all = files::of(path).unwrap_or_default();
        for rotated in all.iter().filter(|file| *file != path) {
            self.read(rotated, path)?;
        }
        self.store.scores.follow(path);
        self.store.content.follow(path);
        self.store.in_flight.watch(path);
        if is_compressed(path) {
            return self.read(path, path);
        }
        if self.is_new(path) {
            self.push(live, Some(path.to_owned()), Ending::Never);
        }
        Ok(())
    }

    /// Reads a file that will not grow, and that belongs to the traces file at `home`.
    fn read(&mut self, path: &Path, home: &Path) -> Result<(), String> {
        if !self.is_new(path) {
            return Ok(());
        }
        if is_compressed(path) {
            let file = path.to_owned();
            let name = format!("{path:?}");
            let home = Some(home.to_owned());
            return self.copy(&name, home, Ending::WhenCopied, move || files::open(file));
        }
        self.push(
            Follower::new(path.to_owned()),
            Some(home.to_owned()),
            Ending::AtItsEnd,
        );
        Ok(())
    }

    /// Reads by way of a file that is gone with the program: what can be read only from its beginning.
    fn copy(
        &mut self,
        name: &str,
        home: Option<PathBuf>,
        ending: fn(Arc<AtomicBool>) -> Ending,
        open: impl FnOnce() -> io::Result<Box<dyn io::BufRead + Send>> + Send + 'static,
    ) -> Result<(), String> {
        let failed = |error: io::Error| format!("cannot keep {name}: {error}");
        let mut copy = Scratch::new().map_err(failed)?;
        let is_done = Arc::new(AtomicBool::new(false));
        let ending = ending(Arc::clone(&is_done));
        let follower = Follower::of_file(copy.file(), name.into());
        self.push(follower, home, ending);
        let name = name.to_owned();
        spawn("copy", move || {
            let copied = open().and_then(|mut from| io::copy(&mut from, &mut copy));
            if let Err(error) = copied {
                complain(&format!("cannot read {name}: {error}"));
            }
            is_done.store(true, Ordering::Release);
        })
    }

    pub(super) fn push(&mut self, follower: Follower, home: Option<PathBuf>, ending: Ending) {
        let owes = match ending {
            // Of a copy it is known at its end.
            Ending::WhenCopied(_) | Ending::Mirrored(_) => u64::MAX,
            Ending::Never | Ending::AtItsEnd => length(follower.path()),
            Ending::WhenSaid(_) => 0,
        };
        self.followed.push(Followed {
            owes,
            follower,
            part: None,
            home,
            ending,
        });
    }

    fn is_new(&mut self, path: &Path) -> bool {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        self.seen.insert(path)
    }

    /// Follows the files that patterns name and that are not followed yet.
    pub(super) fn look(&mut self) {
        for pattern in self.patterns.clone() {
            let found = pattern
                .to_str()
                .and_then(|pattern| glob::glob(pattern).ok());
            for path in found.into_iter().flatten().flatten() {
                let is_beside = Scores::is_one(&path) || is_of_store(&path);
                if path.is_file() && !is_beside && !self.is_known(&path) {
                    let followed = match is_compressed(&path) {
                        true => self.read(&path, &path),
                        false => self.follow(&path),
                    };
                    if let Err(error) = followed {
                        self.complain_once(error);
                    }
                }
            }
        }
    }

    /// Whether what is in a file is read already, under whatever name.
    fn is_known(&mut self, path: &Path) -> bool {
        let Ok(place) = fs::canonicalize(path) else {
            return true;
        };
        if self.seen.contains(&place) {
            return true;
        }
        let parts = &self.store.parts;
        let file = fs::metadata(&place).ok().as_ref().and_then(identity);
        if file.is_some_and(|file| parts.of_file(file).is_some()) {
            // It was rotated away, and will not grow.
            self.seen.insert(place);
            return true;
        }
        if !is_compressed(&place) {
            return false;
        }
        match Beginning::of(&place) {
            // It is being compressed.
            Beginning::NotYet => true,
            Beginning::Is(bytes) => {
                let Some(part) = parts.beginning(&bytes) else {
                    return false;
                };
                // Of a copy that is still there it may yet be all that is left.
                if parts.held(part).is_none_or(|file| is_deleted(&file)) {
                    self.seen.insert(place);
                }
                true
            }
        }
    }
}
