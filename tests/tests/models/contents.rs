//! What may be kept of what was said, and what becomes of scores.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::{self, BoxStream, Stream};
use genai_trace::content::{ContentLimits, ContentMode, ContentStore, Redactor, Secret};
use genai_trace::{
    GateDecision, LogRecord, Operation, Sampler, current, genai_agent, genai_chat, genai_gate,
    genai_retrieval, genai_span, genai_tool, record, score, span,
};
use genai_trace_tests::conformance::{Namespaces, check_events};
use genai_trace_tests::{Recorded, block_on, recorded, recorded_as};
use serde_json::{Value, json};

#[genai_chat(provider = "openai", request = body)]
fn chat(body: &Value) -> io::Result<Value> {
    Ok(json!({
        "id": "c-1", "object": "chat.completion", "model": "gpt-4o",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "write to ada@example.com"}, "finish_reason": "stop"}],
    }))
}

#[genai_tool(args, ret)]
fn pay(
    to: &str,
    #[capture(last4)] card: &str,
    #[capture(skip)] pin: &str,
    key: Secret<String>,
) -> u32 {
    u32::from(to.len() + card.len() + pin.len() + key.expose().len() > 0)
}

#[genai_agent("clerk", args(task), ret)]
fn agent(task: &str) -> String {
    pay(
        "ada@example.com",
        "4111 1111 1111 1234",
        "9876",
        Secret::from("k".to_owned()),
    );
    let _ = chat(
        &json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "who is ada@example.com?"}]}),
    );
    "done".to_owned()
}

fn said(recorded: &Recorded, span: &str, key: &str) -> Option<Value> {
    let text = recorded.span(span).attributes.str(key)?;
    Some(serde_json::from_str(text).unwrap_or(Value::from(text)))
}

#[test]
fn nothing_of_content_is_kept_unless_it_is_asked_for_but_its_size() {
    let recorded = recorded(|| drop(agent("pay ada")));
    for span in &recorded.spans {
        let line = serde_json::to_string(&span.attributes).unwrap();
        assert!(!line.contains("ada"), "{line}");
    }
    let pay = recorded.span("execute_tool pay");
    assert!(pay.attributes.int("genai_trace.arguments.bytes") > Some(20));
    assert_eq!(pay.attributes.int("genai_trace.result.bytes"), Some(1));
    let chat = recorded.span("chat gpt-4o");
    assert!(chat.attributes.int("genai_trace.input.bytes") > Some(50));
}

#[test]
fn what_is_kept_is_redacted_and_in_the_form_of_the_conventions() {
    let recorded = recorded_as(
        |it| it.content(ContentMode::SpanOnly),
        |_| drop(agent("pay ada@example.com")),
    );
    assert_eq!(
        said(&recorded, "execute_tool pay", "gen_ai.tool.call.arguments"),
        Some(json!({"to": "[REDACTED:email]", "card": "[REDACTED]1234", "key": "[REDACTED]"}))
    );
    assert_eq!(
        said(&recorded, "execute_tool pay", "gen_ai.tool.call.result"),
        Some(json!({"result": 1}))
    );
    assert_eq!(
        said(&recorded, "chat gpt-4o", "gen_ai.input.messages"),
        Some(
            json!([{"role": "user", "parts": [{"type": "text", "content": "who is [REDACTED:email]?"}]}])
        )
    );
    assert_eq!(
        said(&recorded, "chat gpt-4o", "gen_ai.output.messages"),
        Some(json!([{"role": "assistant", "finish_reason": "stop",
            "parts": [{"type": "text", "content": "write to [REDACTED:email]"}]}]))
    );
    assert_eq!(
        said(&recorded, "invoke_agent clerk", "gen_ai.input.messages"),
        Some(
            json!([{"role": "user", "parts": [{"type": "text", "content": "pay [REDACTED:email]"}]}])
        )
    );
}

