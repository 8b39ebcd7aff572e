//! Where there are no files that can be mapped and held there is no black box.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::in_flight::Pages;
use crate::record::Attributes;

pub(crate) const MOST_BYTES: u64 = 0;

/// None can be made.
#[derive(Debug)]
pub(crate) enum BlackBox {}

/// None can be made.
#[derive(Debug)]
pub(crate) enum Segment {}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Written;

impl Written {
    pub(crate) fn end_of(_: &Path) -> io::Result<Self> {
        Ok(Self)
    }
}

impl BlackBox {
    pub(crate) fn create(
        _: &Path,
        _: u64,
        _: &Attributes,
        _: Written,
        _: u64,
    ) -> io::Result<Arc<Self>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn pages(&self) -> &Arc<Pages> {
        match *self {}
    }

    pub(crate) fn segment(&self, _: usize) -> io::Result<Segment> {
        match *self {}
    }

    pub(crate) fn beat(&self, _: u64) {
        match *self {}
    }

    pub(crate) fn wrote_up_to(&self, _: Written) {
        match *self {}
    }

    pub(crate) fn is_in_place(&self) -> bool {
        match *self {}
    }

    pub(crate) fn remove(&self) {
        match *self {}
    }
}

impl Segment {
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        match *self {}
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match *self {}
    }

    pub(crate) fn commit(&mut self, _: usize) {
        match *self {}
    }

    pub(crate) fn clear(&mut self) {
        match *self {}
    }
}
