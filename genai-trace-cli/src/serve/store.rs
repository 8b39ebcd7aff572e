//! Everything that the viewer knows.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use genai_trace::SpanRecord;

use super::in_flight::InFlight;
use super::index::{Extent, Found, Index, Mixed};
use super::parts::Parts;
use super::scores::Scores;
use super::search::Searches;
use crate::content::{Content, InPlaceOfGaps, News};
use crate::input::lines;
use crate::span::{Brief, id_of, records};

/// Everything that the viewer knows.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) index: Index,
    pub(super) parts: Parts,
    pub(super) scores: Scores,
    pub(super) content: Content,
    pub(super) in_flight: InFlight,
    pub(super) searches: Searches,
    /// What is shown, as it was named.
    pub(super) files: Vec<PathBuf>,
    /// Bytes that were there at the beginning, that are being read, and that have been.
    pub(super) to_load: AtomicU64,
    pub(super) sent: AtomicU64,
    pub(super) loaded: AtomicU64,
    is_loaded: AtomicBool,
}

impl Store {
    pub(super) fn new(files: Vec<PathBuf>) -> Self {
        Self {
            files,
            ..Self::default()
        }
    }

    /// How much of what was there at the beginning has been read: 1 for all.
    pub(super) fn loading(&self) -> f64 {
        if self.is_loaded.load(Ordering::Relaxed) {
            return 1.0;
        }
        let to_load = self.to_load.load(Ordering::Relaxed).max(1) as f64;
        let loaded = self.loaded.load(Ordering::Relaxed) as f64;
        (loaded / to_load).min(0.999)
    }

    /// What was there at the beginning are the first so many bytes that are read.
    pub(super) fn note_loaded(&self, bytes: u64) {
        let is_read = self.loaded.load(Ordering::Relaxed) >= bytes;
        if is_read && !self.is_loaded.swap(true, Ordering::Relaxed) {
            self.index.note_all_changed();
        }
    }

    /// The spans of a trace that have ended; none where there is no such trace.
    pub(super) fn spans(&self, id: u128) -> io::Result<Option<Vec<SpanRecord>>> {
        let Some(extents) = self.index.extents(id) else {
            return Ok(None);
        };
        let mut spans = Vec::new();
        self.parts.read(extents, |_, bytes| {
            let found = lines(bytes).filter_map(|(_, line)| records(line)).flatten();
            spans.extend(found.filter(|span| id_of(span) == id));
        })?;
        Ok(Some(spans))
    }

    /// Lays into spans what is kept of them elsewhere, with a word where that is not there.
    pub(super) fn fill(&self, spans: &mut [SpanRecord]) -> io::Result<()> {
        let filled = self.content.fill(spans, InPlaceOfGaps::Words);
        filled.map(drop).map_err(io::Error::other)
    }

    /// Reads what is new of the events beside spans.
    pub(super) fn look_for_events(&self, parts: &mut HashMap<u32, u32>) {
        let looked = self.content.events.look_and_tell(&mut |news| match news {
            News::Opened(file, opened, path) => {
                // So what is said in them is found as well.
                parts.insert(file, self.parts.add(opened, &path, None, false));
            }
            News::Read(file, length, traces) => {
                if let Some(part) = parts.get(&file) {
                    self.parts.reach(*part, length);
                }
                for trace in traces {
                    self.index.note_changed(trace);
                }
            }
            News::Cut(file) => {
                let part = parts.get(&file).and_then(|part| self.parts.renew(*part));
                match part {
                    Some(part) => parts.insert(file, part),
                    None => parts.remove(&file),
                };
            }
        });
        // A file that cannot be read now may be later.
        let _ = looked;
    }

    /// The file of a part was cut short or written anew: what came of it goes. The part that is to come of it.
    pub(super) fn cut(&self, part: u32) -> Option<u32> {
        let new = self.parts.renew(part);
        self.forget(part);
        new
    }

    /// The file of a part is there no more: what came of it goes.
    pub(super) fn forget(&self, part: u32) {
        self.parts.drop(part);
        let left: HashMap<_, Vec<_>> = self.index.forget(part);
        for (id, extents) in left {
            // What cannot be read any more is gone as well.
            let _ = self.parts.read(extents, |extent, bytes| {
                let Extent { part, offset, .. } = extent;
                let is_of_it = |span: &Brief<'_>| span.trace_id == id;
                let names = &self.index.names;
                self.take(Found::read_some(part, offset, bytes, names, is_of_it));
            });
        }
    }

    /// Takes in what a block of lines says, each span once.
    pub(super) fn take(&self, found: Found) {
        for Mixed {
            trace,
            extents,
            mut new,
        } in self.index.take(found)
        {
            let mut is_new = |span: &Brief<'_>| {
                let is_of_it = span.trace_id == trace;
                is_of_it && (!span.has_ended() || new.remove(&span.span_id))
            };
            // What cannot be read any more is gone from the index soon.
            let _ = self.parts.read(extents, |extent, bytes| {
                let Extent { part, offset, .. } = extent;
                let names = &self.index.names;
                let found = Found::read_some(part, offset, bytes, names, &mut is_new);
                self.index.add_up(found);
            });
        }
    }

    /// The traces file that a trace belongs to, if it is kept in one; none where there is no such trace.
    pub(super) fn home(&self, id: u128) -> Option<Option<PathBuf>> {
        match self.index.extents(id) {
            Some(extents) => {
                let homes = extents
                    .iter()
                    .filter_map(|extent| self.parts.home(extent.part));
                Some(homes.last())
            }
            // Of what runs nothing may have ended yet.
            None => self
                .in_flight
                .all()
                .get(&id)
                .map(|_| self.in_flight.file(id)),
        }
    }
}