#[test]
fn a_call_may_say_otherwise_than_the_policy() {
    #[genai_tool(args, content = ContentMode::NoContent)]
    fn quiet(word: &str) {}
    #[genai_retrieval("docs", args(question), ret)]
    fn search(question: &str) -> Vec<String> {
        vec!["found".to_owned()]
    }
    let recorded = recorded_as(
        |it| it.content(ContentMode::SpanOnly),
        |_| {
            quiet("secret");
            search("what?");
        },
    );
    assert_eq!(
        said(
            &recorded,
            "execute_tool quiet",
            "gen_ai.tool.call.arguments"
        ),
        None
    );
    assert_eq!(
        said(&recorded, "retrieval docs", "gen_ai.retrieval.query.text"),
        Some(json!("what?"))
    );
    assert_eq!(
        said(&recorded, "retrieval docs", "gen_ai.retrieval.documents"),
        Some(json!([{"content": "found"}]))
    );
}

#[test]
fn content_may_be_kept_of_fewer_traces_than_spans() {
    let kept = |ratio: f64| {
        let recorded = recorded_as(
            |it| it.content(ContentMode::SpanOnly).content_sampling(ratio),
            |_| (0..64).for_each(|_| drop(agent("x"))),
        );
        let spans = recorded
            .spans
            .iter()
            .filter(|span| span.name == "execute_tool pay");
        spans
            .filter(|span| span.attributes.str("gen_ai.tool.call.arguments").is_some())
            .count()
    };
    assert_eq!((kept(0.0), kept(1.0)), (0, 64));
    assert!((1..64).contains(&kept(0.5)));
}

