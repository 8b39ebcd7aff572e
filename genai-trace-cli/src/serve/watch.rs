//! Reads what the arguments name and whatever comes of it, and fills the index with it.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use genai_trace::files;

use super::index::Found;
use super::scores::Scores;
use super::store::Store;
use crate::input::{Follower, Scratch, Step};
use crate::out::complain;

/// How long nothing is looked at where nothing came: what is written is seen within that.
const PAUSE: Duration = Duration::from_millis(100);
/// How often it is looked whether more files are there that a pattern names.
const LOOK: Duration = Duration::from_secs(1);
/// More threads than this do not read faster: one cuts the blocks.
const MOST_THREADS: usize = 8;

/// What is read.
#[derive(Debug)]
pub(super) struct Watch {
    store: Arc<Store>,
    patterns: Vec<PathBuf>,
    followed: Vec<Followed>,
    seen: HashSet<PathBuf>,
    blocks: SyncSender<Block>,
    /// Of what has been complained.
    told: HashSet<String>,
}

/// A file that is followed.
#[derive(Debug)]
struct Followed {
    follower: Follower,
    part: Option<u32>,
    home: Option<PathBuf>,
    ending: Ending,
}

/// When a file is not followed any longer.
#[derive(Clone, Debug)]
enum Ending {
    Never,
    /// It was rotated away or compressed: nothing is added to it.
    AtItsEnd,
    /// It is a copy that is being made; true once that is done.
    WhenCopied(Arc<AtomicBool>),
}

/// Whole lines of a part.
#[derive(Debug)]
struct Block {
    part: u32,
    offset: u64,
    bytes: Vec<u8>,
}

