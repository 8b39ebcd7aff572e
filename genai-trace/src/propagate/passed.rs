//! What came with a `traceparent` and goes on with it.

use super::baggage::{Allowed, Baggage};
use super::tracestate;
use crate::recorder;

/// What came with a `traceparent` and goes on with it: to the spans below, and to whoever they call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passed {
    trace_state: Option<String>,
    baggage: Baggage,
    /// Whether the spans say the baggage as well.
    on_spans: bool,
}

impl Passed {
    /// What two headers say, of which the second counts only where something of it is allowed; none
    /// where that is nothing.
    pub(crate) fn of(trace_state: &str, baggage: &str) -> Option<Self> {
        let allowed = match baggage.is_empty() {
            true => Allowed::default(),
            false => recorder::current().map_or_else(Allowed::default, |it| it.baggage().clone()),
        };
        let passed = Self {
            trace_state: tracestate::passed_on(trace_state),
            baggage: Baggage::of(baggage, &allowed.keys),
            on_spans: allowed.on_spans,
        };
        let is_something = passed.trace_state.is_some() || !passed.baggage.is_empty();
        is_something.then_some(passed)
    }

    pub(crate) fn trace_state(&self) -> Option<&str> {
        self.trace_state.as_deref()
    }

    pub(crate) const fn baggage(&self) -> &Baggage {
        &self.baggage
    }

    /// The baggage that the spans say.
    pub(crate) fn on_spans(&self) -> Option<&Baggage> {
        self.on_spans.then_some(&self.baggage)
    }

    /// The baggage as it is sent.
    pub(super) fn baggage_header(&self) -> Option<String> {
        self.baggage.to_header()
    }
}
