use serde_json::{Value as Json, json};

use super::*;
use crate::input::Place;
use crate::traces::{Held, Traces};

/// A span of the trace 1; what `with` says goes over what is usual.
fn span(id: u64, parent: u64, times: (u64, u64), attributes: Json, with: Json) -> Span {
    let parent = (parent > 0).then(|| format!("{parent:016x}"));
    let mut span = json!({
        "trace_id": format!("{:032x}", 1), "span_id": format!("{id:016x}"), "parent_span_id": parent,
        "name": "x", "kind": "INTERNAL", "start_unix_nano": times.0, "end_unix_nano": times.1,
        "status": "UNSET", "status_message": "", "attributes": attributes,
        "events": [], "links": [], "resource": {},
    });
    for (key, value) in with.as_object().unwrap() {
        span[key] = value.clone();
    }
    let mut span = serde_json::from_value(span).unwrap();
    let place = Place {
        source: 0,
        line: id,
    };
    Held::of(place, &mut span, |_, span| Seen::of(span))
}

/// The rules that these spans break, each with the span that is named.
fn broken(spans: Vec<Span>) -> Vec<(&'static str, u64)> {
    let mut findings = Findings::default();
    let mut traces = Traces::default();
    for span in spans {
        traces.add(1, span);
    }
    for trace in traces.finish() {
        judge(trace, &mut findings);
    }
    findings
        .iter()
        .map(|finding| (finding.rule.id, finding.span.as_ref().map_or(0, |at| at.id)))
        .collect()
}

/// The rules that one span breaks.
fn broken_by(attributes: Json, with: Json) -> Vec<&'static str> {
    let spans = vec![span(1, 0, (0, 9), attributes, with)];
    broken(spans).into_iter().map(|(rule, _)| rule).collect()
}

/// A call of a model as the conventions have it, with these attributes instead of or beside its own.
fn chat(with: Json) -> Vec<&'static str> {
    let mut attributes = json!({
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "m",
        "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5,
    });
    for (key, value) in with.as_object().unwrap() {
        match value.is_null() {
            true => attributes.as_object_mut().unwrap().remove(key),
            false => attributes
                .as_object_mut()
                .unwrap()
                .insert(key.clone(), value.clone()),
        };
    }
    broken_by(attributes, json!({"name": "chat m", "kind": "CLIENT"}))
}

#[test]
fn a_call_as_the_conventions_have_it_breaks_nothing() {
    assert!(chat(json!({})).is_empty());
}

#[test]
fn tokens_and_costs_are_numbers_that_can_be() {
    let input = "gen_ai.usage.input_tokens";
    assert!(chat(json!({input: 12.0, "llm.cost.usd": 0})).is_empty());
    for odd in [
        json!(12.5),
        json!("12"),
        json!("NaN"),
        json!(true),
        json!(1e300),
        json!([12]),
    ] {
        assert_eq!(chat(json!({input: odd})), ["number-expected"], "{odd}");
    }
    assert_eq!(chat(json!({"llm.tokens.input": "12"})), ["number-expected"]);
    assert_eq!(chat(json!({input: -1.0})), ["tokens-negative"]);
    assert_eq!(chat(json!({"llm.cost.usd": -0.5})), ["cost-impossible"]);
    assert_eq!(chat(json!({"llm.cost.usd": 1e13})), ["cost-impossible"]);
    for odd in ["NaN", "Infinity", "0.5"] {
        assert_eq!(
            chat(json!({"llm.cost.usd": odd})),
            ["number-expected"],
            "{odd}"
        );
    }
    // Of which sums are made is held against each other.
    let more = json!({input: 12.0, "gen_ai.usage.cache_read.input_tokens": 13.0});
    assert_eq!(chat(more), ["tokens-of-part"]);
}

#[test]
fn a_span_that_has_only_begun_has_no_end_and_one_that_has_ended_is_no_other() {
    let begun = || span(1, 0, (5, 0), json!({}), json!({}));
    let ended = || span(1, 0, (5, 9), json!({}), json!({}));
    assert_eq!(broken(vec![begun()]), [("time-order", 1)]);
    assert!(broken(vec![begun(), ended()]).is_empty());
}

#[test]
fn names_are_those_of_today() {
    assert_eq!(chat(json!({"gen_ai.tempo": 1})), ["name-unknown"]);
    assert_eq!(
        chat(json!({"gen_ai.usage.prompt_tokens": 9})),
        ["name-deprecated"]
    );
    assert_eq!(
        chat(json!({"gen_ai.provider.name": null, "gen_ai.system": "openai"})),
        ["name-deprecated"]
    );
    assert_eq!(
        chat(json!({"gen_ai.provider.name": null, "llm.provider": "openai"})),
        ["name-foreign"]
    );
    assert!(chat(json!({"app.tempo": 1, "gen_ai.prompt.variable.x": "y"})).is_empty());
}

