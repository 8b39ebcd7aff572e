//! A span's context over channels, queues and the border of a process.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;

use genai_trace::{
    Carried, Carrier, Operation, SpanContext, SpanRecord, current, genai_agent, genai_tool, record,
    span,
};
use genai_trace_tests::{block_on, recorded, yield_once};
use serde::{Deserialize, Serialize};
use serde_json::json;

const TRACE: &str = "12345678901234567890123456789012";
const SPAN: &str = "1234567890123456";
const VALID: &str = "00-12345678901234567890123456789012-1234567890123456-01";

fn sender() -> SpanContext {
    SpanContext::new(TRACE.parse().unwrap(), SPAN.parse().unwrap())
}

#[test]
fn a_traceparent_is_read_as_the_specification_says() {
    let long = "0".repeat(1 << 20);
    // The cases of the W3C's own test suite, and what a lenient parser lets through.
    let invalid = [
        ("", "the version"),
        ("00", "the trace id"),
        ("ff-{trace}-{span}-01", "the version"),
        (".0-{trace}-{span}-01", "the version"),
        ("0.-{trace}-{span}-01", "the version"),
        ("000-{trace}-{span}-01", "the version"),
        ("0000-{trace}-{span}-01", "the version"),
        ("0-{trace}-{span}-01", "the version"),
        ("0A-{trace}-{span}-01", "the version"),
        ("+0-{trace}-{span}-01", "the version"),
        (" 00-{trace}-{span}-01", "the version"),
        ("é-{trace}-{span}-01", "the version"),
        (
            "00-00000000000000000000000000000000-{span}-01",
            "the trace id",
        ),
        (
            "00-.2345678901234567890123456789012-{span}-01",
            "the trace id",
        ),
        (
            "00-1234567890123456789012345678901.-{span}-01",
            "the trace id",
        ),
        (
            "00-+2345678901234567890123456789012-{span}-01",
            "the trace id",
        ),
        (
            "00-ABCDEF78901234567890123456789012-{span}-01",
            "the trace id",
        ),
        (
            "00-123456789012345678901234567890123-{span}-01",
            "the trace id",
        ),
        (
            "00-1234567890123456789012345678901-{span}-01",
            "the trace id",
        ),
        ("00-{trace}", "the span id"),
        ("00-{trace}-0000000000000000-01", "the span id"),
        ("00-{trace}-.234567890123456-01", "the span id"),
        ("00-{trace}-123456789012345.-01", "the span id"),
        ("00-{trace}-ABCDEF7890123456-01", "the span id"),
        ("00-{trace}-12345678901234567-01", "the span id"),
        ("00-{trace}-123456789012345-01", "the span id"),
        ("00-{trace}-{span}", "the flags"),
        ("00-{trace}-{span}-", "the flags"),
        ("00-{trace}-{span}-.0", "the flags"),
        ("00-{trace}-{span}-0.", "the flags"),
        ("00-{trace}-{span}-0A", "the flags"),
        ("00-{trace}-{span}-001", "the flags"),
        ("00-{trace}-{span}-1", "the flags"),
        ("00-{trace}-{span}-01.", "the flags"),
        ("00-{trace}-{span}-01 ", "the flags"),
        ("00-{trace}-{span}-01-", "after the flags"),
        (
            "00-{trace}-{span}-01-what-the-future-will-be-like",
            "after the flags",
        ),
        ("01-{trace}-{span}-01.", "the flags"),
        (
            "cc-{trace}-{span}-01.what-the-future-will-be-like",
            "the flags",
        ),
        (&long, "the version"),
    ];
    for (form, part) in invalid {
        let text = form.replace("{trace}", TRACE).replace("{span}", SPAN);
        let error = SpanContext::from_traceparent(&text)
            .expect_err(&text)
            .to_string();
        assert!(error.starts_with("invalid traceparent \""), "{error}");
        assert!(error.contains(part), "{text}: {error}");
        assert!(error.len() < 200, "{error}");
    }
    let valid = [
        "00-{trace}-{span}-00",
        "00-{trace}-{span}-01",
        "00-{trace}-{span}-ff",
        "01-{trace}-{span}-00",
        "cc-{trace}-{span}-01",
        "cc-{trace}-{span}-01-",
        "cc-{trace}-{span}-01-what-the-future-will-be-like",
        "fe-{trace}-{span}-01-é",
    ];
    for form in valid {
        let text = form.replace("{trace}", TRACE).replace("{span}", SPAN);
        assert_eq!(SpanContext::from_traceparent(&text), Ok(sender()), "{text}");
    }
    assert_eq!(sender().to_traceparent(), VALID);
}

