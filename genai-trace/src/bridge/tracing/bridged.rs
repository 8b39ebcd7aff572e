//! Spans that are known on both sides.

use ::tracing_subscriber::registry::Extensions;

use super::fields::{Fields, Status};
use crate::span::current::SpanRef;
use crate::span::detached::OpenSpan;
use crate::span::outcome::{End, Outcome};

/// A span of `tracing`, as a span of ours: it lies among the other's extensions.
#[derive(Debug)]
pub(super) struct Bridged {
    /// The span itself, but for the time in which a thread is in it, and when it has ended.
    pub(super) span: Option<OpenSpan>,
    /// Reaches it from everywhere.
    pub(super) handle: SpanRef,
    pub(super) status: Status,
    /// The name that was said after the beginning.
    name: Option<String>,
}

/// A span of ours, among the extensions of that by which `tracing` knows it.
#[derive(Debug)]
pub(super) struct Own(pub(super) SpanRef);

/// A handle of the span of ours that stands for this one, or for which this one stands.
pub(super) fn handle(extensions: &Extensions<'_>) -> Option<SpanRef> {
    let bridged = extensions.get().map(|bridged: &Bridged| &bridged.handle);
    let own = || extensions.get().map(|Own(own)| own);
    bridged.or_else(own).cloned()
}

impl Bridged {
    /// None where nothing is recorded.
    pub(super) fn new(mut span: OpenSpan, status: Status) -> Option<Self> {
        span.context()?;
        let handle = span.handle();
        Some(Self {
            span: Some(span),
            handle,
            status,
            name: None,
        })
    }

    /// Takes in what was said after the beginning, and is no attribute.
    pub(super) fn later(&mut self, mut fields: Fields) {
        self.status.take(fields.status());
        self.name = fields.take_name().or(self.name.take());
    }

    /// What is needed to end it.
    pub(super) fn ending(&mut self) -> Option<Ending> {
        Some(Ending {
            span: self.span.take()?,
            status: std::mem::take(&mut self.status),
            name: self.name.take(),
        })
    }
}

/// A span that is to end.
#[derive(Debug)]
pub(super) struct Ending {
    span: OpenSpan,
    status: Status,
    name: Option<String>,
}

impl Ending {
    /// Ends the span, as its status says.
    pub(super) fn end(mut self) {
        if let Some(name) = &self.name {
            self.span.rename(name);
        }
        if self.status.is_error() {
            if let Some(message) = &self.status.message {
                self.span.say_message(message);
            }
            return self.span.end_as(End::of(Outcome::Error));
        }
        match std::thread::panicking() {
            // Ends as what is dropped while the thread unwinds.
            true => drop(self.span),
            false => self.span.end_as(End::of(Outcome::Ok)),
        }
    }
}
