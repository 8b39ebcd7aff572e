//! A batch of finished spans on its way to the exporters.

use std::cell::OnceCell;
use std::sync::Arc;

use crate::record::{Attributes, SpanRecord};
use crate::recorder::batch::{Batch, Views};

/// A batch of finished spans, in the order in which each thread ended them.
#[derive(Debug)]
pub struct SpanBatch<'a> {
    batch: &'a Batch,
    resource: &'a Arc<Attributes>,
    /// Made once, for all exporters that ask.
    records: OnceCell<Vec<SpanRecord>>,
}

impl<'a> SpanBatch<'a> {
    pub(crate) fn new(batch: &'a Batch, resource: &'a Arc<Attributes>) -> Self {
        Self {
            batch,
            resource,
            records: OnceCell::new(),
        }
    }

    pub(crate) fn views(&self) -> Views<'a> {
        self.batch.views()
    }

    pub(crate) fn resource(&self) -> &'a Arc<Attributes> {
        self.resource
    }

    /// How many spans there are.
    pub fn len(&self) -> usize {
        self.batch.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// The spans as records.
    pub fn records(&self) -> &[SpanRecord] {
        self.records.get_or_init(|| {
            self.views()
                .map(|view| view.record(self.resource))
                .collect()
        })
    }
}
