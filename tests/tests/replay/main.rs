//! Exchanges with model providers as they were recorded, played by a server on the loopback to functions under
//! attributes: the spans say what is expected of each.

mod asked;
mod client;
mod compare;
mod corpus;
mod server;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use futures::StreamExt;
use futures::stream::LocalBoxStream;
use genai_trace::content::ContentMode;
use genai_trace::provider::{Origin, StreamReader};
use genai_trace::{
    Builder as Telemetry, ExportError, LogExporter, LogRecord, SpanKind, SpanRecord, Status,
    genai_agent,
};
use genai_trace_tests::conformance::{Finding, Namespaces, check_events};
use genai_trace_tests::{Recorded, recorded_unchecked_as};
use reqwest::{Client, Error};
use serde_json::{Map, Value};
use tokio::runtime::{Builder, Runtime};

use client::{Call, chat, embeddings, generate_content, text_completion};
use compare::{differences, expect_of};
use corpus::Exchange;

/// Who plays the exchanges, and where.
struct Stage {
    exchanges: Arc<Vec<Exchange>>,
    server: SocketAddr,
    http: Client,
    runtime: Runtime,
}

/// What an exchange has left.
struct Played<'a> {
    exchange: &'a Exchange,
    /// The span of the call.
    call: SpanRecord,
    /// The span of the agent that made it.
    agent: SpanRecord,
}

/// The one above every call, which has no tokens of its own.
#[genai_agent("player", fields("app.exchange" = call.number))]
async fn player<'a>(call: Call<'a>, work: impl AsyncFn(Call<'a>)) {
    work(call).await;
}

impl Stage {
    /// None where there is no corpus.
    fn new() -> Option<Self> {
        let exchanges = Arc::new(corpus::exchanges());
        (!exchanges.is_empty()).then(|| Self {
            server: server::serve(Arc::clone(&exchanges)),
            exchanges,
            http: Client::new(),
            runtime: Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime"),
        })
    }

    /// Plays the exchanges that `choose` chooses, streams in `pieces`: what each has left.
    fn play<'a>(
        &'a self,
        choose: impl Fn(&Exchange) -> bool,
        pieces: usize,
        work: impl AsyncFn(Call<'a>),
    ) -> Vec<Played<'a>> {
        self.play_as(|telemetry| telemetry, choose, pieces, work)
    }

    /// The same with telemetry of which `say` says more.
    fn play_as<'a>(
        &'a self,
        say: impl FnOnce(Telemetry) -> Telemetry,
        choose: impl Fn(&Exchange) -> bool,
        pieces: usize,
        work: impl AsyncFn(Call<'a>),
    ) -> Vec<Played<'a>> {
        let chosen = self.exchanges.iter().enumerate();
        let chosen: Vec<_> = chosen.filter(|(_, exchange)| choose(exchange)).collect();
        let recorded = recorded_unchecked_as(say, |_| {
            self.runtime.block_on(async {
                for (number, exchange) in &chosen {
                    let call = Call {
                        http: &self.http,
                        server: self.server,
                        exchange,
                        number: *number,
                        pieces,
                    };
                    player(call, &work).await;
                }
            });
        });
        assert_eq!(recorded.spans.len(), 2 * chosen.len());
        is_as_the_conventions_have_it(&recorded.spans, &[]);
        let played = chosen.into_iter().map(|(number, exchange)| {
            let (call, agent) = left(&recorded, number);
            Played {
                exchange,
                call,
                agent,
            }
        });
        played.collect()
    }
}

/// Holds spans, and events of theirs, against the conventions.
fn is_as_the_conventions_have_it(spans: &[SpanRecord], events: &[LogRecord]) {
    let mut findings = check_events(spans, events, Namespaces::These(&["app."]));
    findings.retain(|finding| !is_of_the_provider(finding));
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

/// Keeps events.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<Vec<LogRecord>>>);

impl LogExporter for Events {
    fn name(&self) -> &str {
        "events"
    }

    fn export(&mut self, events: &[LogRecord]) -> Result<(), ExportError> {
        self.0.lock().expect("no panic").extend_from_slice(events);
        Ok(())
    }
}

/// Whether a finding is the doing of a provider: some count more tokens as cached than they bill, or more of
/// reasoning than of output; and Cohere gives its embeddings an id. Or that of the corpus, where images are cut.
fn is_of_the_provider(finding: &Finding) -> bool {
    let id = "gen_ai.response.id does not belong on gen_ai.client.embeddings";
    let is_cut = finding.what.contains("no base64") && finding.what.contains("...(cut)");
    finding.rule == "part" || finding.what == id || is_cut
}

/// The span of the call of exchange `number`, and that of the agent.
fn left(recorded: &Recorded, number: usize) -> (SpanRecord, SpanRecord) {
    let is_its = |span: &&SpanRecord| {
        let said = span.attributes.int("app.exchange");
        said.and_then(|said| said.try_into().ok()) == Some(number)
    };
    let agent = recorded.spans.iter().find(is_its).expect("an agent's span");
    let is_below = |span: &&SpanRecord| span.parent_span_id == Some(agent.span_id);
    let call = recorded.spans.iter().find(is_below).expect("a call's span");
    (call.clone(), agent.clone())
}

/// The operation that a call of the provider's is.
fn operation(exchange: &Exchange) -> &'static str {
    match exchange.api.as_str() {
        "completions" | "generate" => "text_completion",
        "generate_content" => "generate_content",
        "embeddings" | "embed" | "embed_content" => "embeddings",
        _ => "chat",
    }
}