/// A folder that is gone when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("genai-trace-contents-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// The events in `file` of what was recorded, which are as the conventions have them.
    fn events(&self, file: &str, recorded: &Recorded) -> Vec<LogRecord> {
        let text = fs::read_to_string(self.0.join(file)).unwrap_or_default();
        let lines = text.lines().map(serde_json::from_str);
        let events: Vec<LogRecord> = lines.collect::<Result<_, _>>().unwrap();
        let findings = check_events(&recorded.spans, &events, Namespaces::Any);
        assert_eq!(findings, []);
        events
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn in_events_content_has_its_structure_and_the_span_has_none() {
    let folder = Folder::new();
    let file = folder.0.join("traces.events.jsonl");
    let recorded = recorded_as(
        |it| it.content(ContentMode::EventOnly).events(&file),
        |_| drop(agent("x")),
    );
    let events = folder.events("traces.events.jsonl", &recorded);
    assert_eq!(events.len(), 1);
    let event = &events[0];
    assert_eq!(
        event.event_name,
        "gen_ai.client.inference.operation.details"
    );
    assert_eq!(event.severity_number, Some(5));
    assert_eq!(event.span_id, Some(recorded.span("chat gpt-4o").span_id));
    assert_eq!(event.attributes["gen_ai.request.model"], "gpt-4o");
    assert_eq!(
        event.attributes["gen_ai.input.messages"][0]["parts"][0]["content"],
        "who is [REDACTED:email]?"
    );
    assert_eq!(
        said(&recorded, "chat gpt-4o", "gen_ai.input.messages"),
        None
    );
}

#[test]
fn the_exception_of_a_call_is_an_event_of_its_own_where_somebody_takes_it() {
    #[genai_chat(provider = "openai", model = "gpt-4o")]
    fn fails() -> Result<(), String> {
        Err("GET https://api.example.com/v1?key=sk-abcdef failed".to_owned())
    }
    let folder = Folder::new();
    let file = folder.0.join("events.jsonl");
    let with = recorded_as(|it| it.events(&file), |_| drop(fails()));
    assert!(with.span("chat gpt-4o").events.is_empty());
    let events = folder.events("events.jsonl", &with);
    assert_eq!(events[0].event_name, "gen_ai.client.operation.exception");
    assert_eq!(events[0].severity_number, Some(13));
    let without = recorded(|| drop(fails()));
    let span = without.span("chat gpt-4o");
    assert_eq!(span.events[0].name, "exception");
    assert_eq!(
        span.status_message,
        "GET https://api.example.com/v1?key=REDACTED failed"
    );
}

#[test]
fn a_score_is_on_its_span_or_comes_later_beside_it() {
    let folder = Folder::new();
    let file = folder.0.join("traces.jsonl");
    let recorded = recorded_as(
        |it| it.jsonl(&file),
        |_| {
            let context = span("answer").run(|| {
                score!("faithfulness", 0.87, label = "good");
                genai_trace::current().context().unwrap()
            });
            score!("thumb", true, span = &context, explanation = "it compiled");
        },
    );
    let answer = recorded.span("answer");
    assert_eq!(
        answer.attributes.float("eval.score.faithfulness"),
        Some(0.87)
    );
    assert_eq!(answer.events[0].name, "gen_ai.evaluation.result");
    assert_eq!(
        answer.events[0]
            .attributes
            .str("gen_ai.evaluation.score.label"),
        Some("good")
    );
    let late = folder.events("traces.scores.jsonl", &recorded);
    assert_eq!(late.len(), 1);
    assert_eq!(late[0].span_id, Some(answer.span_id));
    assert_eq!(late[0].attributes["gen_ai.evaluation.score.value"], 1.0);
}

#[test]
fn an_evaluation_that_gives_no_number_has_failed() {
    let folder = Folder::new();
    let file = folder.0.join("traces.jsonl");
    let recorded = recorded_as(
        |it| it.jsonl(&file),
        |_| {
            let context = span("answer").run(|| {
                score!("faithfulness", f64::NAN);
                genai_trace::current().context().unwrap()
            });
            score!("ratio", f64::INFINITY, span = &context);
        },
    );
    let answer = recorded.span("answer");
    assert_eq!(answer.attributes.get("eval.score.faithfulness"), None);
    assert_eq!(answer.events[0].name, "gen_ai.evaluation.result");
    let late = folder.events("traces.scores.jsonl", &recorded);
    assert_eq!(late[0].attributes["gen_ai.evaluation.name"], "ratio");
    assert_eq!(late[0].attributes["error.type"], "not_finite");
    assert_eq!(
        late[0].attributes.get("gen_ai.evaluation.score.value"),
        None
    );
}

#[test]
fn a_rule_of_ones_own_takes_out_what_no_standard_knows() {
    let redactor = Redactor::builder()
        .rule("name", r"\bAda\b")
        .build()
        .unwrap();
    #[genai_tool(args)]
    fn greet(whom: &str) {}
    let recorded = recorded_as(
        |it| it.content(ContentMode::SpanOnly).redaction(redactor),
        |_| greet("Ada Lovelace"),
    );
    assert_eq!(
        said(
            &recorded,
            "execute_tool greet",
            "gen_ai.tool.call.arguments"
        ),
        Some(json!({"whom": "[REDACTED:name] Lovelace"}))
    );
}

#[test]
fn tokens_of_arguments_and_results_are_estimated_where_somebody_says_how() {
    let recorded = recorded_as(
        |it| it.token_estimator(|text| text.len() as u64),
        |_| drop(agent("x")),
    );
    let pay = recorded.span("execute_tool pay");
    assert!(pay.attributes.int("genai_trace.arguments.estimated_tokens") > Some(10));
    assert_eq!(
        pay.attributes.int("genai_trace.result.estimated_tokens"),
        Some(1)
    );
}

#[genai_gate("allow_command")]
fn allow(command: &str) -> GateDecision {
    GateDecision::Deny(format!("not allowed: {command}"))
}

#[genai_span("fetch", fields("url.full" = url, "app.mirror" = "https://host/a?b=c".to_owned()))]
fn fetch(url: &str) -> Result<(), String> {
    record!(
        "url.query" = "q=rust&sig=s3cr3t",
        "http.request.header.authorization" = ["s3cr3t"]
    );
    current().event("redirect", |event| {
        event.set("to", "https://s3cr3t@host/");
    });
    score!(
        "reach",
        0,
        explanation = "asked with Authorization: Bearer s3cr3t"
    );
    Err(format!("error sending request for url ({url})"))
}

#[test]
fn credentials_go_out_of_whatever_is_said_of_a_span() {
    let recorded = recorded(|| {
        allow("curl -H 'Authorization: Bearer s3cr3t'");
        let _ = fetch("https://ada:s3cr3t@host/v1?key=s3cr3t&page=2");
    });
    let lines = format!("{:?}", recorded.spans);
    assert!(!lines.contains("s3cr3t"), "{lines}");
    let fetch = recorded.span("fetch");
    assert_eq!(
        fetch.attributes.str("url.full"),
        Some("https://REDACTED:REDACTED@host/v1?key=REDACTED&page=REDACTED")
    );
    assert_eq!(
        fetch.attributes.str("url.query"),
        Some("q=REDACTED&sig=REDACTED")
    );
    assert_eq!(
        fetch.attributes.str("app.mirror"),
        Some("https://host/a?b=REDACTED")
    );
    let gate = recorded.span("gate allow_command");
    assert_eq!(
        gate.attributes.str("genai_trace.gate.reason"),
        Some("not allowed: curl -H 'Authorization: [REDACTED]'")
    );
}

#[genai_chat(provider = "openai", request = body, content = *mode)]
fn chat_as(body: &Value, mode: &ContentMode) -> io::Result<Value> {
    Ok(json!({
        "id": "c-1", "object": "chat.completion", "model": "gpt-4o",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "it is \u{1f468}\u{200d}\u{1f469} e\u{301}"}, "finish_reason": "stop"}],
    }))
}

