//! Rotated files are compressed, on a thread that nobody waits for before shutdown.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Seek};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::identity::FileId;
use super::lock::{Patience, Turn, ask};
use super::rotated::RotatedSet;
use super::target::Target;

/// The thread that compresses, from the first rotation on.
#[derive(Debug, Default)]
pub(super) struct Compressor {
    worker: Option<(Sender<()>, JoinHandle<()>)>,
    failed: Arc<Mutex<Option<io::Error>>>,
}

impl Compressor {
    /// Has the rotated files of the file at `path` compressed, those included that an earlier process
    /// left.
    pub(super) fn start(&mut self, path: &Path) -> io::Result<()> {
        let (sender, _) = match &mut self.worker {
            Some(worker) => worker,
            none => {
                let (sender, rotations) = channel();
                let (path, failed) = (path.to_owned(), Arc::clone(&self.failed));
                let handle = thread::Builder::new()
                    .name("genai-trace-gzip".to_owned())
                    .spawn(move || work(&path, &rotations, &failed))?;
                none.insert((sender, handle))
            }
        };
        // The thread ends only after the sender is gone.
        let _ = sender.send(());
        Ok(())
    }

    /// What went wrong since this was asked last.
    pub(super) fn failed(&self) -> Option<io::Error> {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.take()
    }

    /// Waits until all is compressed.
    pub(super) fn finish(&mut self) {
        if let Some((sender, handle)) = self.worker.take() {
            drop(sender);
            // It does not panic; if it did its work would be done at the next rotation.
            let _ = handle.join();
        }
    }
}

fn work(path: &Path, rotations: &Receiver<()>, failed: &Mutex<Option<io::Error>>) {
    while rotations.recv().is_ok() {
        // One look at the folder does for all rotations until now.
        while rotations.try_recv().is_ok() {}
        if let Err(error) = compress_all(path) {
            *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        }
    }
}

/// Compresses the rotated files of the file at `path`, the oldest first; the first thing that went
/// wrong.
fn compress_all(path: &Path) -> io::Result<()> {
    let mut result = Ok(());
    for rotated in RotatedSet::of(path).files()? {
        if !rotated.is_compressed {
            let compressed = compress(&rotated.path);
            result = result.and(compressed.map_err(|error| {
                io::Error::new(
                    error.kind(),
                    format!("cannot compress {:?}: {error}", rotated.path),
                )
            }));
        }
    }
    result
}

/// Puts a compressed file in the place of the one at `path`, which stays where that fails.
fn compress(path: &Path) -> io::Result<()> {
    let mut source = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    let mut patience = Patience::new();
    // The turn keeps other processes from the same work, and is waited for while a line comes late.
    let turn = loop {
        match ask(&source) {
            Turn::Taken if patience.wait() => {}
            Turn::Taken => return Ok(()),
            turn => break turn,
        }
    };
    // Whoever had the turn before may have done the work.
    let metadata = source.metadata()?;
    if !FileId::at(path).is_ok_and(|id| id == FileId::of(&metadata)) {
        return Ok(());
    }
    let whole = with_ending(path, ".gz");
    let part = with_ending(&whole, ".part");
    let written = write_compressed(&mut source, &part).and_then(|()| fs::rename(&part, &whole));
    if let Err(error) = written {
        // Half a file is of no use. It was perhaps not even made.
        let _ = fs::remove_file(&part);
        return Err(error);
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => match turn {
            // It was one too many meanwhile, and so is what was made of it.
            Turn::Ours => remove_if_there(&whole),
            // Another process may have done the same work: then the lines are nowhere else.
            Turn::Taken | Turn::Unsupported => Ok(()),
        },
        removed => removed,
    }
}

fn write_compressed(source: &mut File, part: &Path) -> io::Result<()> {
    // What an earlier process left of it is no use.
    remove_if_there(part)?;
    let file = <File as Target>::open(part, Some(&source.metadata()?))?;
    let mut encoder = GzEncoder::new(file, Compression::default());
    loop {
        io::copy(source, &mut encoder)?;
        // A writer that could not wait for its turn may have come late.
        if source.metadata()?.len() <= source.stream_position()? {
            break;
        }
    }
    // The lines are to be on the disk before the file that has them goes.
    encoder.finish()?.sync_all()
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