#[test]
fn attributes_have_their_types_and_are_there() {
    assert_eq!(
        chat(json!({"gen_ai.request.max_tokens": "9"})),
        ["attribute-type"]
    );
    assert_eq!(
        chat(json!({"gen_ai.response.finish_reasons": "stop"})),
        ["attribute-type"]
    );
    assert!(chat(json!({"gen_ai.request.temperature": 1})).is_empty());
    assert_eq!(
        chat(json!({"gen_ai.provider.name": null})),
        ["attribute-required"]
    );
}

#[test]
fn values_are_listed_or_ones_own() {
    assert_eq!(
        chat(json!({"gen_ai.provider.name": "nobody"})),
        ["value-unknown"]
    );
    assert_eq!(
        chat(json!({"gen_ai.provider.name": "bedrock"})),
        ["value-deprecated"]
    );
    assert_eq!(
        chat(json!({"gen_ai.request.stream": false})),
        ["value-default"]
    );
    assert!(chat(json!({"gen_ai.request.stream": true})).is_empty());
    let trace = format!("{:032x}", 1);
    assert_eq!(
        chat(json!({"gen_ai.conversation.id": trace})),
        ["conversation-id"]
    );
    assert_eq!(chat(json!({"server.address": "h"})), ["server-port"]);
}

#[test]
fn usage_can_be() {
    assert_eq!(
        chat(json!({"gen_ai.usage.input_tokens": -1})),
        ["tokens-negative"]
    );
    assert_eq!(
        chat(
            json!({"gen_ai.usage.cache_read.input_tokens": 6, "gen_ai.usage.cache_write.input_tokens": 5})
        ),
        ["tokens-of-part"]
    );
    assert_eq!(
        chat(json!({"gen_ai.usage.reasoning.output_tokens": 6})),
        ["tokens-of-part"]
    );
    assert!(chat(json!({"gen_ai.usage.cache_read.input_tokens": 10})).is_empty());
}

