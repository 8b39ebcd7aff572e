//! Spans of one trace that wait until it is decided.

use std::sync::Arc;

use crate::export::view::SpanView;
use crate::recorder::entry::{self, Header};
use crate::recorder::in_flight::{Kind, Log, Pages};
use crate::span::callsite::Callsite;

/// Copies of spans: no buffer is kept for them that other spans lie in.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    entries: Vec<u8>,
    callsites: Vec<&'static Callsite>,
    /// The same in the black box, from which a crash does not take them.
    log: Option<Log>,
}

impl Waiting {
    pub(super) fn push(&mut self, span: &SpanView<'_>, black_box: Option<&Arc<Pages>>) {
        let start = self.entries.len();
        let end = start + Header::entry_len(span.items.len());
        self.entries.resize(end, 0);
        if let Some(place) = self.entries.get_mut(start..) {
            span.header.write(span.items, place);
            if let Some(pages) = black_box {
                if self.log.is_none() {
                    self.log = pages.log(Kind::Entry);
                }
                self.log.as_mut().map(|log| log.append(place));
            }
        }
        self.callsites.push(span.callsite);
    }

    pub(super) fn len(&self) -> usize {
        self.callsites.len()
    }

    /// How much memory they take.
    pub(super) fn bytes(&self) -> usize {
        self.entries.capacity() + self.callsites.capacity() * size_of::<&Callsite>()
    }

    /// What lies in the black box.
    pub(super) fn into_log(self) -> Option<Log> {
        self.log
    }

    pub(super) fn views(&self) -> impl Iterator<Item = SpanView<'_>> {
        let mut rest = self.entries.as_slice();
        self.callsites.iter().map_while(move |callsite| {
            let (header, items) = entry::take(&mut rest)?;
            Some(SpanView {
                header,
                callsite,
                items,
                // Whoever takes it over finds the name by the header.
                agent: None,
            })
        })
    }
}