#[test]
fn that_the_id_of_a_trace_is_random_goes_on_with_the_trace_and_nothing_else_of_the_flags() {
    let sent_from = |flags: &str| {
        let received = format!("00-{TRACE}-{SPAN}-{flags}");
        let sender = SpanContext::from_traceparent(&received).unwrap();
        let received: Carrier = [("traceparent", received)].into_iter().collect();
        let mut sent = String::new();
        received.run(|| {
            span("job").run(|| {
                // Below a span that is short, and of an agent.
                let traceparent = || Carrier::current().into_iter().next().unwrap().1;
                sent = span("step").run(traceparent);
                assert_eq!(schedule(&traceparent), sent[53..]);
                assert!(!span("apart").root().run(traceparent).ends_with('3'));
            });
        });
        (sender.to_traceparent(), sent)
    };
    #[genai_agent("coder")]
    fn schedule(traceparent: &dyn Fn() -> String) -> String {
        traceparent()[53..].to_owned()
    }
    recorded(|| {
        for (flags, wanted) in [
            ("01", "01"),
            ("03", "03"),
            ("02", "02"),
            ("ff", "03"),
            ("fc", "00"),
        ] {
            let (again, sent) = sent_from(flags);
            assert_eq!(again, format!("00-{TRACE}-{SPAN}-{wanted}"));
            assert!(sent.ends_with(&format!("-{wanted}")), "{flags}: {sent}");
        }
        // Of a version that is not known yet only the first flag is.
        let later = SpanContext::from_traceparent(&format!("01-{TRACE}-{SPAN}-03"));
        assert_eq!(later.unwrap().to_traceparent(), VALID);
    });
}

