//! Reads what the arguments name and whatever comes of it, and fills the index with it.

mod files;
mod mirror;
mod same;

use std::collections::HashSet;
use std::fs::{self, File};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use self::same::is_deleted;
use super::index::Found;
use super::store::Store;
use crate::input::{Follower, Step, Turns, identity};
use crate::out::complain;

/// How long nothing is looked at where nothing came: what is written is seen within that.
const PAUSE: Duration = Duration::from_millis(100);
/// How often it is looked whether more files are there that a pattern names.
const LOOK: Duration = Duration::from_secs(1);
/// So many blocks of a file are read before others have their turn: somebody may write faster than it is read.
const TURN: usize = 8;
/// A file is opened and not read yet: it may be rotated before its turn comes.
const OPENING: usize = 1;
/// More threads than this do not read faster: one cuts the blocks.
const MOST_THREADS: usize = 8;

/// What is read.
#[derive(Debug)]
pub(super) struct Watch {
    store: Arc<Store>,
    patterns: Vec<PathBuf>,
    followed: Vec<Followed>,
    seen: HashSet<PathBuf>,
    /// The parts that somebody follows.
    parts: HashSet<u32>,
    /// How much was there at the beginning, once all of it has been found.
    at_first: Option<u64>,
    blocks: SyncSender<Block>,
    /// So many blocks have been sent.
    cut: u64,
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
    /// What was there at the beginning and has not come yet, in bytes.
    owes: u64,
}

/// When a file is not followed any longer.
#[derive(Clone, Debug)]
enum Ending {
    Never,
    /// It was rotated away or compressed: nothing is added to it.
    AtItsEnd,
    /// It is a copy of a file that is being made; true once that is done.
    WhenCopied(Arc<AtomicBool>),
    /// It is a copy of a store, to which more may always come; true once what was there has been copied.
    Mirrored(Arc<AtomicBool>),
    /// It is a copy of what comes on standard input; true once that has ended.
    WhenSaid(Arc<AtomicBool>),
}

