//! Finished spans on their way from the drain thread to the exporters.

use std::sync::Arc;

use super::entries::Entries;
use super::entry::{self, Header};
use super::port::{Large, Taken};
use super::spares::{Buffer, Spares};
use super::survival::Kept;
use crate::export::view::{AgentNames, SpanView};
use crate::span::callsite::{Callsite, CallsiteTable};

/// Finished spans, with the bytes that they lie in. It is decoded once and read by every exporter.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    homes: Vec<Home>,
    spans: Vec<Finished>,
    bytes: usize,
    /// Only the most important spans are left in it.
    is_thinned: bool,
}

/// What entries lie in.
#[derive(Debug)]
enum Home {
    /// A thread's buffer, which goes back to the spares.
    Buffer(Buffer),
    Bytes(Box<[u8]>),
}

/// A span of a batch. Its header is read where it lies, each time: a copy of it would take more
/// memory than most entries.
#[derive(Debug)]
struct Finished {
    callsite: &'static Callsite,
    agent: Option<Arc<str>>,
    /// Where the entry lies: the home, and the first byte there.
    home: u32,
    start: u32,
}

impl Home {
    /// A buffer that is full enough is read where it lies; of another the entries are copied, so
    /// that an exporter that is late does not hold much memory for little. Of one in the black box
    /// they are copied too: that is to be there until they are in the file, and no longer.
    fn of(entries: Entries, spares: &Arc<Spares>, kept: &mut Kept) -> Self {
        if entries.survives() {
            let bytes = entries.as_slice().into();
            kept.keep(entries, spares);
            return Home::Bytes(bytes);
        }
        if entries.is_mostly_empty() {
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
    /// Decodes what was taken out of the ports. What lies in the black box as well stays there, as
    /// `kept`.
    pub(super) fn decode(
        taken: Vec<Taken>,
        spares: &Arc<Spares>,
        callsites: &mut CallsiteTable,
        kept: &mut Kept,
    ) -> Self {
        let mut batch = Self::default();
        let mut names = AgentNames::default();
        for Taken {
            entries,
            large,
            log,
        } in taken
        {
            kept.large.extend(log);
            batch.adopt(Home::of(entries, spares, kept), callsites, &mut names);
            for Large { entry, log } in large {
                batch.adopt(Home::Bytes(entry), callsites, &mut names);
                kept.large.extend(log);
            }
        }
        batch
    }

    fn adopt(&mut self, home: Home, callsites: &mut CallsiteTable, names: &mut AgentNames) {
        let bytes = home.bytes();
        let Ok(number) = u32::try_from(self.homes.len()) else {
            return;
        };
        let (len, mut rest) = (bytes.len(), bytes);
        loop {
            let start = u32::try_from(len - rest.len());
            let (Some((header, _)), Ok(start)) = (entry::take(&mut rest), start) else {
                break;
            };
            if let Some(callsite) = callsites.get(header.callsite) {
                self.spans.push(Finished {
                    callsite,
                    agent: names.of(&header, callsite),
                    home: number,
                    start,
                });
            }
        }
        self.bytes += len;
        self.homes.push(home);
    }

    /// Builds a batch of copies.
    pub(crate) fn builder() -> BatchBuilder {
        BatchBuilder::default()
    }

    /// How many spans there are.
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// How much memory its spans take.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes + self.spans.len() * size_of::<Finished>()
    }

    /// The spans, in the order in which each thread ended them.
    pub(crate) fn views(&self) -> impl Iterator<Item = SpanView<'_>> {
        self.spans.iter().filter_map(|span| self.view(span))
    }

    fn view<'a>(&'a self, span: &'a Finished) -> Option<SpanView<'a>> {
        let home = self.homes.get(usize::try_from(span.home).ok()?)?;
        let mut entry = home.bytes().get(usize::try_from(span.start).ok()?..)?;
        let (header, items) = entry::take(&mut entry)?;
        Some(SpanView {
            header,
            callsite: span.callsite,
            items,
            agent: span.agent.as_deref(),
        })
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

/// Builds a batch.
#[derive(Debug, Default)]
pub(crate) struct BatchBuilder {
    batch: Batch,
    /// What copied spans say at run time.
    copies: Vec<u8>,
    names: AgentNames,
}

impl BatchBuilder {
    /// Adds a copy of `span`.
    pub(crate) fn push(&mut self, span: &SpanView<'_>) {
        let start = self.copies.len();
        let len = Header::entry_len(span.items.len());
        let Ok(place) = u32::try_from(start) else {
            return;
        };
        self.copies.resize(start + len, 0);
        if let Some(entry) = self.copies.get_mut(start..) {
            span.header.write(span.items, entry);
        }
        self.batch.bytes += len;
        self.batch.spans.push(Finished {
            callsite: span.callsite,
            agent: self.names.of(&span.header, span.callsite),
            home: 0,
            start: place,
        });
    }

    /// The batch of what was pushed.
    pub(crate) fn finish(self) -> Batch {
        let mut batch = self.batch;
        batch.homes.push(Home::Bytes(self.copies.into()));
        batch
    }
}
