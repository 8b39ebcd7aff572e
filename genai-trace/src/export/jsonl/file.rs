//! A traces file as a whole: taking turns, rotating, writing, and what went wrong meanwhile.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::chunk::Chunk;
#[cfg(feature = "gzip")]
use super::gzip::Compressor;
use super::live::{Held, LiveFile};
use super::lock::Turn;
use super::options::SyncPolicy;
use super::rotation::Rotation;
use super::target::Target;
use super::trouble::Trouble;

/// How a traces file is written.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) rotation: Rotation,
    pub(super) sync: SyncPolicy,
    #[cfg(feature = "gzip")]
    pub(super) compress: bool,
}

/// A traces file as a whole.
#[derive(Debug)]
pub(super) struct JsonlFile<T = File> {
    live: LiveFile<T>,
    /// The path as the user said it, for messages.
    said: PathBuf,
    settings: Settings,
    #[cfg(feature = "gzip")]
    compressor: Compressor,
}

impl<T: Target> JsonlFile<T> {
    /// Opens the file at `path`.
    pub(super) fn open(path: &Path, settings: Settings) -> io::Result<Self> {
        // The program may change its working folder; the file does not move with it.
        let absolute = std::path::absolute(path)?;
        Ok(Self {
            live: LiveFile::open(&absolute, None, settings.sync)?,
            said: path.to_owned(),
            settings,
            #[cfg(feature = "gzip")]
            compressor: Compressor::default(),
        })
    }

    /// Appends lines, of which each ends at one of `ends`.
    pub(super) fn append(&mut self, text: &[u8], ends: &[usize], trouble: &mut Trouble) {
        let mut rest = Chunk::new(text, ends);
        let mut may_rotate = self.settings.rotation.is_on();
        while rest.lines() > 0 {
            let done = match self.live.hold() {
                Ok(held) => self.append_some(held, rest, &mut may_rotate, trouble),
                Err(error) => self.lose(rest.lines(), &error, trouble),
            };
            self.live.release();
            rest = rest.split_at(done).1;
        }
        if self.settings.sync == SyncPolicy::EveryWrite {
            self.sync(trouble);
        }
        self.note_compression(trouble);
    }

    /// Appends as many of `lines` as go into the file, which is put aside where none does; how many
    /// are done with.
    fn append_some(
        &mut self,
        held: Held,
        lines: Chunk<'_>,
        may_rotate: &mut bool,
        trouble: &mut Trouble,
    ) -> usize {
        if held.was_displaced {
            trouble.note(format_args!(
                "{:?} was removed or moved: writing goes on in the file that is there now",
                self.said
            ));
        }
        let len = match self.live.look(held) {
            Ok(len) => len,
            Err(error) => return self.lose(lines.lines(), &error, trouble),
        };
        // Without the turn somebody else may be about to do the same.
        *may_rotate &= self.live.is_regular() && held.turn != Turn::Taken;
        let room = match *may_rotate {
            true => self.settings.rotation.room(&self.live, len, lines),
            false => lines.lines(),
        };
        if room == 0 {
            *may_rotate = self.rotate(trouble);
            return 0;
        }
        if let Err(error) = self.live.append(lines.split_at(room).0, held.turn) {
            self.lose(error.lost_lines, &error.source, trouble);
        }
        room
    }

    fn lose(&self, lines: usize, error: &io::Error, trouble: &mut Trouble) -> usize {
        trouble.lose(lines, format_args!("cannot write {:?}: {error}", self.said));
        lines
    }

    /// Puts the file aside; whether that worked. Where not, lines go where they went before.
    fn rotate(&mut self, trouble: &mut Trouble) -> bool {
        let rotation = &self.settings.rotation;
        if let Err(error) = rotation.rotate(&mut self.live) {
            trouble.note(format_args!("cannot rotate {:?}: {error}", self.said));
            return false;
        }
        if let Err(error) = rotation.prune(self.live.path()) {
            trouble.note(format_args!(
                "cannot remove rotated files of {:?}: {error}",
                self.said
            ));
        }
        #[cfg(feature = "gzip")]
        if self.settings.compress
            && let Err(error) = self.compressor.start(self.live.path())
        {
            trouble.note(format_args!("cannot compress: {error}"));
        }
        true
    }

    /// Passes on to the disk what the policy wants there.
    pub(super) fn flush(&mut self, trouble: &mut Trouble) {
        if self.settings.sync != SyncPolicy::Never {
            self.sync(trouble);
        }
        self.note_compression(trouble);
    }

    /// Waits for what is still being compressed.
    pub(super) fn finish(&mut self, trouble: &mut Trouble) {
        #[cfg(feature = "gzip")]
        self.compressor.finish();
        self.note_compression(trouble);
    }

    fn sync(&mut self, trouble: &mut Trouble) {
        if let Err(error) = self.live.sync() {
            trouble.note(format_args!("cannot sync {:?}: {error}", self.said));
        }
    }

    #[cfg(feature = "gzip")]
    fn note_compression(&self, trouble: &mut Trouble) {
        if let Some(error) = self.compressor.failed() {
            trouble.note(error);
        }
    }

    #[cfg(not(feature = "gzip"))]
    #[allow(clippy::unused_self)]
    fn note_compression(&self, _: &mut Trouble) {}
}

#[cfg(test)]
mod tests;