const MODES: [ContentMode; 4] = [
    ContentMode::NoContent,
    ContentMode::SpanOnly,
    ContentMode::EventOnly,
    ContentMode::SpanAndEvent,
];

#[test]
fn what_a_call_says_of_its_content_holds_against_each_mode() {
    let body = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "who?"}]});
    for policy in MODES {
        for said_of_call in MODES {
            let folder = Folder::new();
            let file = folder.0.join("events.jsonl");
            let recorded = recorded_as(
                |it| it.content(policy).events(&file),
                |_| drop(chat_as(&body, &said_of_call)),
            );
            let events = folder.events("events.jsonl", &recorded);
            let is_in_event = events
                .iter()
                .any(|event| event.attributes.contains_key("gen_ai.input.messages"));
            let is_on_span = said(&recorded, "chat gpt-4o", "gen_ai.input.messages").is_some();
            assert_eq!(
                (is_on_span, is_in_event),
                (said_of_call.is_on_span(), said_of_call.is_in_event()),
                "{said_of_call} where the policy has {policy}"
            );
        }
    }
}

#[test]
fn what_a_call_says_of_its_content_holds_wherever_it_stands_among_the_options() {
    #[genai_tool(args, content = ContentMode::SpanOnly)]
    fn last(word: &str) {}
    #[genai_tool(content = ContentMode::SpanOnly, args)]
    fn first(word: &str) {}
    let recorded = recorded(|| {
        last("a");
        first("b");
    });
    for (span, word) in [("execute_tool last", "a"), ("execute_tool first", "b")] {
        let arguments = said(&recorded, span, "gen_ai.tool.call.arguments");
        assert_eq!(arguments, Some(json!({ "word": word })));
    }
}

#[test]
fn messages_stay_messages_whatever_the_limits_are() {
    let text = "\u{1f468}\u{200d}\u{1f469} e\u{301} \"quoted\" \\ ".repeat(300);
    let body = json!({"model": "gpt-4o", "messages": [
        {"role": "system", "content": text}, {"role": "user", "content": text},
        {"role": "assistant", "tool_calls": [{"id": "t", "type": "function", "function": {"name": "find", "arguments": "{\"a\": [1, 2]}"}}]},
        {"role": "tool", "tool_call_id": "t", "content": text}]});
    for chars in [0, 1, 2, 30, 500, usize::MAX] {
        for bytes in [256, 1000, 256 * 1024] {
            let folder = Folder::new();
            let file = folder.0.join("events.jsonl");
            let limits = ContentLimits::default()
                .text_chars(chars)
                .tool_text_chars(chars)
                .attribute_bytes(bytes);
            let recorded = recorded_as(
                |it| {
                    let it = it.content(ContentMode::SpanAndEvent).events(&file);
                    it.content_limits(limits)
                },
                |_| drop(chat_as(&body, &ContentMode::SpanAndEvent)),
            );
            // Spans and events are compared with the conventions' schemas.
            folder.events("events.jsonl", &recorded);
            let input = said(&recorded, "chat gpt-4o", "gen_ai.input.messages").unwrap();
            assert!(input.is_array(), "{chars} {bytes}: {input}");
            assert!(input.to_string().len() <= bytes, "{chars} {bytes}");
            let output = said(&recorded, "chat gpt-4o", "gen_ai.output.messages").unwrap();
            assert!(output.is_array(), "{chars} {bytes}: {output}");
            if bytes > 256 {
                assert_eq!(output[0]["role"], "assistant", "{chars} {bytes}: {output}");
            }
        }
    }
}

