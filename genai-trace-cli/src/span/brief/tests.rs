use super::*;
use crate::span::records;

const LINE: &str = r#"{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","parent_span_id":"00f067aa0ba902b6","name":"chat \"x\"","kind":"CLIENT","start_unix_nano":1790000000000000001,"end_unix_nano":1790000000012345678,"status":"ERROR","status_message":"timed out","attributes":{"gen_ai.operation.name":"chat","gen_ai.response.model":"m-1","gen_ai.request.model":"m","gen_ai.system":"openai","gen_ai.usage.input_tokens":9,"llm.tokens.output":4,"llm.cost.usd":0.5,"task.completed":true,"gen_ai.conversation.id":"c","x":{"y":[1]}},"events":[],"links":[],"resource":{"host.name":"h","service.name":"coder"}}"#;

#[test]
fn a_line_is_read_as_the_record_is_that_it_stands_for() {
    let brief = Brief::read(LINE.as_bytes()).unwrap();
    assert_eq!(brief.name, "chat \"x\"");
    assert_eq!(brief.parent, 0x00f0_67aa_0ba9_02b6);
    assert_eq!(brief.nanoseconds(), 12_345_677);
    assert!(brief.has_failed);
    assert_eq!(brief.message, "timed out");
    assert_eq!(brief.service.as_deref(), Some("coder"));
    assert_eq!(brief.kind(), Kind::Model);
    assert_eq!(brief.subject(), "m");
    let facts = &brief.facts;
    assert_eq!(facts.provider.as_deref(), Some("openai"));
    assert_eq!(
        (facts.input_tokens, facts.output_tokens),
        (Some(9), Some(4))
    );
    assert_eq!(
        (facts.cost, facts.is_task_completed),
        (Some(0.5), Some(true))
    );
    assert_eq!(facts.conversation.as_deref(), Some("c"));
    let flat = LINE.replace(r#","x":{"y":[1]}"#, "");
    let record: SpanRecord = serde_json::from_str(&flat).unwrap();
    assert_eq!(Brief::of(&record), Brief::read(flat.as_bytes()).unwrap());
}

/// A change of the line, and whether it is still a span.
const ODD: [(&str, &str, bool); 24] = [
    (r#""name":"#, r#""name":"other","name":"#, true),
    (
        r#""end_unix_nano":"#,
        r#""end_unix_nano":7,"end_unix_nano":"#,
        true,
    ),
    (
        r#""parent_span_id":"#,
        r#""parent_span_id":null,"parent_span_id":"#,
        true,
    ),
    (r#","kind""#, r#","parent_span_id":null,"kind""#, true),
    (
        r#""attributes":{"#,
        r#""attributes":{"task.id":"t"},"attributes":{"#,
        true,
    ),
    (
        r#""gen_ai.usage.input_tokens":9"#,
        r#""gen_ai.usage.input_tokens":9,"gen_ai.usage.input_tokens":8"#,
        true,
    ),
    (
        r#""gen_ai.usage.input_tokens":9"#,
        r#""gen_ai.usage.input_tokens":9,"prompt_tokens":8"#,
        true,
    ),
    (
        r#""gen_ai.usage.input_tokens":9"#,
        r#""prompt_tokens":"x","gen_ai.usage.input_tokens":9,"prompt_tokens":8"#,
        true,
    ),
    (
        r#""gen_ai.usage.input_tokens":9"#,
        r#""gen_ai.usage.input_tokens":null"#,
        true,
    ),
    (
        r#""gen_ai.usage.input_tokens":9"#,
        r#""gen_ai.usage.input_tokens":12.0"#,
        true,
    ),
    (
        r#""gen_ai.conversation.id":"c""#,
        r#""gen_ai.conversation.id":{"a":1}"#,
        true,
    ),
    (
        r#""gen_ai.conversation.id":"c""#,
        r#""gen_ai.conversation.id":["a"]"#,
        true,
    ),
    (
        r#""gen_ai.conversation.id":"c""#,
        r#""gen_ai.conversation.id":[1,"a"]"#,
        true,
    ),
    (
        r#""service.name":"coder""#,
        r#""service.name":"coder","service.name":"other""#,
        true,
    ),
    (
        r#""resource":{"#,
        r#""resource":{"attributes":{"service.name":"deep"},"#,
        true,
    ),
    (r#""status":"ERROR""#, r#""status":"error""#, true),
    (r#""status":"ERROR""#, r#""status":"fine""#, true),
    (
        r#""parent_span_id":"00f067aa0ba902b6""#,
        r#""parent_span_id":"0000000000000000""#,
        true,
    ),
    (
        r#""links":[]"#,
        r#""links":[{"trace_id":"00","span_id":"00"}],"dropped":{"events":"x"}"#,
        true,
    ),
    (r#""name":"chat \"x\"""#, r#""title":"x""#, false),
    (
        r#""start_unix_nano":1790000000000000001"#,
        r#""start_unix_nano":-1"#,
        false,
    ),
    (r#""host.name":"h""#, r#""host.name":"\ud800""#, false),
    (
        r#""host.name":"h""#,
        r#""host.name":"\\ud800 \ud83d\ude00""#,
        true,
    ),
    (r#""host.name":"h""#, "\"host.name\":\"\u{1}\"", false),
];

#[test]
fn whatever_is_odd_about_a_line_lists_take_it_as_its_record_is() {
    for (from, to, is_span) in ODD {
        let line = LINE.replacen(from, to, 1);
        assert_ne!(line, LINE, "{from} is not there");
        let record = records(line.as_bytes());
        assert_eq!(record.is_some(), is_span, "{to}");
        let of_record = record
            .iter()
            .flat_map(|record| &record.spans)
            .map(Brief::of)
            .next();
        if let Some(brief) = Brief::read(line.as_bytes()) {
            assert_eq!(Some(brief), of_record, "{to}");
        }
    }
    let not_text = [LINE.as_bytes(), b"\xff"].concat();
    let not_text = [
        &not_text[..LINE.len() - 3],
        b"\xff",
        &LINE.as_bytes()[LINE.len() - 3..],
    ]
    .concat();
    assert_eq!(Brief::read(&not_text), None);
    assert!(records(&not_text).is_none());
}

#[test]
fn what_stands_twice_in_a_line_is_what_stands_there_last() {
    let line = LINE.replace(
        r#""gen_ai.usage.input_tokens":9"#,
        r#""gen_ai.usage.input_tokens":9,"gen_ai.usage.input_tokens":8"#,
    );
    let record = records(line.as_bytes()).unwrap();
    let brief = Brief::of(&record.spans[0]);
    assert_eq!(brief.facts.input_tokens, Some(8));
    assert_eq!(Brief::read(line.as_bytes()), None);
}

#[test]
fn what_is_torn_or_no_span_is_none() {
    for line in [
        &LINE[..LINE.len() - 5],
        "{}",
        "[]",
        "7",
        "",
        r#"{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"xx"}"#,
    ] {
        assert_eq!(Brief::read(line.as_bytes()), None, "{line}");
    }
    assert_eq!(Brief::read(format!("{LINE} {{}}").as_bytes()), None);
}

#[test]
fn what_is_nested_too_deep_for_a_record_is_none_for_lists_either() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    for (from, before, within) in [
        (r#"{"y":[1]}"#, "", 2),
        (r#""host.name":"h""#, r#""x":"#, 2),
        (r#""events":[]"#, r#""events":"#, 1),
    ] {
        for (levels, is_span) in [(127 - within, true), (128 - within, false), (5_000, false)] {
            let line = LINE.replacen(from, &format!("{before}{}", nested(levels)), 1);
            assert_ne!(line, LINE, "{from} is not there");
            assert_eq!(Brief::read(line.as_bytes()).is_some(), is_span, "{levels}");
            assert_eq!(records(line.as_bytes()).is_some(), is_span, "{levels}");
        }
    }
    let large = LINE.replacen(r#"{"y":[1]}"#, "1e999", 1);
    assert_eq!(Brief::read(large.as_bytes()), None);
    assert!(records(large.as_bytes()).is_none());
    // In a member that no record has anything may stand.
    let other = LINE.replacen(
        r#""links":[]"#,
        &format!(r#""links":[],"own":{}"#, nested(500)),
        1,
    );
    let other = other.replace(r#","x":{"y":[1]}"#, "");
    assert!(records(other.as_bytes()).is_some());
}
