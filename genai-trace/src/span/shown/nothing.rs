//! Without the feature `tracing` no span is shown, and nothing here is anything once it is compiled.

use crate::span::ids::SpanId;
use crate::span::opening::Opening;
use crate::span::outcome::End;

/// That a span is shown: none is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown;

/// A span that is shown, at its end.
#[derive(Debug)]
pub(crate) struct Ended;

/// How a span that is shown is known to contexts of ours.
#[derive(Clone, Debug)]
pub(crate) struct Faint;

/// Where a span is to be shown.
#[derive(Debug)]
pub(in crate::span) struct Below;

impl Shown {
    pub(crate) const NONE: Self = Self;

    #[inline]
    pub(crate) const fn take(&mut self) -> Self {
        Self
    }

    #[inline]
    pub(crate) const fn faint(&self) -> Faint {
        Faint
    }

    #[inline]
    pub(crate) const fn enter(&self) -> bool {
        false
    }

    #[inline]
    pub(crate) const fn exit(&self) {}

    #[inline]
    pub(crate) const fn take_at(&mut self, _: &End) -> Ended {
        Ended
    }
}

impl Ended {
    #[inline]
    pub(crate) const fn leave(self) {}

    #[inline]
    pub(crate) const fn tell(self) {}
}

impl Faint {
    pub(crate) const NONE: Self = Self;
}

impl Below {
    pub(in crate::span) const fn of(_: &Opening) -> Self {
        Self
    }
}

pub(in crate::span) const fn show(_: SpanId, _: Below) {}
