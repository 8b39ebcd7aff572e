//! Calls of models that are known by what goes over the line: no attribute stands on any function.

use std::net::{SocketAddr, TcpListener};

use genai_trace::reqwest::{CurrentSpan, InjectSpan, ModelCalls};
use genai_trace::{Outcome, SpanRecord, Status, genai_chat, span};
use genai_trace_tests::{Recorded, recorded};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use serde_json::json;

use crate::provider_server::{answer, backend, completion, question, run, said, url};

fn client(address: SocketAddr) -> ClientWithMiddleware {
    ClientBuilder::new(reqwest::Client::new())
        .with(ModelCalls::new().host(address.to_string(), "openai"))
        .with(CurrentSpan)
        .build()
}

/// Asks and reads the answer to its end.
fn asked(address: SocketAddr, stream: bool) -> (u16, String) {
    run(async {
        let request = client(address).post(url(address)).body(question(stream));
        let response = request.send().await.unwrap();
        assert_eq!(response.url().as_str(), url(address));
        (response.status().as_u16(), response.text().await.unwrap())
    })
}

#[test]
fn a_call_without_any_attribute_is_the_span_of_one_with_it() {
    #[genai_chat(provider = "openai", url = url, request = body)]
    async fn chat(url: &str, body: &str) -> Result<String, reqwest::Error> {
        let request = reqwest::Client::new().post(url).body(body.to_owned());
        request.send().await?.text().await
    }
    let (address, _requests) = backend(completion());
    let annotated = recorded(|| {
        run(chat(&url(address), &question(false))).unwrap();
    });
    let bare = recorded(|| {
        let (status, text) = asked(address, false);
        assert!(status == 200 && text.contains("chatcmpl-1"));
    });
    assert_eq!(
        said(bare.span("chat gpt-4o")),
        said(annotated.span("chat gpt-4o"))
    );
    let tokens = bare
        .span("chat gpt-4o")
        .attributes
        .int("gen_ai.usage.input_tokens");
    assert_eq!(tokens, Some(12));
}

#[test]
fn a_call_inside_an_annotated_one_is_that_one() {
    #[genai_chat(provider = "openai", url = url(address), request = question(false))]
    fn chat(address: SocketAddr) -> String {
        asked(address, false).1
    }
    let (address, _requests) = backend(completion());
    let recorded = recorded(|| {
        chat(address);
    });
    assert_eq!(recorded.outline().lines().count(), 1, "{}", recorded.tree());
    let tokens = recorded
        .span("chat gpt-4o")
        .attributes
        .int("gen_ai.usage.output_tokens");
    assert_eq!(tokens, Some(3));
}

#[test]
fn the_request_of_a_call_names_its_span() {
    let (address, requests) = backend(completion());
    let recorded = recorded(|| {
        asked(address, false);
    });
    let span = recorded.span("chat gpt-4o");
    let wanted = format!("traceparent: 00-{}-{}-01", span.trace_id, span.span_id);
    let request = requests.recv().unwrap();
    assert!(request.contains(&wanted), "{request}");
}

fn events(done: bool) -> String {
    let mut body = String::new();
    let chunk = |delta: serde_json::Value, reason: serde_json::Value| {
        let choice = json!({ "index": 0, "delta": delta, "finish_reason": reason });
        let chunk = json!({ "id": "c-1", "object": "chat.completion.chunk", "model": "gpt-4o-2024-08-06", "choices": [choice] });
        format!("data: {chunk}\n\n")
    };
    body.push_str(&chunk(
        json!({ "role": "assistant", "content": "Hi" }),
        json!(null),
    ));
    body.push_str(&chunk(json!({}), json!("stop")));
    if done {
        body.push_str("data: [DONE]\n\n");
    }
    body
}

#[test]
fn a_streamed_answer_lasts_until_its_end_and_says_its_chunks() {
    let (address, _requests) = backend(answer("200 OK", "text/event-stream", &events(true)));
    let recorded = recorded(|| {
        asked(address, true);
    });
    let span = recorded.span("chat gpt-4o");
    assert_eq!(span.attributes.str("gen_ai.response.id"), Some("c-1"));
    assert!(
        span.attributes
            .get("gen_ai.response.time_to_first_chunk")
            .is_some()
    );
    assert_eq!(span.outcome(), Outcome::Ok);
}

