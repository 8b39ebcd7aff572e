//! Random spans, which say anything that a span can say.

use proptest::prelude::*;

use super::{AgentNames, SpanView};
use crate::metrics::{Symbol, intern};
use crate::propagate::passed::Passed;
use crate::record::Value;
use crate::recorder::entry::Header;
use crate::span::callsite::{Callsite, StaticValue};
use crate::span::context::SpanContext;
use crate::span::ids::{SpanId, TraceId};
use crate::span::items::Items;
use crate::span::names;
use crate::span::operation::Operation;
use crate::span::outcome::Outcome;

static CALLSITES: [Callsite; 6] = [
    Callsite::new(Operation::Tool, "read_file"),
    Callsite::new(Operation::Tool, "a \"quoted\" name").with(&[
        ("app.text", StaticValue::Str("a\tb")),
        ("app.int", StaticValue::Int(-1)),
        ("app.float", StaticValue::Float(0.5)),
        ("app.bool", StaticValue::Bool(true)),
    ]),
    Callsite::new(Operation::Plan, "planner"),
    Callsite::new(Operation::Chat, "").with(&[("app.text", StaticValue::Str("é"))]),
    Callsite::new(Operation::Step, "step").with(&[]),
    Callsite::new(Operation::Agent, "coder"),
];

/// Names that are free, that the sources have, and that the runtime writes.
const KEYS: [&str; 12] = [
    "app.path",
    "app.other",
    "a key \"with\" escapes\n",
    "ключ",
    "app.text",
    "app.float",
    names::OPERATION,
    names::TOOL_NAME,
    names::REQUEST_MODEL,
    names::AGENT_NAME,
    names::OUTCOME,
    names::ERROR_TYPE,
];

#[derive(Clone, Debug)]
enum Said {
    Attribute(&'static str, Value),
    Message(String),
    Subject(String),
    Event(u64, String, Value),
    Link(u128, u64, String),
    TraceState(String),
    /// An attribute whose name is too long to be kept.
    Dropped,
}

/// A random span.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    callsite: &'static Callsite,
    outcome: Outcome,
    ids: (u128, u64, Option<u64>),
    start: u64,
    end: u64,
    offset: i64,
    agent: Symbol,
    said: Vec<Said>,
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[ -~]{0,70}",
        2 => "[a-z/\"\\\\\n\t\u{0}-\u{1f}\u{7f}é\u{2028}🦀]{0,70}",
        1 => any::<String>(),
        1 => (0_usize..1100, 0_usize..40).prop_map(|(before, after)| {
            "x".repeat(before) + "\n" + &"y".repeat(after)
        }),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => text().prop_map(Value::String),
        1 => any::<bool>().prop_map(Value::Bool),
        2 => any::<i64>().prop_map(Value::Int),
        2 => any::<f64>().prop_map(Value::Float),
        1 => prop::collection::vec(text(), 0..4).prop_map(Value::StringArray),
        1 => prop::collection::vec(any::<bool>(), 0..4).prop_map(Value::BoolArray),
        1 => prop::collection::vec(any::<i64>(), 0..4).prop_map(Value::IntArray),
        1 => prop::collection::vec(any::<f64>(), 0..4).prop_map(Value::FloatArray),
    ]
}

fn said() -> impl Strategy<Value = Said> {
    let free = prop::sample::select(&KEYS[..4]);
    let key = prop::sample::select(&KEYS[..]);
    prop_oneof![
        12 => (free, value()).prop_map(|(key, value)| Said::Attribute(key, value)),
        3 => (key, value()).prop_map(|(key, value)| Said::Attribute(key, value)),
        1 => text().prop_map(Said::Message),
        1 => text().prop_map(Said::Subject),
        1 => (any::<u64>(), "[ -~]{1,9}", value())
            .prop_map(|(time, name, value)| Said::Event(time, name, value)),
        1 => (1..u128::MAX, 1..u64::MAX, "(a=[ -+]{0,3}x)?")
            .prop_map(|(trace, span, state)| Said::Link(trace, span, state)),
        1 => text().prop_map(Said::TraceState),
        1 => Just(Said::Dropped),
    ]
}

