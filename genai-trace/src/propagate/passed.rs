//! What came with a `traceparent` and goes on with it.

use std::sync::atomic::{AtomicBool, Ordering};

use super::baggage::{Allowed, Baggage};
use super::tracestate;
use crate::recorder;
use crate::recorder::tally::say;

/// What came with a `traceparent` and goes on with it: to the spans below, and to whoever they call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passed {
    /// Whoever began the trace says that its id is random.
    is_random: bool,
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
            is_random: false,
            trace_state: tracestate::passed_on(trace_state),
            baggage: Baggage::of(baggage, &allowed.keys),
            on_spans: allowed.on_spans,
        };
        let is_something = passed.trace_state.is_some() || !passed.baggage.is_empty();
        is_something.then_some(passed)
    }

    /// The same with what the flags of the `traceparent` say of the trace's id.
    pub(super) fn with_flags(passed: Option<Self>, is_random: bool) -> Option<Self> {
        match is_random {
            true => Some(Self {
                is_random,
                ..passed.unwrap_or_default()
            }),
            false => passed,
        }
    }

    /// Whether whoever began the trace says that its id is random.
    pub(super) const fn is_random(&self) -> bool {
        self.is_random
    }

    /// Whether spans have nothing to say of it.
    pub(crate) fn is_plain(&self) -> bool {
        self.trace_state.is_none() && self.baggage.is_empty()
    }

    /// What is passed on where `own` is added to `above`; none where nothing of it is allowed.
    pub(super) fn with(above: Option<&Self>, own: &Baggage) -> Option<Self> {
        let allowed = recorder::current()?.baggage().clone();
        let (own, left_out) = own.allowed(&allowed.keys);
        if let Some(key) = left_out {
            say_once(&key);
        }
        if own.is_empty() {
            return None;
        }
        let above = above.cloned().unwrap_or_default();
        Some(Self {
            is_random: above.is_random,
            trace_state: above.trace_state,
            baggage: own.over(above.baggage),
            on_spans: allowed.on_spans,
        })
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

/// Says that a member of one's own is not passed on; of the first one that is not.
fn say_once(key: &str) {
    static IS_SAID: AtomicBool = AtomicBool::new(false);
    if !IS_SAID.swap(true, Ordering::Relaxed) {
        say(&format!(
            "genai-trace: baggage {key:?} goes nowhere: no such key is allowed by Builder::baggage or \
             GENAI_TRACE_BAGGAGE\n"
        ));
    }
}