#[test]
fn a_carrier_is_a_map_with_a_traceparent() {
    assert_eq!(
        serde_json::to_string(&Carrier::of(&sender())).unwrap(),
        format!(r#"{{"traceparent":"{VALID}"}}"#)
    );
    assert_eq!(serde_json::to_string(&Carrier::default()).unwrap(), "{}");
    let read: Carrier = serde_json::from_value(json!({ "traceparent": VALID })).unwrap();
    assert_eq!(read.context(), Some(&sender()));
    assert!(!read.is_empty() && read.error().is_none());
}

#[test]
fn a_carrier_reads_its_key_in_any_case_and_leaves_the_rest_of_the_headers() {
    let headers = [
        ("Authorization", "secret"),
        ("TraceParent", VALID),
        ("trace-parent", "x"),
    ];
    let carrier: Carrier = headers.into_iter().collect();
    assert_eq!(carrier.context(), Some(&sender()));
    assert_eq!(
        carrier.into_iter().collect::<HashMap<_, _>>(),
        HashMap::from([("traceparent".to_owned(), VALID.to_owned())])
    );
    let none: Carrier = [("trace-parent", VALID), ("trace.parent", VALID)]
        .into_iter()
        .collect();
    assert!(none.is_empty());
}

#[test]
fn a_traceparent_that_is_said_twice_is_none() {
    let other = VALID.replace("9012-", "9011-");
    let twice: Carrier = [("traceparent", VALID), ("Traceparent", &other)]
        .into_iter()
        .collect();
    assert_eq!(twice.context(), None);
    let error = twice.error().unwrap().to_string();
    assert!(
        error.ends_with("expected one for a message, found several"),
        "{error}"
    );
}

#[test]
fn what_comes_over_the_wire_never_fails_the_message() {
    let upper = VALID.to_uppercase().replace("0123", "ABCD");
    for (wire, is_wrong) in [
        (json!(null), false),
        (json!({}), false),
        (
            json!({ "tracestate": "a=b", "n": [1, { "x": null }] }),
            false,
        ),
        (json!({ "traceparent": "" }), true),
        (json!({ "traceparent": upper }), true),
        (json!({ "traceparent": null }), true),
        (json!({ "traceparent": 17 }), true),
        (json!({ "traceparent": { "trace_id": TRACE } }), true),
        (json!({ "traceparent": [VALID] }), true),
        (json!({ "traceparent": VALID, "Traceparent": VALID }), true),
        (json!("00-nonsense"), true),
        (json!(1.5), true),
        (json!(true), true),
        (json!([]), true),
    ] {
        let text = json!({ "value": "job", "carrier": wire }).to_string();
        let message: Carried<String> = serde_json::from_str(&text).expect(&text);
        assert_eq!(message.context(), None, "{text}");
        assert_eq!(message.carrier().error().is_some(), is_wrong, "{text}");
        assert_eq!(serde_json::to_value(message.carrier()).unwrap(), json!({}));
        assert_eq!(message.into_inner(), "job");
    }
}

#[test]
fn a_message_survives_what_no_type_can_hold() {
    for (wire, is_wrong) in [
        (r#"{"n": 1e999, "traceparent": "00-x"}"#.to_owned(), true),
        (
            format!(r#"{{"n": -1e999, "traceparent": "{VALID}"}}"#),
            false,
        ),
        (
            format!(r#"{{"traceparent": "{VALID}", "traceparent": "{VALID}"}}"#),
            true,
        ),
    ] {
        let text = format!(r#"{{"value": 7, "carrier": {wire}}}"#);
        let message: Carried<u8> = serde_json::from_str(&text).expect(&text);
        assert_eq!(message.carrier().error().is_some(), is_wrong, "{text}");
        assert_eq!(message.context().is_none(), is_wrong, "{text}");
    }
}

#[test]
fn a_carrier_lies_flat_in_a_job_as_well() {
    #[derive(Serialize, Deserialize)]
    struct Job {
        task: String,
        #[serde(flatten)]
        carrier: Carrier,
    }
    let task = "summarise".to_owned();
    let carrier = Carrier::of(&sender());
    let text = serde_json::to_string(&Job { task, carrier }).unwrap();
    assert_eq!(
        text,
        format!(r#"{{"task":"summarise","traceparent":"{VALID}"}}"#)
    );
    let job: Job = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (job.task.as_str(), job.carrier.context()),
        ("summarise", Some(&sender()))
    );
}

#[test]
fn a_format_that_does_not_describe_itself_carries_the_span_too() {
    let recorded = recorded(|| {
        let bytes = span("sender").run(|| postcard::to_stdvec(&Carried::new(7_u64)).unwrap());
        let message: Carried<u64> = postcard::from_bytes(&bytes).unwrap();
        message.run(|number| span(format!("work {number}")).run(|| {}));
        let bytes = postcard::to_stdvec(&Carried::new(8_u64)).unwrap();
        let message: Carried<u64> = postcard::from_bytes(&bytes).unwrap();
        message.run(|number| span(format!("work {number}")).run(|| {}));
        // A traceparent of another sender may be wrong here as well.
        let bytes = postcard::to_stdvec(&BTreeMap::from([("traceparent", "00-1")])).unwrap();
        let carrier: Carrier = postcard::from_bytes(&bytes).unwrap();
        assert!(carrier.error().is_some());
    });
    assert_eq!(recorded.outline(), "sender\n.work 7\nwork 8");
}

#[test]
fn a_message_over_a_channel_is_worked_on_in_the_span_it_was_sent_from() {
    #[genai_tool("read_file")]
    fn read_file(_path: &str) {}
    #[genai_agent("coder", conversation_id = "c-1")]
    fn agent(sender: mpsc::Sender<Carried<&'static str>>, done: mpsc::Receiver<()>) {
        for path in ["a", "b"] {
            sender.send(Carried::new(path)).unwrap();
        }
        drop(sender);
        done.recv().unwrap_err();
    }
    let recorded = recorded(|| {
        let (sender, messages) = mpsc::channel::<Carried<&str>>();
        let (working, done) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let _working = working;
                // The worker's own span is no parent of what it does for others.
                span("worker").run(|| {
                    for message in messages {
                        let path = *message.value();
                        message.run(|path| {
                            record!(app.reached = true);
                            read_file(path);
                        });
                        span(format!("between {path}")).run(|| {});
                    }
                });
            });
            agent(sender, done);
        });
    });
    let agent = recorded.span("invoke_agent coder");
    let tools: Vec<_> = recorded
        .spans
        .iter()
        .filter(|span| span.name == "execute_tool read_file")
        .collect();
    assert_eq!(tools.len(), 2);
    for tool in tools {
        assert_eq!(
            (tool.trace_id, tool.parent_span_id),
            (agent.trace_id, Some(agent.span_id))
        );
        assert_eq!(tool.attributes.str("gen_ai.agent.name"), Some("coder"));
        assert_eq!(tool.attributes.str("gen_ai.conversation.id"), Some("c-1"));
    }
    // What is recorded for the sender reaches it.
    assert!(agent.attributes.get("app.reached").is_some());
    let calls = r#"gen_ai_invoke_agent_tool_calls_sum{gen_ai_agent_name="coder"}"#;
    assert_eq!(recorded.metric(calls), Some(2.0));
    let worker = Some(recorded.span("worker").span_id);
    assert_eq!(recorded.span("between a").parent_span_id, worker);
    assert_eq!(recorded.span("between b").parent_span_id, worker);
}

#[test]
fn a_message_over_an_async_channel_keeps_its_span_after_the_sender_has_ended() {
    let recorded = recorded(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .build();
        runtime.unwrap().block_on(async {
            let (sender, mut messages) = tokio::sync::mpsc::channel::<Carried<u32>>(4);
            let worker = tokio::spawn(async move {
                while let Some(message) = messages.recv().await {
                    let work = message.wrap(async |number| {
                        tokio::task::yield_now().await;
                        span(format!("work {number}")).run(|| {});
                    });
                    // On whatever thread the runtime likes.
                    tokio::spawn(work).await.unwrap();
                    assert_eq!(current().context(), None);
                }
            });
            for number in 0..3 {
                let send = span(format!("send {number}")).run(|| {
                    let message = Carried::from(number);
                    sender.send(message)
                });
                send.await.unwrap();
            }
            drop(sender);
            worker.await.unwrap();
        });
    });
    assert_eq!(
        recorded.outline(),
        "send 0\n.work 0\nsend 1\n.work 1\nsend 2\n.work 2"
    );
}

