//! A batch of finished spans on its way to the exporters.

use std::cell::OnceCell;
use std::sync::Arc;

use crate::profile::{Profile, Shape};
use crate::record::{Attributes, SpanRecord};
use crate::recorder::batch::{Batch, Views};

/// A batch of finished spans, in the order in which each thread ended them.
#[derive(Debug)]
pub struct SpanBatch<'a> {
    batch: &'a Batch,
    resource: &'a Arc<Attributes>,
    /// Made once, for all exporters that ask.
    records: OnceCell<Vec<SpanRecord>>,
    /// How the records are spelt, where these say something else than what was recorded.
    spelt: Option<Profile>,
}

impl<'a> SpanBatch<'a> {
    pub(crate) fn new(batch: &'a Batch, resource: &'a Arc<Attributes>) -> Self {
        Self {
            batch,
            resource,
            records: OnceCell::new(),
            spelt: None,
        }
    }

    /// The same batch, whose spans are spelt as this profile has them.
    pub(crate) fn spelt(&self, records: Vec<SpanRecord>, profile: Profile) -> Self {
        Self {
            records: OnceCell::from(records),
            spelt: Some(profile),
            ..*self
        }
    }

    /// The spans as they were recorded; none where they are spelt otherwise.
    pub(crate) fn views(&self) -> Option<Views<'a>> {
        self.spelt.is_none().then(|| self.batch.views())
    }

    /// The spans as they were recorded, whatever they are spelt like.
    pub(crate) fn recorded(&self) -> impl Iterator<Item = SpanRecord> {
        let views = self.batch.views();
        views.map(|view| view.record(self.resource))
    }

    /// What lines of the records look like.
    pub(crate) fn shape(&self) -> Shape {
        self.spelt.unwrap_or_default().shape()
    }

    /// The address of the conventions by which the records are spelt; empty where there is none.
    #[cfg(any(feature = "otlp", feature = "opentelemetry-sdk"))]
    pub(crate) fn schema_url(&self) -> &'static str {
        self.spelt.unwrap_or_default().schema_url()
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
        self.records.get_or_init(|| self.recorded().collect())
    }
}