#[test]
fn messages_are_json_of_their_schema() {
    let said = |key: &str, text: &str| chat(json!({ key: text }));
    let input = |text: &str| said("gen_ai.input.messages", text);
    assert_eq!(input("[{"), ["json-broken"]);
    assert_eq!(input("{}"), ["json-shape"]);
    assert_eq!(input(r#"[{"role":"user","content":"x"}]"#), ["json-shape"]);
    assert_eq!(
        input(r#"[{"role":"user","parts":[{"type":"text"}]}]"#),
        ["json-shape"]
    );
    assert!(
        input(r#"[{"role":"user","parts":[{"type":"text","content":"x"},{"type":"mine"}]}]"#)
            .is_empty()
    );
    assert_eq!(
        said("gen_ai.tool.definitions", r#"[{"name":"x"}]"#),
        ["json-shape"]
    );
    assert_eq!(
        said("gen_ai.tool.call.result", "plain"),
        ["content-no-object"]
    );
}

#[test]
fn a_result_stands_behind_its_call() {
    let call = r#"{"role":"assistant","parts":[{"type":"tool_call","id":"1","name":"x"}]}"#;
    let result =
        r#"{"role":"tool","parts":[{"type":"tool_call_response","id":"1","response":"y"}]}"#;
    let input = |text: String| chat(json!({"gen_ai.input.messages": text}));
    assert!(input(format!("[{call},{result}]")).is_empty());
    assert!(input(format!("[{result}]")).is_empty());
    assert_eq!(input(format!("[{result},{call}]")), ["result-before-call"]);
}

#[test]
fn there_is_a_finish_reason_for_each_answer() {
    let answer = r#"[{"role":"assistant","parts":[{"type":"text","content":"x"}]}]"#;
    let said = |reasons: Json| {
        chat(json!({"gen_ai.output.messages": answer, "gen_ai.response.finish_reasons": reasons}))
    };
    assert!(said(json!(["stop"])).is_empty());
    assert_eq!(said(json!(["stop", "stop"])), ["finish-reasons"]);
}

#[test]
fn a_span_is_called_as_its_operation_and_of_its_kind() {
    let tool = json!({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "read"});
    let named =
        |name: &str, kind: &str| broken_by(tool.clone(), json!({"name": name, "kind": kind}));
    assert!(named("execute_tool read", "INTERNAL").is_empty());
    assert_eq!(named("read", "INTERNAL"), ["span-name"]);
    assert_eq!(named("execute_tool read", "CLIENT"), ["span-kind"]);
    let agent = json!({"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "a"});
    let named = |name: &str| broken_by(agent.clone(), json!({"name": name}));
    assert!(named("invoke_agent a").is_empty());
    let own = json!({"gen_ai.operation.name": "my_own"});
    assert_eq!(broken_by(own, json!({})), ["value-unknown"]);
}

#[test]
fn what_failed_says_why_and_what_did_not_says_nothing() {
    let tool = |with: Json, status: &str| {
        let mut attributes =
            json!({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "read"});
        attributes
            .as_object_mut()
            .unwrap()
            .extend(with.as_object().unwrap().clone());
        broken_by(
            attributes,
            json!({"name": "execute_tool read", "status": status}),
        )
    };
    assert_eq!(tool(json!({}), "ERROR"), ["error-type-missing"]);
    assert!(tool(json!({"error.type": "NotFound"}), "ERROR").is_empty());
    assert_eq!(
        tool(json!({"error.type": "NotFound"}), "UNSET"),
        ["error-type-without-error"]
    );
    assert_eq!(tool(json!({}), "OK"), ["status-ok"]);
    assert!(broken_by(json!({"http.route": "/"}), json!({"status": "OK"})).is_empty());
}

#[test]
fn ids_are_there_once_and_parents_are_there() {
    let plain = |id, parent| span(id, parent, (1, 2), json!({}), json!({}));
    assert!(broken(vec![plain(2, 1), plain(1, 0)]).is_empty());
    assert!(broken(vec![plain(1, 0), plain(2, 1), plain(2, 1)]).is_empty());
    let other = span(2, 1, (1, 2), json!({"x": 1}), json!({}));
    assert_eq!(
        broken(vec![plain(1, 0), plain(2, 1), other]),
        [("span-id-twice", 2)]
    );
    assert_eq!(broken(vec![plain(1, 9)]), [("parent-missing", 1)]);
    assert_eq!(
        broken(vec![plain(1, 2), plain(2, 1), plain(3, 1)]),
        [("parent-circle", 1)]
    );
    let server = span(1, 9, (1, 2), json!({}), json!({"kind": "SERVER"}));
    assert!(broken(vec![server]).is_empty());
}

#[test]
fn times_are_in_order_and_inside_those_of_the_parent() {
    let plain = |id, parent, times| span(id, parent, times, json!({}), json!({}));
    assert_eq!(broken(vec![plain(1, 0, (2, 1))]), [("time-order", 1)]);
    let spans = vec![
        plain(1, 0, (5, 9)),
        plain(2, 1, (4, 8)),
        plain(3, 1, (6, 10)),
    ];
    assert_eq!(
        broken(spans),
        [("starts-before-parent", 2), ("outlives-parent", 3)]
    );
}

#[test]
fn tokens_stand_on_the_call_alone() {
    let tokens = json!({"app.x": 1, "prompt_tokens": 5});
    let plain = |id, parent| span(id, parent, (1, 2), json!({}), json!({}));
    let used = |id, parent| span(id, parent, (1, 2), tokens.clone(), json!({}));
    let rule = |spans| -> Vec<_> {
        let all: Vec<(&str, u64)> = broken(spans);
        all.into_iter()
            .filter(|(rule, _)| *rule == "usage-twice")
            .collect()
    };
    assert!(rule(vec![plain(1, 0), used(2, 1), used(3, 1)]).is_empty());
    assert_eq!(
        rule(vec![used(1, 0), plain(2, 1), used(3, 2), used(4, 2)]),
        [("usage-twice", 1)]
    );
}

#[test]
fn a_tool_runs_when_it_was_asked_for() {
    let answer =
        r#"[{"role":"assistant","parts":[{"type":"tool_call","id":"call_1","name":"read"}]}]"#;
    let chat = json!({"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.output.messages": answer});
    let tool = json!({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "read", "gen_ai.tool.call.id": "call_1"});
    let run = |at: u64| {
        broken(vec![
            span(1, 0, (0, 100), json!({}), json!({})),
            span(
                2,
                1,
                (10, 20),
                chat.clone(),
                json!({"name": "chat", "kind": "CLIENT"}),
            ),
            span(
                3,
                1,
                (at, at + 1),
                tool.clone(),
                json!({"name": "execute_tool read"}),
            ),
        ])
    };
    assert!(run(30).is_empty());
    assert!(run(15).is_empty());
    assert_eq!(run(5), [("tool-before-call", 3)]);
}
