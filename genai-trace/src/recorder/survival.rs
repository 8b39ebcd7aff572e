//! What keeps the black box and the traces file in step: nothing leaves the one before it is in the
//! other.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::black_box::{BlackBox, MOST_BYTES, Written};
use super::entries::Entries;
use super::in_flight::Log;
use super::recover::folder_of;
use super::spares::Spares;
use crate::record::Attributes;
use crate::sys::clock;

/// Where spans are kept that a crash would take along.
#[derive(Debug)]
pub(crate) struct Survival {
    black_box: Arc<BlackBox>,
    file: PathBuf,
    /// The place among the exporters of the one that writes the file.
    pub(super) exporter: usize,
}

/// That spans are to survive a crash, and where they are written if there is none.
#[derive(Clone, Debug)]
pub(crate) struct CrashSafe {
    pub(crate) file: PathBuf,
    /// The place of the file's exporter among all.
    pub(crate) exporter: usize,
}

impl CrashSafe {
    /// Where the black box is.
    pub(crate) fn folder(&self) -> PathBuf {
        folder_of(&self.file)
    }
}

impl Survival {
    pub(super) fn begin(settings: CrashSafe, resource: &Attributes) -> io::Result<Self> {
        let CrashSafe { file, exporter } = settings;
        let black_box = BlackBox::create(
            &folder_of(&file),
            MOST_BYTES,
            resource,
            Written::end_of(&file)?,
            since_1970(),
        )?;
        Ok(Self {
            black_box,
            file,
            exporter,
        })
    }

    /// Whether the black box is still where a recovery looks for it.
    pub(super) fn is_in_place(&self) -> bool {
        self.black_box.is_in_place()
    }

    pub(super) fn black_box(&self) -> &Arc<BlackBox> {
        &self.black_box
    }

    /// Says that the process lives.
    pub(super) fn beat(&self) {
        self.black_box.beat(clock::now());
    }

    /// Everything is in the file: nothing is left to be recovered.
    pub(super) fn end(&self) {
        self.black_box.remove();
    }
}

fn since_1970() -> u64 {
    clock::now().saturating_add_signed(clock::offset())
}

/// Entries that lie in the black box.
#[derive(Debug, Default)]
pub(super) struct Kept {
    entries: Vec<Entries>,
    /// Where the entries of many buffers are gathered.
    together: Option<Entries>,
    pub(super) large: Vec<Log>,
}

impl Kept {
    /// Keeps entries. Those of a buffer that is mostly empty move together with others', so that many
    /// threads with few spans do not fill the box.
    pub(super) fn keep(&mut self, entries: Entries, spares: &Spares) {
        if !entries.is_mostly_empty() {
            self.entries.push(entries);
            return;
        }
        let together = match &mut self.together {
            Some(together) => together,
            empty => empty.insert(spares.take()),
        };
        // Only then are they taken away where they lie: a crash in between leaves them twice, and one
        // is recovered.
        if together.survives() && together.append(entries.as_slice()) {
            spares.give(entries);
            return;
        }
        let full = std::mem::replace(together, entries);
        self.entries.push(full);
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.together.is_none() && self.large.is_empty()
    }
}

/// What may leave the black box once the exporter has done what was asked of it before.
#[derive(Debug)]
pub(super) struct Release {
    pub(super) kept: Kept,
    pub(super) spares: Arc<Spares>,
    pub(super) survival: Arc<Survival>,
}

impl Release {
    /// The spans are in the file, or are lost and counted.
    pub(super) fn done(self) {
        for entries in self.kept.entries.into_iter().chain(self.kept.together) {
            self.spares.give(entries);
        }
        // Before it is noted that the search begins behind their lines.
        drop(self.kept.large);
        if let Ok(written) = Written::end_of(&self.survival.file) {
            self.survival.black_box.wrote_up_to(written);
        }
    }

    /// The spans never came to the file: they stay in the box, for a recovery.
    pub(super) fn keep(self) {
        std::mem::forget(self.kept);
    }
}
