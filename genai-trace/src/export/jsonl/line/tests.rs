//! A line is its record, byte for byte.

mod random;

use super::*;
use crate::export::view::AgentNames;
use crate::metrics::intern;
use crate::recorder::entry::Header;
use crate::span::callsite::{Callsite, StaticValue};
use crate::span::context::SpanContext;
use crate::span::ids::IdGenerator;
use crate::span::items::Items;
use crate::span::operation::Operation;
use crate::span::outcome::Outcome;

/// The line of a span, after a check that it is what `serde_json` makes of its record.
fn line(callsite: &'static Callsite, outcome: Outcome, items: &mut Items) -> String {
    let mut ids = IdGenerator::new();
    let header = Header {
        callsite: 0,
        trace_id: ids.trace_id(),
        span_id: ids.span_id(),
        parent: (outcome == Outcome::Ok).then(|| ids.span_id()),
        start: 1_790_000_000_000_000_000,
        end: 1_790_000_000_012_345_678,
        offset: -3_600_000_000_000,
        agent: intern("coder"),
        is_local_root: false,
        outcome,
    };
    items.seal();
    let agent = AgentNames::default().of(&header, callsite);
    let view = SpanView {
        header,
        callsite,
        items: items.bytes(),
        agent,
    };
    let resource = Arc::new([("service.name", "a\"b")].into_iter().collect());
    let mut writer = LineWriter::default();
    writer.describe_process(&resource);
    let mut bytes = Vec::new();
    writer.write(&view, &mut bytes);
    let line = String::from_utf8(bytes).unwrap();
    let record = view.record(&resource);
    assert_eq!(line, serde_json::to_string(&record).unwrap() + "\n");
    let back: crate::SpanRecord = serde_json::from_str(&line).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap() + "\n", line);
    line
}

#[test]
fn a_span_of_the_source_alone_is_its_record() {
    static TOOL: Callsite = Callsite::new(Operation::Tool, "read_file")
        .with(&[("gen_ai.tool.type", StaticValue::Str("function"))]);
    let line = line(&TOOL, Outcome::Ok, &mut Items::default());
    assert!(line.contains(r#""name":"execute_tool read_file","kind":"INTERNAL""#));
    assert!(line.contains(
        r#""attributes":{"gen_ai.operation.name":"execute_tool","gen_ai.tool.name":"read_file","gen_ai.tool.type":"function","gen_ai.agent.name":"coder"}"#
    ));
}

#[test]
fn every_kind_of_value_event_and_link_is_its_record() {
    static CHAT: Callsite = Callsite::new(Operation::Chat, "").with(&[
        ("gen_ai.provider.name", StaticValue::Str("openai")),
        ("app.static", StaticValue::Float(0.5)),
        ("app.replaced", StaticValue::Int(1)),
    ]);
    let mut items = Items::default();
    items.set("gen_ai.request.model", "gpt\"4\u{1}\u{7f}\u{2028}é");
    items.set("app.replaced", &2);
    items.set("text", "\u{8}\u{c}\n\r\t\\ /");
    items.set("bool", &true);
    items.set("int", &i64::MIN);
    items.set("big", &u64::MAX);
    items.set("floats", &[1.0, 0.1, f64::NAN, f64::INFINITY, -1e300]);
    items.set("ints", &[1, -1]);
    items.set("bools", &[true, false]);
    items.set("texts", &["a", ""]);
    items.set("none", &None::<&str>);
    items.message("it \"failed\"");
    items.event(5, "exception", |event| {
        event.set("exception.type", "E").set("n", &3);
    });
    items.event(6, "empty", |_| {});
    let mut ids = IdGenerator::new();
    items.link(&SpanContext::new(ids.trace_id(), ids.span_id()));
    items.set(&"k".repeat(2000), &1);
    let line = line(&CHAT, Outcome::Panicked, &mut items);
    assert!(line.contains(r#""app.replaced":2"#) && !line.contains(r#""app.replaced":1"#));
    assert!(
        line.contains(r#""floats":[1.0,0.1,"NaN","Infinity",-1e+300]"#),
        "{line}"
    );
    assert!(line.contains(r#""genai_trace.outcome":"panicked""#));
    assert!(
        line.ends_with("\"dropped\":{\"attributes\":1}}\n"),
        "{line}"
    );
}

#[test]
fn a_value_of_a_megabyte_is_cut_at_a_character_and_counted() {
    static STEP: Callsite = Callsite::new(Operation::Step, "big");
    let mut items = Items::default();
    items.set("big", &"é".repeat(500_001));
    let line = line(&STEP, Outcome::Ok, &mut items);
    assert!(line.len() < 300_000);
    assert!(line.ends_with("\"dropped\":{\"truncated\":1}}\n"));
}