#[test]
fn a_message_from_outside_any_span_is_worked_on_outside_any_span() {
    let recorded = recorded(|| {
        let message = Carried::new(());
        assert_eq!(message.context(), None);
        let invalid: Carried<()> =
            serde_json::from_value(json!({ "value": null, "carrier": { "traceparent": "x" } }))
                .unwrap();
        span("worker").run(|| {
            message.run(|()| span("first").run(|| {}));
            invalid.run(|()| span("second").run(|| {}));
            span("own").run(|| {});
        });
    });
    assert_eq!(recorded.outline(), "worker\n.own\nfirst\nsecond");
}

#[test]
fn work_in_a_remote_span_has_that_parent_and_records_nothing_for_it() {
    let recorded = recorded(|| {
        sender().run(|| {
            assert_eq!(current().context(), Some(sender()));
            assert!(!current().is_recording());
            record!(app.lost = true);
            current().set("app.lost", &true);
            span("child").run(|| span("grandchild").run(|| {}));
            // A future that waits is in it as well.
            block_on(sender().wrap(async {
                yield_once().await;
                span("later").run(|| {});
            }));
            // A hop further it is still the same trace.
            assert_eq!(Carrier::current().context(), Some(&sender()));
        });
        assert_eq!(current().context(), None);
    });
    let child = recorded.span("child");
    assert_eq!(child.trace_id.to_string(), TRACE);
    assert_eq!(child.parent_span_id, Some(sender().span_id()));
    assert!(child.attributes.is_empty());
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let age = now.as_nanos() - u128::from(child.start_unix_nano);
    assert!(age < 60_000_000_000, "it began {age} ns ago");
    let later = recorded.span("later");
    assert_eq!(later.parent_span_id, Some(sender().span_id()));
    assert_eq!(recorded.spans.len(), 3);
}