/// Times around the ends of a second, of the range that has 19 digits, and of all there is.
fn time() -> impl Strategy<Value = u64> {
    const SECOND: u64 = 1_000_000_000;
    prop_oneof![
        8 => (0..3_u64, 0..3_u64).prop_map(|(second, nanos)| {
            (1_790_000_000 + second) * SECOND + nanos - 1
        }),
        4 => (0..3 * SECOND).prop_map(|nanos| 1_790_000_000 * SECOND + nanos),
        1 => (0..3_u64).prop_map(|nanos| SECOND * SECOND + nanos - 1),
        1 => (0..3_u64).prop_map(|nanos| 10 * SECOND * SECOND + nanos - 1),
        1 => 0..2 * SECOND,
        1 => any::<u64>(),
    ]
}

/// Spans of a few functions and traces.
pub(crate) fn span() -> impl Strategy<Value = Span> {
    let callsite = (0..CALLSITES.len()).prop_map(|index| &CALLSITES[index]);
    let outcome = prop_oneof![
        4 => Just(Outcome::Ok),
        1 => prop::sample::select(&Outcome::ALL[..]),
    ];
    let ids = (1..4_u128, any::<u64>(), prop::option::of(1..4_u64));
    let offset = prop_oneof![3 => Just(0), 1 => -2_i64..2, 1 => any::<i64>()];
    let agent = prop::sample::select(&["", "coder", "a \"b\"", "é"][..]).prop_map(intern);
    let said = prop::collection::vec(said(), 0..5);
    (callsite, outcome, ids, time(), time(), offset, agent, said).prop_map(
        |(callsite, outcome, ids, start, end, offset, agent, said)| Span {
            callsite,
            outcome,
            ids,
            start,
            end,
            offset,
            agent,
            said,
        },
    )
}

fn trace_id(number: u128) -> TraceId {
    TraceId::from_bytes(number.to_be_bytes()).unwrap()
}

fn span_id(number: u64) -> SpanId {
    SpanId::from_bytes(number.max(1).to_be_bytes()).unwrap()
}

/// Sets an attribute of a span or of an event to a value of any type.
macro_rules! set {
    ($of:expr, $key:expr, $value:expr) => {
        match $value {
            Value::String(text) => _ = $of.set($key, text),
            Value::Bool(truth) => _ = $of.set($key, truth),
            Value::Int(number) => _ = $of.set($key, number),
            Value::Float(number) => _ = $of.set($key, number),
            Value::StringArray(texts) => _ = $of.set($key, texts),
            Value::BoolArray(truths) => _ = $of.set($key, truths),
            Value::IntArray(numbers) => _ = $of.set($key, numbers),
            Value::FloatArray(numbers) => _ = $of.set($key, numbers),
        }
    };
}

fn items(all: &[Said]) -> Items {
    let mut items = Items::default();
    for said in all {
        match said {
            Said::Attribute(key, value) => set!(items, key, value),
            Said::Message(text) => items.message(text),
            Said::Subject(text) => items.subject(text.as_str()),
            Said::TraceState(text) => items.trace_state(text),
            Said::Event(time, name, value) => items.event(*time, name, |event| {
                set!(event, "event.value", value);
            }),
            Said::Link(trace, span, state) => {
                let to = SpanContext::new(trace_id(*trace), span_id(*span));
                items.link(&to.with_passed(Passed::of(state, "")));
            }
            Said::Dropped => items.set(&"k".repeat(2000), &1),
        }
    }
    items.seal();
    items
}

impl Span {
    /// Lets `read` see the span as it lies in an entry.
    pub(crate) fn viewed<T>(&self, read: impl FnOnce(&SpanView<'_>) -> T) -> T {
        let (trace, id, parent) = self.ids;
        let header = Header {
            callsite: self.callsite.registered().id,
            trace_id: trace_id(trace),
            span_id: span_id(id),
            parent: parent.map(span_id),
            start: self.start,
            end: self.end,
            offset: self.offset,
            agent: self.agent,
            is_local_root: false,
            outcome: self.outcome,
        };
        let items = items(&self.said);
        let agent = AgentNames::default().of(&header, self.callsite);
        read(&SpanView {
            header,
            callsite: self.callsite,
            items: items.bytes(),
            agent,
        })
    }
}
