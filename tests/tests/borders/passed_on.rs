//! What comes beside a `traceparent` and goes on with it: `tracestate`, `baggage`; and the headers, the
//! metadata and the messages that carry it.

use std::collections::{BTreeMap, HashMap};

use genai_trace::{Carrier, Headers, SpanContext, current, genai_mcp, genai_tool, span};
use genai_trace_tests::{Recorded, recorded, recorded_as};
use serde_json::{Value, json};

const VALID: &str = "00-12345678901234567890123456789012-1234567890123456-01";
const OTHER: &str = "00-12345678901234567890123456789011-1234567890123456-01";

/// The headers of a request with this `tracestate`, which may come in several lines.
fn received(trace_states: &[&str]) -> Carrier {
    let lines = trace_states.iter().map(|text| ("TraceState", *text));
    [("traceparent", VALID)].into_iter().chain(lines).collect()
}

fn sent(carrier: &Carrier) -> HashMap<String, String> {
    let mut headers = HashMap::new();
    carrier.inject(&mut headers);
    headers
}

#[test]
fn a_tracestate_is_on_every_span_of_its_trace_and_goes_on_to_whoever_is_called() {
    #[genai_tool("read_file")]
    fn read_file() -> HashMap<String, String> {
        sent(&Carrier::current())
    }
    let recorded = recorded(|| {
        let carrier = received(&["vendor=1,other@x=a b"]);
        let headers = span("job")
            .parent(&carrier)
            .run(|| span("step").run(read_file));
        assert_eq!(headers["tracestate"], "vendor=1,other@x=a b");
        let parent = SpanContext::from_traceparent(&headers["traceparent"]).unwrap();
        assert_eq!(parent.trace_id(), carrier.context().unwrap().trace_id());
        assert_ne!(parent.span_id(), carrier.context().unwrap().span_id());
        // A trace that begins inside is another.
        carrier.run(|| span("apart").root().run(|| {}));
        span("outside").run(|| {});
    });
    for name in ["job", "step", "execute_tool read_file"] {
        let said = recorded.span(name).trace_state.as_deref();
        assert_eq!(said, Some("vendor=1,other@x=a b"), "{name}");
    }
    for name in ["apart", "outside"] {
        assert_eq!(recorded.span(name).trace_state, None, "{name}");
    }
}

#[test]
fn a_link_says_the_tracestate_of_the_span_that_it_names() {
    let recorded = recorded(|| {
        let sender = received(&["vendor=1,other@x=a b"]);
        let sender = sender.context().unwrap();
        let plain = SpanContext::from_traceparent(OTHER).unwrap();
        span("job").link(sender).link(&plain).run(|| {
            let job = current();
            // Also what another thread says of it, while it is not at hand.
            std::thread::scope(|scope| {
                scope.spawn(|| job.link(sender));
            });
        });
    });
    let job = recorded.span("job");
    let states: Vec<_> = job.links.iter().map(|link| &link.trace_state).collect();
    let state = Some("vendor=1,other@x=a b".to_owned());
    assert_eq!(states, [&state, &None, &state]);
    assert_eq!(job.trace_state, None);
    let line = serde_json::to_value(job).unwrap();
    assert_eq!(
        line["links"][0]["trace_state"].as_str(),
        Some("vendor=1,other@x=a b")
    );
}

#[test]
fn a_tracestate_in_several_headers_is_one_list_in_their_order() {
    let carrier = received(&["foo=1,bar=2", "rojo=1,congo=2", "", "baz=3"]);
    let context = carrier.context().unwrap();
    assert_eq!(
        context.trace_state(),
        Some("foo=1,bar=2,rojo=1,congo=2,baz=3")
    );
}

#[test]
fn a_tracestate_that_is_malformed_is_dropped_whole_and_the_span_is_not() {
    for wrong in [
        &["foo=1,foo=1"] as &[_],
        &["foo=1", "foo=2"],
        &["foo=1,bar"],
        &["@foo=1,bar=2"],
        &["foo=1", "FOO=2"],
        &["foo=bar=baz"],
        &["foo=,bar=3"],
        &[""],
    ] {
        let carrier = received(wrong);
        let context = carrier.context().unwrap();
        assert_eq!(context.trace_state(), None, "{wrong:?}");
        assert_eq!(
            sent(&carrier),
            HashMap::from([("traceparent".to_owned(), VALID.to_owned())])
        );
    }
}

#[test]
fn a_tracestate_without_a_traceparent_means_nothing() {
    for pairs in [
        vec![("tracestate", "foo=1")],
        vec![("traceparent", "00-x"), ("tracestate", "foo=1")],
        vec![
            ("traceparent", VALID),
            ("traceparent", OTHER),
            ("tracestate", "foo=1"),
        ],
        vec![("tracestate", "foo=1"), ("trace-parent", VALID)],
    ] {
        let carrier: Carrier = pairs.iter().collect();
        assert_eq!(carrier.context(), None, "{pairs:?}");
        assert!(sent(&carrier).is_empty());
    }
    let misspelt: Carrier = [
        ("traceparent", VALID),
        ("trace-state", "foo=1"),
        ("trace.state", "foo=1"),
    ]
    .into_iter()
    .collect();
    assert_eq!(misspelt.context().unwrap().trace_state(), None);
}

