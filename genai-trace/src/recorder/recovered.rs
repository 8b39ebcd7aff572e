//! What recovery has found, and why it could not go on.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// What [`recover`](crate::recover) has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "it says whether something could not be recovered"]
#[non_exhaustive]
pub struct Recovered {
    /// Spans that had ended and were not in the file yet; now they are.
    pub finished: u64,
    /// Spans that were open: now they are in the file, with the outcome `crashed`.
    pub open: u64,
    /// Spans that had been written before the crash.
    pub already_there: u64,
    /// Black boxes of processes that have died, which were read and removed.
    pub boxes: u64,
    /// Black boxes of processes that are alive, which were left alone.
    pub alive: u64,
    /// Black boxes that could not be opened, read, or read to their end, under the names under which
    /// they were kept, and why.
    pub bad: Vec<(PathBuf, String)>,
}

impl Recovered {
    /// Adds what was found elsewhere.
    pub(crate) fn add(&mut self, other: Recovered) {
        self.finished += other.finished;
        self.open += other.open;
        self.already_there += other.already_there;
        self.boxes += other.boxes;
        self.alive += other.alive;
        self.bad.extend(other.bad);
    }
}

impl fmt::Display for Recovered {
    /// One line, as in `3 finished and 1 open span recovered from 1 black box, 2 were there already`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: u64, one, many| if count == 1 { one } else { many };
        write!(
            f,
            "{} finished and {} open {} recovered from {} black {}",
            self.finished,
            self.open,
            plural(self.open, "span", "spans"),
            self.boxes,
            plural(self.boxes, "box", "boxes"),
        )?;
        match self.already_there {
            0 => {}
            1 => f.write_str(", 1 was there already")?,
            many => write!(f, ", {many} were there already")?,
        }
        if self.alive > 0 {
            let processes = plural(self.alive, "process is", "processes are");
            write!(f, "; {} {processes} still running", self.alive)?;
        }
        for (path, reason) in &self.bad {
            write!(f, "; {path:?} is bad: {reason}")?;
        }
        Ok(())
    }
}

/// Why nothing could be recovered, or not everything. What is left stays where it is for another try.
#[derive(Debug)]
#[non_exhaustive]
pub enum RecoverError {
    /// The folder of the black boxes, or one of them, cannot be read or changed.
    Folder {
        /// The folder or the black box.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The traces file cannot be read or written.
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another recovery is at work, and was not done within 10 s.
    Busy {
        /// The folder that it works on.
        path: PathBuf,
    },
}

impl fmt::Display for RecoverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecoverError::Folder { path, source } => {
                write!(f, "cannot recover from {path:?}: {source}")
            }
            RecoverError::File { path, source } => {
                write!(f, "cannot recover into {path:?}: {source}")
            }
            RecoverError::Busy { path } => {
                write!(
                    f,
                    "another recovery is at work on {path:?} and takes more than 10 s"
                )
            }
        }
    }
}

impl std::error::Error for RecoverError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            RecoverError::Folder { source, .. } | RecoverError::File { source, .. } => Some(source),
            RecoverError::Busy { .. } => None,
        }
    }
}