/// Whole lines of a part.
#[derive(Debug)]
struct Block {
    /// From 0, in the order in which they were read.
    number: u64,
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
    let turns = Arc::new(Turns::default());
    for _ in 0..threads {
        let (store, receiver) = (Arc::clone(store), Arc::clone(&receiver));
        let turns = Arc::clone(&turns);
        spawn("read", move || work(&store, &receiver, &turns))?;
    }
    let mut watch = Watch {
        store: Arc::clone(store),
        patterns: Vec::new(),
        followed: Vec::new(),
        seen: HashSet::new(),
        parts: HashSet::new(),
        at_first: None,
        blocks: sender,
        cut: 0,
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

fn work(store: &Store, receiver: &Mutex<Receiver<Block>>, turns: &Turns) {
    loop {
        let block = receiver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(block) = block else {
            return;
        };
        let turn = turns.turn(block.number);
        let found = Found::read(block.part, block.offset, &block.bytes, &store.index.names);
        let read = u64::try_from(block.bytes.len()).unwrap_or(0);
        // It is freed before it is waited for the index.
        drop(block.bytes);
        // Of several records of a span the first counts.
        turn.take(|| {
            if !store.parts.is_gone(block.part) {
                store.take(found);
            }
        });
        store.loaded.fetch_add(read, Ordering::Relaxed);
    }
}

impl Watch {
    fn run(mut self, poke: &Receiver<()>) {
        let mut looked = Instant::now();
        loop {
            let mut followed = std::mem::take(&mut self.followed);
            let mut is_idle = true;
            let mut is_behind = false;
            followed.retain_mut(|file| {
                // What was there at the beginning is read file by file, so that lists count as commands do.
                let turns = if is_behind { OPENING } else { TURN };
                let is_followed = self.step(file, turns, &mut is_idle);
                is_behind |= is_followed && file.owes > 0;
                is_followed
            });
            followed.append(&mut self.followed);
            self.followed = followed;
            if self.store.loading() < 1.0 && self.followed.iter().all(|file| file.owes == 0) {
                let sent = self.store.sent.load(Ordering::Relaxed);
                let at_first = *self.at_first.get_or_insert(sent);
                self.store.note_loaded(at_first);
            }
            if is_idle {
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
    fn step(&mut self, file: &mut Followed, turns: usize, is_idle: &mut bool) -> bool {
        if turns == OPENING && file.part.is_some() {
            return true;
        }
        // Asked first: what is copied in between is read the next time.
        let is_whole = file.ending.is_whole();
        let has_begun = file.ending.has_begun();
        for _ in 0..turns {
            let step = match file.follower.step() {
                Ok(step) => step,
                Err(error) => {
                    let path = file.follower.path();
                    self.complain_once(format!("cannot read {path:?}: {error}"));
                    file.owes = 0;
                    return true;
                }
            };
            match step {
                Step::Idle => {
                    if has_begun {
                        file.owes = 0;
                    }
                    let is_over = is_whole && file.part.is_some();
                    if let Some(part) = file.part.filter(|_| is_over) {
                        self.parts.remove(&part);
                    }
                    return !is_over;
                }
                Step::Opened(opened) => {
                    if !self.open(file, opened) {
                        return false;
                    }
                }
                Step::Store => {
                    let mirrored = self.mirror(file);
                    let is_followed = mirrored.is_ok();
                    if let Err(error) = mirrored {
                        self.complain_once(error);
                    }
                    return is_followed;
                }
                Step::TooLong => self.store.index.note_bad_line(),
                Step::Cut => {
                    if let Some(part) = file.part {
                        file.part = self.store.cut(part);
                        self.parts.remove(&part);
                        self.parts.extend(file.part);
                    }
                }
                Step::Lines { offset, bytes } => {
                    *is_idle = false;
                    let sent = u64::try_from(bytes.len()).unwrap_or(0);
                    if file.owes != u64::MAX {
                        file.owes = file.owes.saturating_sub(sent);
                    }
                    let Some(part) = file.part else { continue };
                    let end = offset + sent;
                    self.store.parts.reach(part, end);
                    self.store.sent.fetch_add(sent, Ordering::Relaxed);
                    // The threads that read never end.
                    let _ = self.blocks.send(Block {
                        number: self.cut,
                        part,
                        offset,
                        bytes,
                    });
                    self.cut += 1;
                }
            }
        }
        true
    }

    /// Goes on with a file that was opened; false where it need not be followed.
    fn open(&mut self, file: &mut Followed, opened: Arc<File>) -> bool {
        if let Some(left) = file.part.take() {
            self.parts.remove(&left);
            self.leave(left, file.home.as_deref());
        }
        let identity = opened.metadata().ok().as_ref().and_then(identity);
        match identity.and_then(|file| self.store.parts.of_file(file)) {
            // Somebody else reads it, by another of its names.
            Some(part) if self.parts.contains(&part) => {
                return !matches!(file.ending, Ending::AtItsEnd);
            }
            // It was left, and has come back under a name that is followed.
            Some(part) => self.store.forget(part),
            None => {}
        }
        let path = file.follower.path();
        let is_fixed = matches!(file.ending, Ending::AtItsEnd);
        let part = self
            .store
            .parts
            .add(opened, path, file.home.clone(), is_fixed);
        self.parts.insert(part);
        file.part = Some(part);
        true
    }

    /// Another file has taken the name of a part: where that was not rotated away, what came of it goes.
    fn leave(&self, part: u32, home: Option<&Path>) {
        let Some(held) = self.store.parts.held(part) else {
            return;
        };
        let is_kept = || home.is_some_and(|home| same::is_compressed_beside(&held, home));
        if is_deleted(&held) && !is_kept() {
            self.store.forget(part);
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
            Ending::Never | Ending::Mirrored(_) => false,
            Ending::AtItsEnd => true,
            Ending::WhenCopied(is_done) | Ending::WhenSaid(is_done) => {
                is_done.load(Ordering::Acquire)
            }
        }
    }

    /// Whether all that was there at the beginning is in the file that is followed.
    fn has_begun(&self) -> bool {
        match self {
            Ending::Never | Ending::AtItsEnd | Ending::WhenSaid(_) => true,
            Ending::WhenCopied(is_there) | Ending::Mirrored(is_there) => {
                is_there.load(Ordering::Acquire)
            }
        }
    }
}