#[test]
fn an_answer_that_nobody_reads_is_abandoned_and_one_that_is_refused_an_error() {
    fn left(answer: String) -> Recorded {
        let (address, _requests) = backend(answer);
        recorded(|| {
            run(async {
                let request = client(address).post(url(address)).body(question(false));
                drop(request.send().await.unwrap());
            });
        })
    }
    let recorded = left(completion());
    assert_eq!(recorded.span("chat gpt-4o").outcome(), Outcome::Abandoned);
    let refused = json!({ "error": { "message": "slow down", "type": "requests", "code": "rate_limit_exceeded" } });
    let recorded = left(answer(
        "429 Too Many Requests",
        "application/json",
        &refused.to_string(),
    ));
    let span = recorded.span("chat gpt-4o");
    assert_eq!(span.status, Status::Error);
}

#[test]
fn an_answer_without_a_body_is_one_when_its_head_is_there() {
    let (address, _requests) = backend(answer("401 Unauthorized", "text/plain", ""));
    let recorded = recorded(|| {
        run(async {
            let request = client(address).post(url(address)).body(question(false));
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 401);
            span("while it is held").run(|| {});
            drop(response);
        });
    });
    let call = recorded.span("chat gpt-4o");
    assert_eq!(call.attributes.str("error.type"), Some("401"));
    assert!(call.end_unix_nano <= recorded.span("while it is held").start_unix_nano);
}

#[test]
fn a_call_that_is_left_before_its_answer_is_cancelled_and_one_without_a_server_fails() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let recorded = recorded(|| {
        run(async {
            let send = client(address)
                .post(url(address))
                .body(question(false))
                .send();
            let mut send = Box::pin(send);
            let polled = std::future::poll_fn(|cx| {
                std::task::Poll::Ready(send.as_mut().poll(cx).is_pending())
            });
            assert!(polled.await);
            drop(send);
        });
        drop(listener);
        run(async {
            let request = client(address).post(url(address)).body(question(false));
            request.send().await.unwrap_err();
        });
    });
    let mut outcomes: Vec<_> = recorded.spans.iter().map(SpanRecord::outcome).collect();
    outcomes.sort_by_key(|outcome| format!("{outcome:?}"));
    assert_eq!(outcomes, [Outcome::Cancelled, Outcome::Error]);
}

#[test]
fn what_is_no_call_of_a_model_leaves_no_span() {
    let (address, _requests) = backend(completion());
    let recorded = recorded(|| {
        run(async {
            // No model is asked for anything.
            let models = client(address).get(format!("http://{address}/v1/models"));
            models.send().await.unwrap();
            // Nobody's host.
            let unknown = ClientBuilder::new(reqwest::Client::new())
                .with(ModelCalls::new())
                .build();
            unknown
                .post(url(address))
                .body(question(false))
                .send()
                .await
                .unwrap();
        });
    });
    assert!(recorded.spans.is_empty(), "{}", recorded.tree());
}

#[test]
fn a_request_takes_the_current_span_along() {
    let recorded = recorded(|| {
        let request = span("turn").run(|| {
            let request = reqwest::Client::new()
                .get("http://127.0.0.1/")
                .header("traceparent", "old");
            request.inject_span().build().unwrap()
        });
        assert_eq!(request.headers().get_all("traceparent").iter().count(), 1);
        let carrier = genai_trace::Carrier::extract(request.headers());
        span("below").parent(&carrier).run(|| {});
    });
    assert_eq!(recorded.outline(), "turn\n.below");
}

#[test]
fn a_request_that_named_another_trace_keeps_nothing_of_it() {
    recorded(|| {
        span("turn").run(|| {
            let client = reqwest::Client::new();
            let request = client
                .get("http://127.0.0.1/")
                .header("tracestate", "old=1");
            let request = request.inject_span().build().unwrap();
            let carrier = genai_trace::Carrier::extract(request.headers());
            let context = carrier.context().unwrap();
            assert_eq!(context.trace_state(), None);
            // Where there was none, none is said.
            let request = client.get("http://127.0.0.1/").inject_span();
            let headers = request.build().unwrap().headers().clone();
            assert!(headers.contains_key("traceparent") && !headers.contains_key("tracestate"));
        });
    });
}
