//! A file as it grows: its whole lines and where they lie, over rotation, truncation, and before it is there.

mod open;

use std::collections::VecDeque;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use genai_trace::files;

use self::open::{Open, start_of_last};

/// Follows the file of a name, whichever file that is.
#[derive(Debug)]
pub(crate) struct Follower {
    path: PathBuf,
    /// It is this file whatever the name stands for.
    fixed: Option<Arc<File>>,
    open: Option<Open>,
    /// The file that had the name when it was taken hold of, until it is read.
    held: Option<Open>,
    /// Files that were rotated away before they could be read, the oldest first.
    missed: VecDeque<PathBuf>,
}

/// What has become of the file.
#[derive(Debug)]
pub(crate) enum Step {
    /// A file is there, of which lines will follow.
    Opened(Arc<File>),
    /// Whole lines, and where they begin.
    Lines { offset: u64, bytes: Vec<u8> },
    /// It is a store of SQLite, and has no lines.
    Store,
    /// A line that is longer than lines are read.
    TooLong,
    /// It was cut short or written anew: what came of it is there no more, and it begins again.
    Cut,
    /// Nothing new.
    Idle,
}

impl Follower {
    /// Follows the file that is or will be at `path`, from its beginning.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            fixed: None,
            open: None,
            held: None,
            missed: VecDeque::new(),
        }
    }

    /// Follows this file, which messages call `name`.
    pub(crate) fn of_file(file: Arc<File>, name: PathBuf) -> Self {
        Self {
            fixed: Some(file),
            ..Self::new(name)
        }
    }

    /// Takes hold of the file that is there now, which is read first whatever it is called by then.
    pub(crate) fn hold(&mut self) {
        // Whoever opens a pipe waits for who writes to it.
        if fs::metadata(&self.path).is_ok_and(|file| file.is_file()) {
            // What is wrong is said when it is read.
            self.held = Open::try_new(&self.path).ok().flatten();
        }
    }

    /// Of the file that is there now only its last `lines` lines will come.
    pub(crate) fn from_the_last(path: PathBuf, lines: usize) -> io::Result<Self> {
        let mut follower = Self::new(path);
        if let Some(mut open) = Open::try_new(&follower.path)? {
            if !open.is_store()? {
                open.offset = start_of_last(&open.file, lines)?;
            }
            follower.open = Some(open);
        }
        Ok(follower)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What came next. It never waits.
    pub(crate) fn step(&mut self) -> io::Result<Step> {
        let Some(open) = &mut self.open else {
            if let Some(file) = &self.fixed {
                self.open = Some(Open::new(Arc::clone(file), None));
                return Ok(Step::Opened(Arc::clone(file)));
            }
            let open = match self.held.take() {
                Some(held) => held,
                None => {
                    let next = self.missed.pop_front();
                    let is_missed = next.is_some();
                    let path = next.as_deref().unwrap_or(&self.path);
                    let Some(mut open) = Open::try_new(path)? else {
                        return Ok(Step::Idle);
                    };
                    open.is_left = is_missed;
                    open
                }
            };
            let file = Arc::clone(&open.file);
            self.open = Some(open);
            return Ok(Step::Opened(file));
        };
        let step = open.step()?;
        if !matches!(step, Step::Idle) {
            return Ok(step);
        }
        if !open.is_left {
            open.is_left = self.fixed.is_none() && open.is_elsewhere(&self.path);
            // What was written in between is read before it is left.
            return match open.is_left {
                true => self.step(),
                false => Ok(Step::Idle),
            };
        }
        let last = open.last_line();
        if let Some(left) = self.open.take().and_then(|open| open.identity) {
            self.look_for_missed(left);
        }
        match last {
            Some(step) => Ok(step),
            None => self.step(),
        }
    }

    /// Several rotations may have happened since the last look.
    fn look_for_missed(&mut self, left: Identity) {
        if !self.missed.is_empty() {
            return;
        }
        let all = files::of(&self.path).unwrap_or_default();
        let is_left =
            |path: &PathBuf| fs::metadata(path).ok().as_ref().and_then(identity) == Some(left);
        let behind = all.into_iter().skip_while(|path| !is_left(path)).skip(1);
        let live = self.path.clone();
        self.missed.extend(behind.filter(|path| *path != live));
    }
}

/// What tells a file from another of its name.
#[cfg(unix)]
pub(crate) type Identity = (u64, u64);

