//! Baggage that begins in this process.

use std::collections::HashMap;

use genai_trace::{Baggage, Carrier, current, genai_agent, genai_tool, record, span, thread};
use genai_trace_tests::{Recorded, block_on, recorded_as};

const VALID: &str = "00-12345678901234567890123456789012-1234567890123456-01";

/// What `work` leaves where these keys are allowed, and spans say them.
fn allowing(keys: &[&str], work: impl FnOnce()) -> Recorded {
    let keys = keys.to_vec();
    recorded_as(
        |builder| builder.baggage(keys).baggage_on_spans(true),
        |_| work(),
    )
}

fn session(value: &str) -> Baggage {
    Baggage::new().with("app.session", value).unwrap()
}

/// The baggage that a request from here takes along.
fn sent() -> Option<String> {
    let mut headers = HashMap::new();
    Carrier::current().inject(&mut headers);
    headers.remove("baggage")
}

#[genai_tool("read_file")]
fn read_file() -> Option<String> {
    sent()
}

#[genai_agent("coder")]
fn agent() -> Option<String> {
    read_file()
}

#[test]
fn baggage_goes_to_whoever_is_called_and_stands_on_the_spans_that_begin_in_it() {
    let recorded = allowing(&["app.session", "app.tenant"], || {
        span("turn").run(|| {
            let baggage = session("a, b; ü%")
                .with_metadata("app.tenant", "acme", " private ; ttl = 5")
                .unwrap();
            let sent_from = baggage.run(|| {
                record!(app.reached = true);
                agent()
            });
            assert_eq!(
                sent_from.as_deref(),
                Some("app.session=a%2C%20b%3B%20%C3%BC%25,app.tenant=acme;private;ttl=5")
            );
            assert_eq!(sent(), None);
            span("beside").run(|| {});
        });
    });
    for name in ["invoke_agent coder", "execute_tool read_file"] {
        let span = recorded.span(name);
        assert_eq!(span.attributes.str("app.session"), Some("a, b; ü%"));
        assert_eq!(span.attributes.str("app.tenant"), Some("acme"));
    }
    for name in ["turn", "beside"] {
        assert_eq!(recorded.span(name).attributes.str("app.session"), None);
    }
    let turn = recorded.span("turn");
    assert!(turn.attributes.get("app.reached").is_some());
    let agent = recorded.span("invoke_agent coder");
    assert_eq!(agent.parent_span_id, Some(turn.span_id));
}

#[test]
fn a_trace_that_begins_in_baggage_has_it_also_on_other_threads_and_in_futures() {
    let recorded = allowing(&["app.session"], || {
        let elsewhere = session("s-1").run(|| thread::spawn(agent));
        assert_eq!(
            elsewhere.join().unwrap().as_deref(),
            Some("app.session=s-1")
        );
        let future = session("s-2").wrap(async {
            genai_trace_tests::yield_once().await;
            agent()
        });
        assert_eq!(block_on(future).as_deref(), Some("app.session=s-2"));
        span("apart").run(|| assert_eq!(sent(), None));
        // A root within a trace is one of its own.
        span("turn").run(|| {
            session("s-3").run(|| span("root").root().run(|| assert_eq!(sent(), None)));
        });
    });
    let said: Vec<_> = recorded
        .spans
        .iter()
        .filter(|span| span.name == "invoke_agent coder")
        .map(|span| (span.parent_span_id, span.attributes.str("app.session")))
        .collect();
    assert_eq!(said, [(None, Some("s-1")), (None, Some("s-2"))]);
}

#[test]
fn what_is_not_allowed_goes_nowhere_and_the_rest_does() {
    let recorded = allowing(&["app.session"], || {
        let baggage = session("s-1").with("app.secret", "x").unwrap();
        let sent = baggage.run(agent);
        assert_eq!(sent.as_deref(), Some("app.session=s-1"));
    });
    assert_eq!(recorded.spans.len(), 2);
}

#[test]
fn baggage_is_added_to_what_came_with_the_trace_and_goes_before_it() {
    let keys: Vec<String> = (0..70).map(|i| format!("k{i:02}")).collect();
    let many: Vec<_> = (0..64).map(|i| format!("k{i:02}=theirs")).collect();
    let allowed = keys.clone();
    recorded_as(
        |builder| builder.baggage(allowed),
        |_| {
            let received: Carrier = [
                ("traceparent", VALID),
                ("tracestate", "vendor=1"),
                ("baggage", &many.join(",")),
            ]
            .into_iter()
            .collect();
            let own = Baggage::new().with("k00", "ours").unwrap();
            let own = own.with("k69", "ours").unwrap();
            received.run(|| {
                own.run(|| {
                    let sent = span("work").run(sent).unwrap();
                    let members: Vec<_> = sent.split(',').collect();
                    assert_eq!(members.len(), 64);
                    assert_eq!(members[0], "k01=theirs");
                    assert_eq!(members[61..], ["k62=theirs", "k00=ours", "k69=ours"]);
                    let context = span("below").run(|| current().context()).unwrap();
                    assert_eq!(context.trace_state(), Some("vendor=1"));
                    assert_eq!(context.baggage("k00").as_deref(), Some("ours"));
                });
            });
        },
    );
}

#[test]
fn what_no_baggage_can_have_is_an_error_that_names_it() {
    let refused = |key: &str, value: &str, metadata: &str| {
        let refused = Baggage::new().with_metadata(key, value, metadata);
        refused.unwrap_err().to_string()
    };
    for key in ["", "a b", "a=b", "ü", "a,b"] {
        assert_eq!(
            refused(key, "", ""),
            format!("invalid key of baggage {key:?}: expected letters, digits and !#$%&'*+-.^_`|~")
        );
    }
    for metadata in ["a b", ";", "a=b c", "a=\"b\"", "a;;b", "=b"] {
        let text = refused("k", "", metadata);
        let wanted = format!("invalid metadata {metadata:?} of baggage \"k\": expected ");
        assert!(text.starts_with(&wanted), "{text}");
    }
    let text = refused("k", &"x".repeat(8191), "");
    assert_eq!(
        text,
        "with \"k\" the baggage has 8193 bytes: expected 8192 at most"
    );
    let whole = Baggage::new().with("k", &"x".repeat(8190)).unwrap();
    assert!(whole.with("l", "").is_err());
    let mut many = Baggage::new();
    for i in 0..64 {
        many = many.with(&format!("k{i}"), "").unwrap();
    }
    // One that is there already is none more.
    let many = many.with("k0", "again").unwrap();
    assert_eq!(
        many.with("k64", "").unwrap_err().to_string(),
        "baggage \"k64\" is one too many: expected 64 members at most"
    );
}