#[test]
fn white_space_around_headers_is_none_of_them() {
    let carrier: Carrier = [
        ("traceparent", format!(" \t{VALID}\t ")),
        ("tracestate", "\t foo=1 \t , \tbar=2 ".to_owned()),
    ]
    .into_iter()
    .collect();
    let context = carrier.context().unwrap();
    assert_eq!(context.to_traceparent(), VALID);
    assert_eq!(context.trace_state(), Some("foo=1,bar=2"));
}

#[test]
fn a_message_keeps_what_came_with_its_trace() {
    let recorded = recorded(|| {
        let message = received(&["foo=1"]).run(|| {
            span("sender").run(|| serde_json::to_string(&genai_trace::Carried::new(7)).unwrap())
        });
        let message: genai_trace::Carried<u32> = serde_json::from_str(&message).unwrap();
        message.run(|_| span("receiver").run(|| {}));
        let bytes = received(&["foo=1"]).run(|| postcard::to_stdvec(&Carrier::current()).unwrap());
        let carrier: Carrier = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(carrier.context().unwrap().trace_state(), Some("foo=1"));
    });
    assert_eq!(recorded.outline(), "sender\n.receiver");
    assert_eq!(
        recorded.span("receiver").trace_state.as_deref(),
        Some("foo=1")
    );
}

/// What a request with this `baggage` leaves, and what the requests that it makes send.
fn with_baggage(
    allowed: &[&str],
    on_spans: bool,
    baggage: &str,
) -> (Recorded, HashMap<String, String>) {
    let mut headers = HashMap::new();
    let recorded = recorded_as(
        |builder| {
            builder
                .baggage(allowed.iter().copied())
                .baggage_on_spans(on_spans)
        },
        |_| {
            let pairs = [("traceparent", VALID), ("baggage", baggage)];
            let carrier: Carrier = pairs.into_iter().collect();
            headers = span("request")
                .parent(&carrier)
                .attr("app.own", "mine")
                .run(|| span("below").run(|| sent(&Carrier::current())));
        },
    );
    (recorded, headers)
}

#[test]
fn baggage_is_not_even_looked_at_unless_it_is_allowed() {
    let (recorded, headers) = with_baggage(&[], true, "app.session=s-1");
    assert!(recorded.span("below").attributes.is_empty());
    assert_eq!(headers.get("baggage"), None);
}

#[test]
fn a_key_that_no_baggage_can_have_is_an_error_at_start() {
    let builder = genai_trace::Telemetry::builder().memory(&genai_trace::MemoryExporter::new());
    let error = builder
        .baggage(["app session"])
        .install()
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("baggage(\"app session\"): expected keys of "),
        "{error}"
    );
}

#[test]
fn baggage_that_is_allowed_goes_on_and_is_on_spans_where_that_is_asked() {
    let baggage = "secret=x,app.session=s%2D1;p=1,app.own=theirs";
    let allowed = ["app.session", "app.own"];
    let (recorded, headers) = with_baggage(&allowed, false, baggage);
    assert_eq!(headers["baggage"], "app.session=s%2D1;p=1,app.own=theirs");
    assert!(recorded.span("below").attributes.is_empty());

    let (recorded, headers) = with_baggage(&allowed, true, baggage);
    assert_eq!(headers["baggage"], "app.session=s%2D1;p=1,app.own=theirs");
    let below = &recorded.span("below").attributes;
    assert_eq!(below.str("app.session"), Some("s-1"));
    assert_eq!(below.str("app.own"), Some("theirs"));
    assert_eq!(below.get("secret"), None);
    // What the span says itself holds.
    assert_eq!(
        recorded.span("request").attributes.str("app.own"),
        Some("mine")
    );
}

#[test]
fn baggage_is_there_to_be_read_by_whoever_works_on_the_trace() {
    recorded_as(
        |builder| builder.baggage(["app.session"]),
        |_| {
            let pairs = [("traceparent", VALID), ("baggage", "app.session=s%201")];
            let carrier: Carrier = pairs.into_iter().collect();
            span("request").parent(&carrier).run(|| {
                let here = current().context().unwrap();
                assert_eq!(here.baggage("app.session").as_deref(), Some("s 1"));
                assert_eq!(here.baggage("app.other"), None);
            });
        },
    );
}