#[cfg(unix)]
pub(crate) fn identity(metadata: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

/// What tells a file from another of its name.
#[cfg(not(unix))]
pub(crate) type Identity = std::time::SystemTime;

#[cfg(not(unix))]
pub(crate) fn identity(metadata: &Metadata) -> Option<Identity> {
    metadata.created().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::input::at::read_at;
    use crate::input::blocks::{BLOCK_BYTES, LONGEST_LINE};

    /// Every line that is there by now; `~` for a cut.
    fn read(follower: &mut Follower) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            match follower.step().unwrap() {
                Step::Idle | Step::Store => return lines,
                Step::Cut => lines.push("~".to_owned()),
                Step::TooLong => lines.push("too long".to_owned()),
                Step::Opened(_) => {}
                Step::Lines { bytes, .. } => {
                    let text = String::from_utf8(bytes).unwrap();
                    lines.extend(text.lines().map(str::to_owned));
                }
            }
        }
    }

    fn append(path: &Path, text: &str) {
        let mut file = File::options()
            .append(true)
            .create(true)
            .open(path)
            .unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("traces.jsonl");
        (folder, path)
    }

    #[test]
    fn a_file_may_come_later_and_a_line_in_pieces() {
        let (_folder, path) = folder();
        let mut follower = Follower::new(path.clone());
        assert!(read(&mut follower).is_empty());
        append(&path, "{\"a\":");
        assert!(read(&mut follower).is_empty());
        append(&path, "1}\n{\"b\":2}\n{");
        assert_eq!(read(&mut follower), ["{\"a\":1}", "{\"b\":2}"]);
        append(&path, "}");
        assert_eq!(read(&mut follower), ["{}"]);
        append(&path, "\n7\n");
        assert_eq!(read(&mut follower), ["", "7"]);
    }

    #[test]
    fn lines_say_where_they_lie() {
        let (_folder, path) = folder();
        append(&path, "1\n22\n");
        let mut follower = Follower::new(path.clone());
        let Step::Opened(file) = follower.step().unwrap() else {
            panic!("it is there");
        };
        follower.step().unwrap();
        append(&path, "333\n");
        let Step::Lines { offset, bytes } = follower.step().unwrap() else {
            panic!("it has grown");
        };
        let mut again = vec![0; bytes.len()];
        read_at(&file, &mut again, offset).unwrap();
        assert_eq!((offset, again), (5, b"333\n".to_vec()));
    }

    #[test]
    fn what_is_written_before_and_behind_rotations_comes_in_order() {
        let (folder, path) = folder();
        append(&path, "1\n");
        let mut follower = Follower::new(path.clone());
        assert_eq!(read(&mut follower), ["1"]);
        append(&path, "2\n");
        for (stamp, next) in [("00", "3\n"), ("01", "4\n"), ("02", "5\n")] {
            let name = format!("traces.2026-11-21T11-43-{stamp}.000Z.jsonl");
            fs::rename(&path, folder.path().join(name)).unwrap();
            append(&path, next);
        }
        assert_eq!(read(&mut follower), ["2", "3", "4", "5"]);
        append(&path, "6\n");
        assert_eq!(read(&mut follower), ["6"]);
    }

    #[test]
    fn a_file_that_is_rotated_before_it_is_read_comes_first_where_it_was_held() {
        let (folder, path) = folder();
        append(&path, "1\n");
        let mut follower = Follower::new(path.clone());
        follower.hold();
        for (stamp, next) in [("00", "2\n"), ("01", "3\n")] {
            let name = format!("traces.2026-11-21T11-43-{stamp}.000Z.jsonl");
            fs::rename(&path, folder.path().join(name)).unwrap();
            append(&path, next);
        }
        assert_eq!(read(&mut follower), ["1", "2", "3"]);
        let mut of_none = Follower::new(folder.path().join("none.jsonl"));
        of_none.hold();
        assert!(read(&mut of_none).is_empty());
    }

    #[test]
    fn a_file_that_is_emptied_or_written_anew_begins_again() {
        let (_folder, path) = folder();
        append(&path, "1\n2\n");
        let mut follower = Follower::new(path.clone());
        assert_eq!(read(&mut follower), ["1", "2"]);
        fs::write(&path, "").unwrap();
        assert_eq!(read(&mut follower), ["~"]);
        append(&path, "3\n");
        assert_eq!(read(&mut follower), ["3"]);
        fs::write(&path, "longer than before\n4\n").unwrap();
        assert_eq!(read(&mut follower), ["~", "longer than before", "4"]);
    }

    #[test]
    fn the_last_lines_of_a_file_are_found_from_its_end() {
        let (_folder, path) = folder();
        let text: String = (1..=50_000).map(|line| format!("{line}\n")).collect();
        append(&path, &text);
        append(&path, "torn");
        let last = |lines| read(&mut Follower::from_the_last(path.clone(), lines).unwrap());
        assert_eq!(last(2), ["49999", "50000"]);
        assert!(last(0).is_empty());
        assert_eq!(last(40_000).len(), 40_000);
        assert_eq!(last(usize::MAX).len(), 50_000);
    }

    #[test]
    fn a_line_beyond_all_bounds_is_passed_over() {
        let (_folder, path) = folder();
        append(&path, "1\n");
        append(&path, &"y".repeat(LONGEST_LINE + 2 * BLOCK_BYTES));
        append(&path, "\n2\n");
        let mut follower = Follower::new(path);
        assert_eq!(read(&mut follower), ["1", "too long", "2"]);
    }
}
