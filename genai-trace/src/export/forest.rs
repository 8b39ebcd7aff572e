//! Spans by the span that caused them.

use crate::order;
use crate::record::SpanRecord;

/// Spans by the span that caused them, in the order in which they began.
pub(crate) struct Forest<'a> {
    /// By ids, to find parents; the children of each stand at the same place.
    known: Vec<&'a SpanRecord>,
    children: Vec<Vec<&'a SpanRecord>>,
    roots: Vec<&'a SpanRecord>,
}

impl<'a> Forest<'a> {
    /// A span whose parent is not among `spans` is a root.
    pub(crate) fn new(spans: &[&'a SpanRecord]) -> Self {
        let mut known = spans.to_vec();
        order::sort_by_key(&mut known, |span| span.span_id.to_bytes());
        let mut forest = Self {
            children: vec![Vec::new(); known.len()],
            known,
            roots: Vec::new(),
        };
        let mut by_start = spans.to_vec();
        order::sort_by_key(&mut by_start, |span| {
            (span.start_unix_nano, span.end_unix_nano)
        });
        for span in by_start {
            let parent = span
                .parent_span_id
                .and_then(|id| forest.place(id.to_bytes()));
            match parent.and_then(|place| forest.children.get_mut(place)) {
                Some(siblings) => siblings.push(span),
                None => forest.roots.push(span),
            }
        }
        forest
    }

    /// The spans that nothing else caused; the next time there are none.
    pub(crate) fn take_roots(&mut self) -> Vec<&'a SpanRecord> {
        std::mem::take(&mut self.roots)
    }

    /// What `span` caused; the next time there is nothing.
    pub(crate) fn take_children(&mut self, span: &SpanRecord) -> Vec<&'a SpanRecord> {
        let place = self.place(span.span_id.to_bytes());
        let children = place.and_then(|place| self.children.get_mut(place));
        children.map(std::mem::take).unwrap_or_default()
    }

    fn place(&self, id: [u8; 8]) -> Option<usize> {
        let id_of = |span: &&SpanRecord| span.span_id.to_bytes();
        self.known.binary_search_by_key(&id, id_of).ok()
    }
}