#[test]
fn headers_of_every_kind_are_read_and_overwritten() {
    fn check(name: &str, headers: &mut impl Headers) {
        headers.replace("traceparent", OTHER);
        headers.replace("tracestate", "old=1");
        let before = Carrier::extract(headers);
        assert_eq!(before.context().unwrap().to_traceparent(), OTHER, "{name}");
        // Without a span nothing is touched.
        Carrier::default().inject(headers);
        assert_eq!(
            Carrier::extract(headers).context(),
            before.context(),
            "{name}"
        );

        received(&[]).inject(headers);
        let context = Carrier::extract(headers).context().cloned().unwrap();
        assert_eq!(context.to_traceparent(), VALID, "{name}");
        assert_eq!(
            context.trace_state(),
            None,
            "{name}: the state of another trace"
        );

        received(&["foo=1"]).inject(headers);
        let context = Carrier::extract(headers).context().cloned().unwrap();
        assert_eq!(context.trace_state(), Some("foo=1"), "{name}");
    }
    let old = ("TraceParent".to_owned(), "old".to_owned());
    check("hash map", &mut HashMap::from([old.clone()]));
    check("tree map", &mut BTreeMap::from([old.clone()]));
    check("pairs", &mut vec![old]);
    check(
        "pairs of bytes",
        &mut vec![("TraceParent".to_owned(), vec![0xff])],
    );
    check(
        "json",
        json!({ "TraceParent": 17 }).as_object_mut().unwrap(),
    );
    let mut headers = http::HeaderMap::new();
    headers.append("traceparent", http::HeaderValue::from_static("old"));
    headers.append("traceparent", http::HeaderValue::from_static("older"));
    check("headers", &mut headers);
    let mut metadata = tonic::metadata::MetadataMap::new();
    metadata.append("traceparent", "old".parse().unwrap());
    metadata.append("traceparent", "older".parse().unwrap());
    check("metadata", &mut metadata);
}

#[test]
fn a_header_that_is_no_text_is_said_and_means_no_span() {
    let mut headers = http::HeaderMap::new();
    headers.insert(
        "traceparent",
        http::HeaderValue::from_bytes(b"00-\xff").unwrap(),
    );
    let carrier = Carrier::extract(&headers);
    assert!(carrier.context().is_none() && carrier.error().is_some());
    headers.append("traceparent", http::HeaderValue::from_static(VALID));
    assert_eq!(Carrier::extract(&headers).context(), None);
}

#[test]
fn a_list_of_pairs_goes_through_a_queue_that_knows_texts_only() {
    let recorded = recorded(|| {
        let message = span("sender").run(|| {
            let pairs: Vec<(String, String)> = Carrier::current().into_iter().collect();
            serde_json::to_string(&pairs).unwrap()
        });
        let pairs: Vec<(String, String)> = serde_json::from_str(&message).unwrap();
        let carrier: Carrier = pairs.iter().collect();
        span("receiver").parent(&carrier).run(|| {});
    });
    assert_eq!(recorded.outline(), "sender\n.receiver");
}

#[test]
fn the_meta_of_a_call_goes_before_the_headers_that_it_came_with() {
    #[genai_mcp(server, method = "tools/call", tool = "search", parent = sender, links = headers.context().cloned())]
    fn call(sender: &Carrier, headers: &Carrier) {
        span("work").run(|| {});
    }
    let recorded = recorded(|| {
        let mut request = json!({ "method": "tools/call", "params": { "name": "search", "_meta": { "progressToken": 1 } } });
        span("client").run(|| Carrier::current().inject_mcp(&mut request["params"]));
        assert_eq!(request["params"]["_meta"]["progressToken"], 1);
        let headers = received(&[]);
        let sender = Carrier::from_mcp(&request["params"]).or(headers.clone());
        call(&sender, &headers);
    });
    let call = recorded.span("tools/call search");
    assert_eq!(call.parent_span_id, Some(recorded.span("client").span_id));
    assert_eq!(call.links[0].span_id.to_string(), "1234567890123456");
}

#[test]
fn a_meta_without_a_span_leaves_it_to_the_headers() {
    for params in [
        json!(null),
        json!([1]),
        json!({}),
        json!({ "_meta": 1 }),
        json!({ "_meta": {} }),
        json!({ "_meta": { "traceparent": 17 } }),
        json!({ "_meta": { "traceparent": "00-x" } }),
    ] {
        let sender = Carrier::from_mcp(&params).or(received(&[]));
        assert_eq!(
            sender.context().unwrap().to_traceparent(),
            VALID,
            "{params}"
        );
    }
}

#[test]
fn parameters_that_have_no_room_for_a_meta_stay_as_they_are() {
    let carrier = received(&[]);
    let injected = |mut params: Value| {
        carrier.inject_mcp(&mut params);
        params
    };
    let meta = json!({ "_meta": { "traceparent": VALID } });
    assert_eq!(injected(json!(null)), meta);
    assert_eq!(injected(json!({ "_meta": null })), meta);
    assert_eq!(injected(json!([1, 2])), json!([1, 2]));
    let mut untouched = json!(null);
    Carrier::default().inject_mcp(&mut untouched);
    assert_eq!(untouched, json!(null));
}
