//! Finished spans on their way from the drain thread to the exporters.

use std::sync::Arc;

use super::entries::Entries;
use super::entry::{self, Header};
use super::port::{Large, Taken};
use super::spares::{Buffer, Spares};
use super::survival::Kept;
use crate::export::view::{AgentNames, SpanView};
use crate::span::callsite::CallsiteTable;

/// Finished spans, as the bytes that they lie in. Each exporter reads them there: what could be worked
/// out beforehand for all would take more memory than most entries, and miss the caches twice.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    homes: Vec<Home>,
    spans: usize,
    bytes: usize,
    /// Only the most important spans are left in it.
    is_thinned: bool,
}

/// So few bytes of entries are copied, and their buffer is free again at once.
const FEW_BYTES: usize = 16 * 1024;

/// What entries lie in.
#[derive(Debug)]
enum Home {
    /// A thread's buffer, which goes back to the spares.
    Buffer(Buffer),
    Bytes(Box<[u8]>),
}

impl Home {
    /// Entries are read where they lie. Few are copied, and so is what lies in a buffer that is mostly
    /// empty where some are lent already: an exporter that is late is not to hold much memory for
    /// little. Of a buffer in the black box they are copied too: that is to be there until they are in
    /// the file, and no longer.
    fn of(entries: Entries, spares: &Arc<Spares>, kept: &mut Kept) -> Self {
        if entries.survives() {
            let bytes = entries.as_slice().into();
            kept.keep(entries, spares);
            return Home::Bytes(bytes);
        }
        let is_wasteful = entries.is_mostly_empty() && spares.have_lent_some();
        if entries.len() <= FEW_BYTES || is_wasteful {
            let bytes = entries.as_slice().into();
            spares.give(entries);
            return Home::Bytes(bytes);
        }
        Home::Buffer(Buffer::new(entries, Arc::clone(spares)))
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Home::Buffer(buffer) => buffer.as_slice(),
            Home::Bytes(bytes) => bytes,
        }
    }
}

impl Batch {
    /// What was taken out of the ports. What lies in the black box as well stays there, as `kept`.
    pub(super) fn of(taken: Vec<Taken>, spares: &Arc<Spares>, kept: &mut Kept) -> Self {
        let mut batch = Self::default();
        for Taken {
            entries,
            large,
            log,
        } in taken
        {
            kept.large.extend(log);
            batch.adopt(Home::of(entries, spares, kept));
            for Large { entry, log } in large {
                batch.adopt(Home::Bytes(entry));
                kept.large.extend(log);
            }
        }
        batch
    }

    fn adopt(&mut self, home: Home) {
        let bytes = home.bytes();
        self.bytes += bytes.len();
        self.spans += entry::count(bytes);
        self.homes.push(home);
    }

    /// Builds a batch of copies.
    pub(crate) fn builder() -> BatchBuilder {
        BatchBuilder::default()
    }

    /// How many spans there are.
    pub(crate) const fn len(&self) -> usize {
        self.spans
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.spans == 0
    }

    /// How much memory its spans take.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The spans, in the order in which each thread ended them.
    pub(crate) fn views(&self) -> Views<'_> {
        Views {
            homes: self.homes.iter(),
            rest: &[],
            callsites: CallsiteTable::default(),
            agents: AgentNames::default(),
        }
    }

    /// The spans that are to be dropped last, in a batch of their own: errors and roots.
    pub(super) fn most_important(&self) -> Self {
        let mut builder = Self::builder();
        for view in self.views().filter(|view| view.header.is_important()) {
            builder.push(&view);
        }
        Self {
            is_thinned: true,
            ..builder.finish()
        }
    }

    pub(super) const fn is_thinned(&self) -> bool {
        self.is_thinned
    }
}

/// Goes through the spans of a batch.
#[derive(Debug)]
pub(crate) struct Views<'a> {
    homes: std::slice::Iter<'a, Home>,
    /// What is left of the home that is being read.
    rest: &'a [u8],
    callsites: CallsiteTable,
    agents: AgentNames,
}

impl<'a> Iterator for Views<'a> {
    type Item = SpanView<'a>;

    // Else a view, which is large, is passed on in memory.
    #[inline(always)]
    fn next(&mut self) -> Option<SpanView<'a>> {
        loop {
            let Some((header, items)) = entry::take(&mut self.rest) else {
                self.rest = self.homes.next()?.bytes();
                continue;
            };
            // All that wrote an entry have a number.
            let Some(callsite) = self.callsites.get(header.callsite) else {
                continue;
            };
            return Some(SpanView {
                header,
                callsite,
                items,
                agent: self.agents.of(&header, callsite),
            });
        }
    }
}

/// Builds a batch.
#[derive(Debug, Default)]
pub(crate) struct BatchBuilder {
    batch: Batch,
    /// What copied spans say at run time.
    copies: Vec<u8>,
}

impl BatchBuilder {
    /// Adds a copy of `span`.
    pub(crate) fn push(&mut self, span: &SpanView<'_>) {
        let start = self.copies.len();
        let len = Header::entry_len(span.items.len());
        self.copies.resize(start + len, 0);
        if let Some(entry) = self.copies.get_mut(start..) {
            span.header.write(span.items, entry);
        }
        self.batch.bytes += len;
        self.batch.spans += 1;
    }

    /// The batch of what was pushed.
    pub(crate) fn finish(self) -> Batch {
        let mut batch = self.batch;
        batch.homes.push(Home::Bytes(self.copies.into()));
        batch
    }
}