#[test]
fn a_panic_in_a_message_goes_on_and_leaves_the_thread_as_it_was() {
    let recorded = recorded(|| {
        let message = span("sender").run(|| Carried::new(()));
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            message.run(|()| panic!("on purpose"));
        }));
        assert!(caught.is_err());
        assert_eq!(current().context(), None);
    });
    assert_eq!(recorded.outline(), "sender");
}

#[test]
fn a_carrier_is_a_parent_as_it_is() {
    #[genai_tool("background", parent = carrier)]
    fn background(carrier: &Carrier) {}
    let recorded = recorded(|| background(&Carrier::of(&sender())));
    let task = recorded.span("execute_tool background");
    assert_eq!(task.parent_span_id, Some(sender().span_id()));
}

#[test]
fn a_message_is_as_free_to_move_as_what_it_carries() {
    fn is_free<T: Send + Sync + Clone + std::fmt::Debug>(_: &T) {}
    is_free(&Carried::new("text"));
    is_free(&Carrier::default());
}

/// Reads a trace file as a stranger would.
fn spans_of(file: &Path) -> Vec<SpanRecord> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Runs the worker with its own trace file; what it says.
fn worker(role: &str, file: &Path, input: &[u8]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_worker"))
        .arg(role)
        .env("GENAI_TRACE_FILE", file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{role}: {}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_trace_files_of_two_processes_join_in_one_tree() {
    let dir = std::env::temp_dir().join(format!("genai-trace-propagation-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let (sent, received) = (dir.join("sender.jsonl"), dir.join("receiver.jsonl"));
    let message = worker("send", &sent, b"");
    // The second message comes from someone whose traceparent is broken.
    let broken = r#"{"carrier":{"traceparent":"00-0-0-01"},"value":{"path":"README.md"}}"#;
    let said = worker(
        "receive",
        &received,
        format!("{message}{broken}\n").as_bytes(),
    );
    assert_eq!(
        said,
        "invalid traceparent \"00-0-0-01\": \
         expected 32 lower-case hex digits, not all zero, for the trace id\n"
    );
    let mut spans = spans_of(&sent);
    assert_eq!(spans.len(), 1);
    assert!(spans[0].attributes.get("app.lost").is_none());
    spans.extend(spans_of(&received));
    let joined = genai_trace_tests::Recorded {
        spans,
        metrics: String::new(),
    };
    assert_eq!(
        joined.outline(),
        "invoke_agent coder\n.execute_tool read_file\nexecute_tool read_file"
    );
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn an_agent_counts_what_a_thread_has_done_for_it_that_is_still_in_it() {
    #[genai_tool("read_file")]
    fn read_file() {}
    let recorded = recorded(|| {
        std::thread::scope(|scope| {
            let (sender, jobs) = mpsc::channel::<()>();
            let (working, done) = mpsc::channel();
            span("coder").operation(Operation::Agent).run(|| {
                let agent = current();
                scope.spawn(move || {
                    agent.run(|| {
                        for () in jobs {
                            read_file();
                            working.send(()).unwrap();
                        }
                    });
                });
                for _ in 0..3 {
                    sender.send(()).unwrap();
                    done.recv().unwrap();
                }
            });
            drop(sender);
        });
    });
    let calls = r#"gen_ai_invoke_agent_tool_calls_sum{gen_ai_agent_name="coder"}"#;
    assert_eq!(recorded.metric(calls), Some(3.0));
}
