//! What a black box holds: the spans that had ended, and those that were open.

use std::collections::HashSet;

use super::boxes::DeadBox;
use super::spelling::Spelling;
use crate::order;
use crate::recorder::black_box::read::{BoxReader, Unreadable};
use crate::recorder::black_box::{Written, names};
use crate::recorder::entry::{self, Header};
use crate::recorder::in_flight::{Kind, SlotHead};
use crate::span::ids::{SpanId, TraceId};
use crate::span::items::{Item, ItemIter, torn};
use crate::span::outcome::Outcome;

/// What tells spans apart.
pub(super) type Key = (TraceId, SpanId);

/// What a black box holds.
#[derive(Debug)]
pub(super) struct Contents {
    reader: BoxReader,
    spelling: Spelling,
    segments: Vec<Vec<u8>>,
    open: Vec<(SlotHead, Vec<u8>)>,
    faults: Vec<String>,
}

/// A span in a black box.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span<'a> {
    pub(super) header: Header,
    pub(super) items: &'a [u8],
}

impl Span<'_> {
    pub(super) fn key(&self) -> Key {
        (self.header.trace_id, self.header.span_id)
    }
}

impl Contents {
    pub(super) fn read(dead: &DeadBox) -> Result<Self, Unreadable> {
        let reader = BoxReader::open(dead.file()?)?;
        let open = reader.open_spans()?;
        let names = reader.names()?;
        let spelling = Spelling::read(&names);
        let mut segments = reader.segments().collect::<Result<Vec<_>, _>>()?;
        // Entries that are too large for a segment, or wait for the end of their trace.
        segments.extend(reader.logs(Kind::Entry)?);
        let mut faults = reader.faults()?;
        for (number, segment) in segments.iter().enumerate() {
            let mut entries = Entries(segment);
            let said = entries.by_ref().filter(|(_, items)| torn(items) > 0);
            let torn = said.count();
            let left = entries.0.len();
            if left > 0 {
                faults.push(format!(
                    "the last {left} bytes of segment {number} are no spans"
                ));
            }
            if torn > 0 {
                faults.push(format!(
                    "{torn} spans of segment {number} say something that cannot be read"
                ));
            }
        }
        let torn = open.iter().filter(|(_, items)| torn(items) > 0).count();
        if torn > 0 {
            faults.push(format!(
                "{torn} open spans say something that cannot be read"
            ));
        }
        let has_spans = !open.is_empty() || segments.iter().any(|segment| !segment.is_empty());
        if !names::is_whole(&names) || names.is_empty() && has_spans {
            faults.push("not all of its names can be read".to_owned());
        }
        Ok(Self {
            reader,
            spelling,
            segments,
            open,
            faults,
        })
    }

    /// What could not be read, if anything could not.
    pub(super) fn fault(&self) -> Option<String> {
        let (first, more) = self.faults.split_first()?;
        Some(match more {
            [] => first.clone(),
            [second] => format!("{first}, and {second}"),
            more => format!("{first}, and {} more faults", more.len()),
        })
    }

    pub(super) fn spelling(&self) -> &Spelling {
        &self.spelling
    }

    /// Where in the traces file the first span of the box may stand.
    pub(super) fn written(&self) -> Written {
        self.reader.written()
    }

    /// When the box was made: nanoseconds since 1970.
    pub(super) fn created(&self) -> u64 {
        self.reader.created()
    }

    /// What tells its spans apart from all others.
    pub(super) fn keys(&self) -> HashSet<Key> {
        self.spans().iter().map(Span::key).collect()
    }

    /// The spans that had ended, by their end, and then those that were open.
    pub(super) fn spans(&self) -> Vec<Span<'_>> {
        let entries = self.segments.iter().flat_map(|segment| Entries(segment));
        let mut spans: Vec<_> = entries
            .map(|(header, items)| Span { header, items })
            .collect();
        order::sort_by_key(&mut spans, |span| span.header.end);
        let last_seen = self.last_seen(&spans);
        spans.extend(self.open.iter().map(|(head, items)| Span {
            header: crashed(head, last_seen),
            items,
        }));
        spans
    }

    /// The last moment at which the process is known to have lived, on its line of time: it has said so
    /// itself, or something has happened in it.
    fn last_seen(&self, ended: &[Span<'_>]) -> u64 {
        let ends = ended.iter().map(|span| span.header.end);
        let moments = self.open.iter().flat_map(|(head, items)| {
            let events = ItemIter::new(items).filter_map(|item| match item {
                Item::Event(event) => Some(event.time),
                _ => None,
            });
            std::iter::once(head.start).chain(events)
        });
        let last = ends.chain(moments).max().unwrap_or(0);
        last.max(self.reader.last_seen())
    }
}

/// A span that was open when its process was last seen: it ended then.
fn crashed(head: &SlotHead, last_seen: u64) -> Header {
    Header {
        end: last_seen.max(head.start),
        outcome: Outcome::Crashed,
        ..head.header()
    }
}

/// Goes through the entries of a segment: header, items. Ends before one that is torn.
struct Entries<'a>(&'a [u8]);

impl<'a> Iterator for Entries<'a> {
    type Item = (Header, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        entry::take(&mut self.0)
    }
}