#[test]
fn of_a_call_that_leaves_no_record_nothing_is_stored() {
    let folder = Folder::new();
    let store = ContentStore::folder(folder.0.join("content")).everything();
    let kept = store.clone();
    let recorded = recorded_as(
        |it| {
            it.content(ContentMode::SpanOnly)
                .content_store(store)
                .sampler(Sampler::always_off())
        },
        |_| drop(agent("pay ada")),
    );
    assert!(recorded.spans.is_empty());
    assert!(kept.flush(Duration::from_secs(5)));
    assert_eq!((kept.report().stored, kept.report().known), (0, 0));
}

#[test]
fn what_a_hook_makes_of_a_text_is_redacted_and_cut_however_long_it_is() {
    #[genai_tool(args)]
    fn tell(word: &str) {}
    let hook = |_: &str, text: &str| Some(text.repeat(100_000));
    let redactor = Redactor::builder().hook(hook).build().unwrap();
    let recorded = recorded_as(
        |it| it.content(ContentMode::SpanOnly).redaction(redactor),
        |_| tell("ada@example.com "),
    );
    let told = said(&recorded, "execute_tool tell", "gen_ai.tool.call.arguments").unwrap();
    let word = told["word"].as_str().unwrap();
    assert!(
        word.chars().count() <= 1000 && !word.contains("ada"),
        "{word}"
    );
}

/// A key that has no serialised form.
#[derive(Debug)]
struct Pair {
    _user: &'static str,
    _pin: &'static str,
}

#[genai_tool(args)]
fn unlock(
    #[capture(last4)] pair: Pair,
    #[capture(hash)] same: Pair,
    #[capture(last4)] short: &str,
    #[capture(last4)] cards: Option<Vec<String>>,
    #[capture(last4)] card: Option<&str>,
    #[capture(hash)] none: Option<String>,
) {
}

#[test]
fn what_is_shown_in_part_shows_nothing_of_what_is_no_text() {
    let pair = || Pair {
        _user: "ada lovelace",
        _pin: "s3cr3t",
    };
    let recorded = recorded_as(
        |it| it.content(ContentMode::SpanOnly),
        |_| {
            let cards = Some(vec!["4111111111111234".to_owned()]);
            unlock(pair(), pair(), "äöü", cards, Some("4111111111111234"), None);
        },
    );
    let arguments = said(
        &recorded,
        "execute_tool unlock",
        "gen_ai.tool.call.arguments",
    );
    let mut arguments = arguments.unwrap();
    for key in ["same", "none"] {
        let hash = arguments[key].take();
        assert!(hash.as_str().unwrap().starts_with("sha256:"), "{hash}");
    }
    assert_eq!(
        arguments,
        json!({"pair": "[REDACTED]", "same": null, "short": "[REDACTED]", "cards": "[REDACTED]",
            "card": "[REDACTED]1234", "none": null})
    );
}

#[test]
fn credentials_go_out_of_names_that_are_said_at_run_time_and_of_the_resource() {
    let recorded = recorded_as(
        |it| {
            it.resource(
                "process.command_line",
                "agent --url https://ada:s3cr3t@host/?key=s3cr3t",
            )
        },
        |_| {
            let run = span("GET https://ada:s3cr3t@host/v1?key=s3cr3t");
            run.attr("server.address", "ada:s3cr3t@host").run(|| {
                current().event("asked postgres://ada:s3cr3t@db/x", |_| {});
            });
            let tool = span("curl -H 'Authorization: Bearer s3cr3t'");
            tool.operation(Operation::Tool).run(|| {});
        },
    );
    let lines = format!("{:?} {}", recorded.spans, recorded.metrics);
    assert!(!lines.contains("s3cr3t"), "{lines}");
    let step = recorded.span("GET https://REDACTED:REDACTED@host/v1?key=REDACTED");
    assert_eq!(
        step.events[0].name,
        "asked postgres://REDACTED:REDACTED@db/x"
    );
    assert_eq!(step.attributes.str("server.address"), Some("REDACTED@host"));
}

/// What a panic says, an error behind another, what a span is told late, and values of every list.
#[genai_span("danger")]
fn danger() {
    record!(
        "app.urls" = ["https://ada:s3cr3t@host", "x"],
        "app.config" = "Config { password: \"s3cr3t\" }"
    );
    panic!(
        "cannot log in: {:?}",
        json!({"password": "s3cr3t", "url": "https://h/?sig=s3cr3t"})
    );
}