/// Calls the function that fits the exchange.
macro_rules! fitting {
    ($function:ident, $call:expr) => {
        match operation($call.exchange) {
            "text_completion" => text_completion::$function($call).await.map(drop),
            "generate_content" => generate_content::$function($call).await.map(drop),
            "embeddings" => embeddings::$function($call).await.map(drop),
            _ => chat::$function($call).await.map(drop),
        }
    };
}

type Pieces<'a> = LocalBoxStream<'a, Result<Vec<u8>, Error>>;

async fn streamed(call: Call<'_>) -> Pieces<'_> {
    let opened = match operation(call.exchange) {
        "text_completion" => text_completion::stream(call)
            .await
            .map(StreamExt::boxed_local),
        "generate_content" => generate_content::stream(call)
            .await
            .map(StreamExt::boxed_local),
        _ => chat::stream(call).await.map(StreamExt::boxed_local),
    };
    opened.expect("an answer")
}

/// Says which spans are not as they are to be, under the `operation` of each.
fn check(
    what: &str,
    played: &[Played<'_>],
    operation: fn(&Exchange) -> &'static str,
    expect: impl Fn(&Exchange) -> Map<String, Value>,
) {
    let mut wrong = Vec::new();
    for it in played {
        let mut differences = differences(&it.call, &expect(it.exchange));
        let first = operation(it.exchange);
        let name = match it.exchange.model() {
            Some(model) => format!("{first} {model}"),
            None => first.to_owned(),
        };
        if (it.call.name.as_str(), it.call.kind) != (&name, SpanKind::Client) {
            differences.push(format!(
                "it is a {:?} called {:?}",
                it.call.kind, it.call.name
            ));
        }
        let provider = it.call.attributes.str("gen_ai.provider.name");
        if provider != Some(&it.exchange.provider) {
            differences.push(format!("the provider is {provider:?}"));
        }
        differences.extend(above(it));
        let file = &it.exchange.file;
        wrong.extend(differences.into_iter().map(|it| format!("{file}: {it}")));
    }
    println!("{what}: {} exchanges played", played.len());
    let count = wrong.len();
    assert!(wrong.is_empty(), "{count} differ:\n{}", wrong.join("\n"));
}

/// What is wrong on the agent's span: it has totals, and nothing that only a call has.
fn above(it: &Played<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (key, _) in it.agent.attributes.iter() {
        if key.starts_with("gen_ai.usage.") || key.starts_with("gen_ai.response.") {
            wrong.push(format!("{key} is repeated above the call"));
        }
    }
    for tokens in ["input_tokens", "output_tokens"] {
        let total = it
            .agent
            .attributes
            .int(&format!("genai_trace.total.{tokens}"));
        let used = it.call.attributes.int(&format!("gen_ai.usage.{tokens}"));
        if total.unwrap_or(0) != used.unwrap_or(0) {
            wrong.push(format!("{total:?} {tokens} above a call of {used:?}"));
        }
    }
    wrong
}

fn any(_: &Exchange) -> bool {
    true
}

#[test]
fn a_body_that_is_returned_as_text_says_what_is_expected() {
    let Some(stage) = Stage::new() else { return };
    let is_text = |it: &Exchange| it.format != "aws-eventstream";
    let played = stage.play(is_text, 64, async |call| {
        fitting!(text, call).expect("an answer")
    });
    check("text", &played, operation, Exchange::expect_of_body);
}

#[test]
fn a_body_that_is_returned_as_bytes_says_what_is_expected() {
    let Some(stage) = Stage::new() else { return };
    let played = stage.play(any, 64, async |call| {
        fitting!(bytes, call).expect("an answer")
    });
    check("bytes", &played, operation, Exchange::expect_of_body);
}

#[test]
fn a_body_that_is_returned_as_json_says_what_is_expected() {
    let Some(stage) = Stage::new() else { return };
    let is_json = |it: &Exchange| !it.is_streamed();
    let played = stage.play(is_json, 64, async |call| {
        fitting!(json, call).expect("an answer")
    });
    check("json", &played, operation, Exchange::expect_of_body);
}

#[test]
fn every_call_may_stand_under_the_attribute_of_a_chat() {
    let Some(stage) = Stage::new() else { return };
    let played = stage.play(any, 64, async |call| drop(chat::bytes(call).await));
    check("chat", &played, |_| "chat", Exchange::expect_of_body);
}

#[test]
fn an_answer_that_keeps_its_status_and_headers_says_all_that_is_expected() {
    let Some(stage) = Stage::new() else { return };
    let is_json = |it: &Exchange| !it.is_streamed();
    let played = stage.play(is_json, 64, async |call| {
        fitting!(reply, call).expect("an answer")
    });
    check("reply", &played, operation, |it| it.expect.clone());
}

#[test]
fn what_was_said_has_the_form_of_the_conventions_on_spans_and_in_events() {
    let Some(stage) = Stage::new() else { return };
    let events = Events::default();
    let keep = |telemetry: Telemetry| {
        let telemetry = telemetry.content(ContentMode::SpanAndEvent);
        telemetry.log_exporter(events.clone())
    };
    let played = stage.play_as(keep, any, 64, async |call| {
        fitting!(bytes, call).expect("an answer");
    });
    let spans: Vec<_> = played.iter().map(|it| it.call.clone()).collect();
    let events = events.0.lock().expect("no panic");
    is_as_the_conventions_have_it(&spans, &events);
    let details = "gen_ai.client.inference.operation.details";
    for it in &played {
        let mut its = events
            .iter()
            .filter(|event| event.span_id == Some(it.call.span_id) && event.event_name == details);
        let event = its.next();
        let is_inference = operation(it.exchange) != "embeddings";
        let file = &it.exchange.file;
        assert_eq!(event.is_some(), is_inference, "{file}");
        // What went wrong is an event of its own, and none of the span as well.
        let is_exception = |event: &&LogRecord| {
            event.event_name == "gen_ai.client.operation.exception"
                && event.span_id == Some(it.call.span_id)
        };
        let exceptions = events.iter().filter(is_exception).count();
        let is_error = it.call.status == Status::Error;
        assert_eq!(exceptions, usize::from(is_error), "{file}");
        assert!(it.call.events.is_empty(), "{file}");
        let Some(event) = event else { continue };
        for key in ["gen_ai.input.messages", "gen_ai.output.messages"] {
            let on_span = it
                .call
                .attributes
                .str(key)
                .map(serde_json::from_str::<Value>);
            let on_span = on_span.transpose().expect("JSON");
            assert_eq!(event.attributes.get(key), on_span.as_ref(), "{file}: {key}");
        }
        // Whatever was generated was said.
        let has_tokens = it.call.attributes.int("gen_ai.usage.output_tokens") > Some(0);
        let has_output = event.attributes.contains_key("gen_ai.output.messages");
        assert!(has_output || !has_tokens, "{file}: nothing was said");
    }
    println!("contents: {} exchanges played", played.len());
}

#[test]
fn what_was_asked_stands_on_the_span_as_the_request_says_it() {
    let Some(stage) = Stage::new() else { return };
    let asks = |it: &Exchange| it.api != "rerank" && it.api != "interactions";
    let played = stage.play(asks, 64, async |call| {
        if call.exchange.is_streamed() {
            streamed(call).await.for_each(async |_| {}).await;
        } else {
            fitting!(bytes, call).expect("an answer");
        }
    });
    let mut wrong = Vec::new();
    for it in &played {
        let generates = operation(it.exchange) != "embeddings";
        let differences = asked::differences(&it.call, it.exchange, generates);
        let file = &it.exchange.file;
        wrong.extend(differences.into_iter().map(|it| format!("{file}: {it}")));
    }
    println!("requests: {} exchanges played", played.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_call_that_is_refused_is_an_error_by_the_providers_name_for_it() {
    let Some(stage) = Stage::new() else { return };
    let played = stage.play(Exchange::is_refused, 64, async |call| {
        assert!(fitting!(checked, call).is_err());
    });
    check("refused", &played, operation, |it| it.expect.clone());
}

#[test]
fn a_stream_says_what_is_expected_however_it_is_cut() {
    let Some(stage) = Stage::new() else { return };
    for pieces in [1, 7, 13, 101, 997, usize::MAX] {
        // A few hundred kilobytes are enough, byte for byte.
        let is_chosen = |it: &Exchange| it.is_streamed() && it.body.len() / pieces < 6_000;
        let played = stage.play(is_chosen, pieces, async |call| {
            let mut stream = streamed(call).await;
            let mut body = Vec::new();
            while let Some(piece) = stream.next().await {
                let piece = piece.expect("a piece");
                assert!(piece.len() <= pieces);
                body.extend(piece);
            }
            assert_eq!(body, call.exchange.body);
        });
        let what = format!("streams in pieces of {pieces}");
        check(&what, &played, operation, |it| it.expect.clone());
        for it in &played {
            let chunks = it.call.attributes.int("genai_trace.stream.chunks");
            let least = it.exchange.body.len().div_ceil(pieces);
            assert!(chunks.and_then(|it| it.try_into().ok()) >= Some(least));
        }
    }
}

#[test]
fn a_stream_of_parsed_parts_says_what_is_expected() {
    let Some(stage) = Stage::new() else { return };
    let is_text = |it: &Exchange| it.is_streamed() && it.format != "aws-eventstream";
    let played = stage.play(is_text, 64, async |call| {
        let parts = match operation(call.exchange) {
            "text_completion" => text_completion::parts(call)
                .await
                .map(StreamExt::boxed_local),
            "generate_content" => generate_content::parts(call)
                .await
                .map(StreamExt::boxed_local),
            _ => chat::parts(call).await.map(StreamExt::boxed_local),
        };
        parts.expect("an answer").for_each(async |_| {}).await;
    });
    check("parsed parts", &played, operation, |it| it.expect.clone());
}

#[test]
fn a_stream_that_is_left_at_its_error_is_an_error() {
    let Some(stage) = Stage::new() else { return };
    let fails = |it: &Exchange| it.is_streamed() && it.expect.contains_key("error_type");
    let played = stage.play(fails, usize::MAX, async |call| {
        let mut stream = streamed(call).await;
        let mut seen = 0;
        while seen < call.exchange.body.len() {
            seen += stream
                .next()
                .await
                .expect("a piece")
                .expect("a piece")
                .len();
        }
    });
    check("left at an error", &played, operation, |it| {
        it.expect.clone()
    });
}

#[test]
fn a_stream_that_is_dropped_half_way_says_what_was_seen_and_no_more() {
    let Some(stage) = Stage::new() else { return };
    for (pieces, eighths) in [(7, 1), (13, 3), (41, 4), (31, 6), (53, 7)] {
        let most = |it: &Exchange| it.body.len() * eighths / 8 / pieces;
        let played = stage.play(Exchange::is_streamed, pieces, async |call| {
            let mut stream = streamed(call).await;
            let mut seen = 0;
            while seen < most(call.exchange) * pieces {
                let piece = stream.next().await.expect("a piece").expect("a piece");
                seen += piece.len();
            }
        });
        let seen = |exchange: &Exchange| {
            let mut reader = StreamReader::new(&Origin::default().provider(&exchange.provider));
            reader.bytes(&exchange.body[..most(exchange) * pieces]);
            reader.facts().unwrap_or_default()
        };
        let what = format!("streams dropped after {eighths} eighths");
        check(&what, &played, operation, |it| expect_of(&seen(it)));
        for it in &played {
            let outcome = it.call.attributes.str("genai_trace.outcome");
            let expected = seen(it.exchange).error.is_none().then_some("abandoned");
            assert_eq!(outcome, expected, "{}", it.exchange.file);
        }
    }
}

#[test]
fn a_response_that_is_fetched_says_where_it_stands_and_used_no_tokens() {
    let Some(stage) = Stage::new() else { return };
    let stands = |it: &Exchange| it.expect.contains_key("response_status") && !it.is_streamed();
    let played = stage.play(stands, 64, async |call| drop(client::fetch(call).await));
    for it in &played {
        let file = &it.exchange.file;
        let status = it.call.attributes.str("gen_ai.response.status");
        assert_eq!(
            status,
            it.exchange.expect["response_status"].as_str(),
            "{file}"
        );
        let mut expect = it.exchange.expect.clone();
        expect.retain(|key, _| !key.ends_with("_tokens"));
        let differences = differences(&it.call, &expect);
        assert!(differences.is_empty(), "{file}: {differences:?}");
    }
    println!("fetched: {} exchanges played", played.len());
}

#[test]
fn a_search_among_documents_is_a_retrieval() {
    let Some(stage) = Stage::new() else { return };
    let is_search = |it: &Exchange| it.api == "rerank";
    let played = stage.play(is_search, 64, async |call| drop(client::rerank(call).await));
    for it in &played {
        assert_eq!(it.call.name, "retrieval");
        let model = it.call.attributes.str("gen_ai.request.model");
        assert_eq!(model, it.exchange.model().as_deref());
        // A search generates nothing: the conventions have no tokens and no response on it.
        let mut said = it.call.attributes.iter().map(|(key, _)| key);
        assert!(
            !said
                .any(|key| key.starts_with("gen_ai.usage.") || key.starts_with("gen_ai.response."))
        );
    }
    println!("retrievals: {} exchanges played", played.len());
}
