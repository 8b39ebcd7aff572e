//! The event that says of a call of a model what its span says, and what was said in it.

use serde_json::{Map, Value as Json};

use super::frame::Frame;
use super::log_events::Taker;
use super::outcome::Outcome;
use crate::export::view::SpanView;
use crate::metrics::Symbol;
use crate::record::Value;

/// The event, and its severity.
const DETAILS: &str = "gen_ai.client.inference.operation.details";
const DEBUG: u8 = 5;

/// Emits the event of the call in `frame`, which ends at `now`, where somebody takes events; `content` is what
/// was said in it, so far as that goes into events.
pub(super) fn emit(frame: &Frame, now: u64, outcome: Outcome, content: Map<String, Json>) {
    let Some(taker) = Taker::of(frame) else {
        return;
    };
    let view = SpanView {
        header: frame.header(now, Symbol::NONE, outcome),
        callsite: frame.callsite,
        items: frame.items.bytes(),
        agent: None,
    };
    let mut attributes = Map::new();
    view.each_attribute(&mut |key, value| {
        if let Ok(value) = serde_json::to_value(Value::from(value)) {
            attributes.insert(key.to_str().to_owned(), value);
        }
    });
    // With structure, where the span has only texts.
    attributes.extend(content);
    taker.emit(now, DETAILS, DEBUG, attributes);
}
