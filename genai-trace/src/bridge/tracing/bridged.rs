//! A span of `tracing`, as a span of ours.

use std::borrow::Cow;

use super::fields::Status;
use crate::span::current::SpanRef;
use crate::span::detached::OpenSpan;
use crate::span::outcome::{End, Failure, Outcome};

/// A span of `tracing`, as a span of ours: it lies among the other's extensions.
#[derive(Debug)]
pub(super) struct Bridged {
    /// The span itself, but for the time in which a thread is in it.
    pub(super) span: OpenSpan,
    /// Reaches it from everywhere.
    pub(super) handle: SpanRef,
    pub(super) status: Status,
}

impl Bridged {
    /// None where nothing is recorded.
    pub(super) fn new(mut span: OpenSpan, status: Status) -> Option<Self> {
        span.context()?;
        let handle = span.handle();
        Some(Self {
            span,
            handle,
            status,
        })
    }

    /// Ends the span, as its status says.
    pub(super) fn end(self) {
        let Status {
            is_error,
            message,
            error_type,
        } = self.status;
        if !is_error {
            return match std::thread::panicking() {
                // Ends as what is dropped while the thread unwinds.
                true => drop(self.span),
                false => self.span.end_as(End::of(Outcome::Ok)),
            };
        }
        let error_type = error_type.map_or(Cow::Borrowed("_OTHER"), Cow::Owned);
        self.span.end_as(End::failed(Failure {
            exception_type: error_type.clone(),
            error_type,
            message: message.unwrap_or_default(),
        }));
    }
}
