//! Lines as they come, of a file or on standard input.

use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::thread;

use crate::input::{
    Follower, Last, Source, Step, StoreFollower, StoreStep, is_compressed, sources,
};
use crate::out::complain;

/// Lines as they come.
pub(super) enum Lines {
    File(Box<Follower>, FromWhere),
    Store(Box<StoreFollower>),
    /// The last of a file that will not grow, until they have been taken.
    Last(Vec<u8>),
    Input(Receiver<io::Result<Vec<u8>>>),
}

/// What of a store is shown: of one that was there at the beginning only its last spans.
pub(super) enum FromWhere {
    Start,
    TheLast(usize),
}

impl Lines {
    /// Those of everything that `arguments` name; of files that are there only the last `number`, and what comes.
    pub(super) fn of_all(arguments: &[PathBuf], number: usize) -> Result<Vec<Self>, String> {
        let mut all = Vec::new();
        for argument in arguments {
            if argument.as_os_str() == "-" {
                all.push(Self::Input(input()?));
                continue;
            }
            if argument.is_dir() {
                return Err(format!(
                    "{argument:?} is a folder: expected a file or a pattern"
                ));
            }
            let is_pattern = argument.to_string_lossy().contains(['*', '?', '[']);
            let paths = match is_pattern && !argument.exists() {
                true => sources(std::slice::from_ref(argument))?
                    .iter()
                    .filter_map(Source::path)
                    .map(PathBuf::from)
                    .collect(),
                false => vec![argument.clone()],
            };
            for path in paths {
                if is_compressed(&path) {
                    let last = Last::of(&path, number)?;
                    for _ in 0..last.too_long {
                        complain_of_long(&path);
                    }
                    all.push(Self::Last(last.lines));
                    continue;
                }
                let failed = |error: io::Error| format!("cannot read {argument:?}: {error}");
                let from = match path.exists() {
                    true => FromWhere::TheLast(number),
                    false => FromWhere::Start,
                };
                let follower = Follower::from_the_last(path, number).map_err(failed)?;
                all.push(Self::File(Box::new(follower), from));
            }
        }
        Ok(all)
    }

    /// Whole lines that have come, if any; at the end an error, with a complaint where it was not meant to be.
    pub(super) fn next(&mut self) -> Result<Option<Vec<u8>>, Option<String>> {
        match self {
            Lines::Store(store) => loop {
                match store.step() {
                    Ok(StoreStep::Spans(lines)) => return Ok(Some(lines)),
                    Ok(StoreStep::Idle) => return Ok(None),
                    Ok(StoreStep::Opened | StoreStep::Beside { .. }) => {}
                    Err(error) => {
                        return Err(Some(format!("cannot read {:?}: {error}", store.path())));
                    }
                }
            },
            Lines::File(follower, from) => loop {
                let step = follower.step();
                let path = follower.path();
                match step {
                    Ok(Step::Lines { bytes, .. }) => return Ok(Some(bytes)),
                    Ok(Step::Idle) => return Ok(None),
                    Ok(Step::Opened(_) | Step::Cut) => {}
                    Ok(Step::Store) => {
                        let path = path.to_owned();
                        let store = match from {
                            FromWhere::Start => StoreFollower::new(path),
                            FromWhere::TheLast(number) => {
                                StoreFollower::from_the_last(path, *number)
                            }
                        };
                        *self = Lines::Store(Box::new(store));
                        return self.next();
                    }
                    Ok(Step::TooLong) => complain_of_long(path),
                    Err(error) => return Err(Some(format!("cannot read {path:?}: {error}"))),
                }
            },
            Lines::Last(lines) => match std::mem::take(lines) {
                lines if lines.is_empty() => Err(None),
                lines => Ok(Some(lines)),
            },
            Lines::Input(lines) => match lines.try_recv() {
                Ok(Ok(bytes)) => Ok(Some(bytes)),
                Ok(Err(error)) => Err(Some(format!("cannot read standard input: {error}"))),
                Err(TryRecvError::Empty) => Ok(None),
                Err(TryRecvError::Disconnected) => Err(None),
            },
        }
    }
}

fn complain_of_long(path: &Path) {
    complain(&format!("{path:?}: a line is too long and passed over"));
}

/// Reads standard input on a thread of its own: it may say nothing for long.
fn input() -> Result<Receiver<io::Result<Vec<u8>>>, String> {
    let (sender, receiver) = sync_channel(1024);
    let thread = thread::Builder::new().name("input".to_owned());
    let spawned = thread.spawn(move || {
        let mut input = io::stdin().lock();
        loop {
            let mut line = Vec::new();
            let read = input.read_until(b'\n', &mut line).map(|_| line);
            let is_last = read.as_ref().map_or(true, Vec::is_empty);
            let is_end = read.as_ref().is_ok_and(Vec::is_empty);
            if is_end || sender.send(read).is_err() || is_last {
                return;
            }
        }
    });
    let failed = |error: io::Error| format!("cannot start a thread: {error}");
    spawned.map(|_| receiver).map_err(failed)
}