#[test]
fn credentials_go_out_of_panics_and_of_what_is_recorded_in_lists() {
    let recorded = recorded(|| {
        let _ = std::panic::catch_unwind(danger);
    });
    let lines = format!("{:?} {}", recorded.spans, recorded.metrics);
    assert!(lines.contains("cannot log in"), "{lines}");
    assert!(!lines.contains("s3cr3t"), "{lines}");
}

/// What a framework does that hands its messages to the client below it.
#[genai_chat(provider = "openai", model = "gpt-4o")]
fn framework(body: &Value) -> String {
    let answer = chat(body).unwrap();
    answer["choices"][0]["message"]["content"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[genai_chat(provider = "openai", request = body, content = ContentMode::NoContent)]
fn quiet(body: &Value) -> io::Result<Value> {
    chat(body)
}

#[genai_chat(provider = "openai", model = "gpt-4o")]
fn framework_of_a_quiet_client(body: &Value) -> usize {
    quiet(body).unwrap().to_string().len()
}

#[test]
fn what_the_client_below_a_framework_has_heard_is_kept_with_the_call() {
    let body = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "who is it?"}]});
    let kept = recorded_as(
        |it| it.content(ContentMode::SpanOnly),
        |_| drop(framework(&body)),
    );
    assert_eq!(kept.spans.len(), 1);
    let input = said(&kept, "chat gpt-4o", "gen_ai.input.messages").unwrap();
    assert_eq!(input[0]["parts"][0]["content"], "who is it?");
    let output = said(&kept, "chat gpt-4o", "gen_ai.output.messages").unwrap();
    assert_eq!(
        output[0]["parts"][0]["content"],
        "write to [REDACTED:email]"
    );

    let dropped = recorded_as(
        |it| it.content(ContentMode::SpanOnly),
        |_| assert!(framework_of_a_quiet_client(&body) > 0),
    );
    assert_eq!(said(&dropped, "chat gpt-4o", "gen_ai.input.messages"), None);
}

#[test]
fn metrics_say_what_became_of_content() {
    let folder = std::env::temp_dir().join(format!("genai-trace-contents-{}", std::process::id()));
    let recorded = recorded_as(
        |it| {
            let hook = |_: &str, text: &str| (text == "boom").then(|| panic!("a hook"));
            let redactor = Redactor::builder().hook(hook).build().unwrap();
            it.content(ContentMode::SpanOnly)
                .redaction(redactor)
                .content_store(ContentStore::folder(&folder).everything())
        },
        |telemetry| {
            agent("boom");
            let _ = telemetry.flush(Duration::from_secs(5));
        },
    );
    let _ = fs::remove_dir_all(&folder);
    assert!(
        recorded
            .metrics
            .contains("genai_trace_redaction_failures_total 1\n"),
        "{}",
        recorded.metrics
    );
    assert!(
        recorded
            .metrics
            .contains("genai_trace_content_total{outcome=\"failed\"} 0\n")
    );
}

#[genai_tool(args, ret)]
fn lines(text: &str) -> impl Stream<Item = String> + use<> {
    stream::iter(text.split(' ').map(str::to_owned).collect::<Vec<_>>())
}

#[genai_tool(ret)]
async fn pages() -> io::Result<BoxStream<'static, Result<Value, io::Error>>> {
    Ok(Box::pin(stream::iter([
        Ok(json!({"page": 1})),
        Ok(json!({"page": 2})),
    ])))
}

#[test]
fn what_a_stream_gives_is_kept_item_by_item() {
    let recorded = recorded_as(
        |it| it.content(ContentMode::SpanOnly),
        |_| {
            block_on(lines("one two three").for_each(|_| async {}));
            block_on(async { pages().await.unwrap().for_each(|_| async {}).await });
        },
    );
    let result = |span| said(&recorded, span, "gen_ai.tool.call.result");
    assert_eq!(
        result("execute_tool lines"),
        Some(json!({"result": "onetwothree"}))
    );
    assert_eq!(
        result("execute_tool pages"),
        Some(json!({"result": [{"page": 1}, {"page": 2}]}))
    );
    let lines = recorded.span("execute_tool lines");
    assert_eq!(lines.attributes.int("genai_trace.result.bytes"), Some(17));
}
