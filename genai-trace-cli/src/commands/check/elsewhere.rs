//! What was said in spans and is kept elsewhere, laid into them by several threads.

use std::slice;
use std::sync::{Mutex, PoisonError};

use genai_trace::SpanRecord;

use crate::content::{Content, Gap, InPlaceOfGaps, complain};
use crate::input::Place;
use crate::reading::Input;

/// The content that lies beside what is read, and what became of it.
#[derive(Debug)]
pub(super) struct Elsewhere {
    content: Content,
    became: Mutex<Became>,
}

#[derive(Debug, Default)]
struct Became {
    /// Of all gaps the one that stands first, whichever thread came by it first.
    first: Option<(Place, Gap)>,
    gaps: usize,
    failed: Option<String>,
}

impl Elsewhere {
    pub(super) fn of(input: &Input) -> Result<Self, String> {
        Ok(Self {
            content: input.content()?,
            became: Mutex::default(),
        })
    }

    /// Lays into a span what is kept of it elsewhere: of what is not whole as much as is there.
    pub(super) fn lay_into(&self, place: Place, span: &mut SpanRecord) {
        let laid = self
            .content
            .fill(slice::from_mut(span), InPlaceOfGaps::Words);
        let gaps = match laid {
            Ok(gaps) if gaps.is_empty() => return,
            gaps => gaps,
        };
        let mut became = self.became.lock().unwrap_or_else(PoisonError::into_inner);
        match gaps {
            Err(error) => _ = became.failed.get_or_insert(error),
            Ok(gaps) => {
                became.gaps += gaps.len();
                let is_first = became
                    .first
                    .as_ref()
                    .is_none_or(|(known, _)| place < *known);
                if let Some(gap) = gaps.into_iter().next().filter(|_| is_first) {
                    became.first = Some((place, gap));
                }
            }
        }
    }

    /// Says what is not there; an error where something could not be read.
    pub(super) fn end(self) -> Result<(), String> {
        let became = self
            .became
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = became.failed {
            return Err(error);
        }
        complain(became.first.as_ref().map(|(_, gap)| gap), became.gaps);
        Ok(())
    }
}