/// Begins to read what `arguments` name, on threads of its own, and goes on as long as the program runs; so it does
/// with what is received in `inbox`. `poke` wakes it.
pub(super) fn start(
    store: &Arc<Store>,
    arguments: &[PathBuf],
    inbox: Option<Arc<File>>,
    poke: Receiver<()>,
) -> Result<(), String> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = threads.min(MOST_THREADS);
    let (sender, receiver) = sync_channel(2 * threads);
    let receiver = Arc::new(Mutex::new(receiver));
    for _ in 0..threads {
        let (store, receiver) = (Arc::clone(store), Arc::clone(&receiver));
        spawn("read", move || work(&store, &receiver))?;
    }
    let mut watch = Watch {
        store: Arc::clone(store),
        patterns: Vec::new(),
        followed: Vec::new(),
        seen: HashSet::new(),
        blocks: sender,
        told: HashSet::new(),
    };
    for argument in arguments {
        watch.begin(argument)?;
    }
    if let Some(inbox) = inbox {
        let follower = Follower::of_file(inbox, "received spans".into());
        watch.push(follower, None, Ending::Never);
    }
    let total = watch
        .followed
        .iter()
        .map(|followed| length(followed.follower.path()));
    store.to_load.store(total.sum(), Ordering::Relaxed);
    spawn("follow", move || watch.run(&poke))
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), String> {
    let thread = thread::Builder::new().name(name.to_owned());
    let spawned = thread.spawn(work);
    spawned
        .map(drop)
        .map_err(|error| format!("cannot start a thread: {error}"))
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

fn work(store: &Store, receiver: &Mutex<Receiver<Block>>) {
    loop {
        let block = receiver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(block) = block else {
            return;
        };
        let found = Found::read(block.part, block.offset, &block.bytes, &store.index.names);
        let read = u64::try_from(block.bytes.len()).unwrap_or(0);
        // It is freed before it is waited for the index.
        drop(block.bytes);
        if !store.parts.is_gone(block.part) {
            store.take(found);
        }
        store.loaded.fetch_add(read, Ordering::Relaxed);
    }
}

impl Watch {
    fn begin(&mut self, argument: &Path) -> Result<(), String> {
        if argument.as_os_str() == "-" {
            return self.copy("standard input", None, || {
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
            self.push(
                Follower::new(path.to_owned()),
                Some(path.to_owned()),
                Ending::Never,
            );
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
            return self.copy(&name, Some(home.to_owned()), move || files::open(file));
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
        open: impl FnOnce() -> io::Result<Box<dyn io::BufRead + Send>> + Send + 'static,
    ) -> Result<(), String> {
        let failed = |error: io::Error| format!("cannot keep {name}: {error}");
        let mut copy = Scratch::new().map_err(failed)?;
        let is_done = Arc::new(AtomicBool::new(false));
        let ending = Ending::WhenCopied(Arc::clone(&is_done));
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

    fn push(&mut self, follower: Follower, home: Option<PathBuf>, ending: Ending) {
        self.followed.push(Followed {
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
    fn look(&mut self) {
        for pattern in self.patterns.clone() {
            let found = pattern
                .to_str()
                .and_then(|pattern| glob::glob(pattern).ok());
            for path in found.into_iter().flatten().flatten() {
                let is_beside = Scores::is_one(&path);
                let is_known = fs::canonicalize(&path).is_ok_and(|path| self.seen.contains(&path));
                if path.is_file() && !is_beside && !is_known {
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

    fn run(mut self, poke: &Receiver<()>) {
        let mut looked = Instant::now();
        loop {
            let mut followed = std::mem::take(&mut self.followed);
            let mut is_idle = true;
            followed.retain_mut(|file| self.step(file, &mut is_idle));
            followed.append(&mut self.followed);
            self.followed = followed;
            if is_idle {
                self.store.note_loaded();
                // It matters only that it came.
                let _ = poke.recv_timeout(PAUSE);
                while poke.try_recv().is_ok() {}
            }
            if !self.patterns.is_empty() && looked.elapsed() > LOOK {
                self.look();
                looked = Instant::now();
            }
        }
    }

    /// Reads on in a file; whether it is still followed.
    fn step(&mut self, file: &mut Followed, is_idle: &mut bool) -> bool {
        // Asked first: what is copied in between is read the next time.
        let is_whole = file.ending.is_whole();
        loop {
            let step = match file.follower.step() {
                Ok(step) => step,
                Err(error) => {
                    let path = file.follower.path();
                    self.complain_once(format!("cannot read {path:?}: {error}"));
                    return true;
                }
            };
            match step {
                Step::Idle => return !(is_whole && file.part.is_some()),
                Step::Opened(opened) => {
                    let path = file.follower.path();
                    let is_fixed = matches!(file.ending, Ending::AtItsEnd);
                    file.part = Some(self.store.parts.add(
                        opened,
                        path,
                        file.home.clone(),
                        is_fixed,
                    ));
                }
                Step::TooLong => self.store.index.note_bad_line(),
                Step::Cut => {
                    if let Some(part) = file.part {
                        file.part = self.store.cut(part);
                    }
                }
                Step::Lines { offset, bytes } => {
                    *is_idle = false;
                    let Some(part) = file.part else { continue };
                    let end = offset + u64::try_from(bytes.len()).unwrap_or(0);
                    self.store.parts.reach(part, end);
                    let sent = u64::try_from(bytes.len()).unwrap_or(0);
                    self.store.sent.fetch_add(sent, Ordering::Relaxed);
                    // The threads that read never end.
                    let _ = self.blocks.send(Block {
                        part,
                        offset,
                        bytes,
                    });
                }
            }
        }
    }

    fn complain_once(&mut self, complaint: String) {
        if !self.told.contains(&complaint) {
            complain(&complaint);
            self.told.insert(complaint);
        }
    }
}

impl Ending {
    fn is_whole(&self) -> bool {
        match self {
            Ending::Never => false,
            Ending::AtItsEnd => true,
            Ending::WhenCopied(is_done) => is_done.load(Ordering::Acquire),
        }
    }
}

fn is_compressed(path: &Path) -> bool {
    let mut magic = [0; 2];
    let file = File::open(path);
    let read = file.and_then(|file| crate::input::read_at(&file, &mut magic, 0));
    read.is_ok() && magic == [0x1f, 0x8b]
}
