//! Functions that return a stream: the span lives until the stream ends, fails or is dropped.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use futures::stream::{self, BoxStream, Stream, StreamExt, TryStreamExt};
use genai_trace::{Outcome, genai_chat, genai_span, genai_tool, record};
use genai_trace_tests::{block_on, recorded, yield_once};

#[genai_tool]
fn inner() {}

#[derive(Debug)]
struct Busy;

#[genai_tool]
fn count(up_to: u8) -> impl Stream<Item = u8> {
    inner();
    stream::iter(0..up_to).then(|n| async move {
        yield_once().await;
        inner();
        n
    })
}

#[genai_chat(provider = "openai", model = model, stream)]
async fn chat<'a>(
    model: &'a str,
    chunks: &'a [&'a str],
) -> Result<BoxStream<'a, Result<String, Busy>>, io::Error> {
    if chunks.is_empty() {
        return Err(io::Error::from(io::ErrorKind::ConnectionRefused));
    }
    yield_once().await;
    Ok(Box::pin(stream::iter(chunks).map(|chunk| match *chunk {
        "busy" => Err(Busy),
        chunk => {
            record!(gen_ai.usage.output_tokens = 3);
            Ok(chunk.to_owned())
        }
    })))
}

type Chunks = Pin<Box<dyn Stream<Item = u8> + Send>>;

#[genai_span]
fn aliased() -> Chunks {
    Box::pin(stream::iter([1, 2, 3]))
}

#[genai_chat(model = "m", stream, ret_fields("last" = |n| i64::from(*n)))]
async fn aliased_in_a_result() -> Result<Chunks, Busy> {
    Ok(aliased())
}

#[genai_span]
fn failing() -> Pin<Box<dyn Stream<Item = io::Result<u8>>>> {
    Box::pin(stream::iter([
        Ok(1),
        Err(io::Error::from(io::ErrorKind::TimedOut)),
        Ok(2),
    ]))
}

#[genai_chat(model = "slow")]
fn slow() -> impl Stream<Item = u8> {
    stream::iter([20, 5, 5]).map(|wait| {
        std::thread::sleep(Duration::from_millis(wait));
        1
    })
}

#[test]
fn a_stream_keeps_its_span_until_its_end() {
    let recorded = recorded(|| {
        let numbers: Vec<u8> = block_on(count(2).collect());
        assert_eq!(numbers, [0, 1]);
    });
    assert_eq!(
        recorded.outline(),
        "execute_tool count\n.execute_tool inner\n.execute_tool inner\n.execute_tool inner"
    );
    let span = recorded.span("execute_tool count");
    assert_eq!(span.outcome(), Outcome::Ok);
    assert_eq!(span.attributes.int("genai_trace.stream.chunks"), Some(2));
    assert_eq!(
        span.attributes.get("gen_ai.response.time_to_first_chunk"),
        None
    );
}

#[test]
fn a_chat_tells_when_its_first_chunk_came() {
    let recorded = recorded(|| assert_eq!(block_on(slow().count()), 3));
    let span = recorded.span("chat slow");
    let first = span.attributes.get("gen_ai.response.time_to_first_chunk");
    let first = first.and_then(|first| first.as_float()).expect("a time");
    let whole = span.duration().as_secs_f64();
    assert!(
        first >= 0.020 && first + 0.010 <= whole,
        "{first} of {whole}"
    );
    let metric = |series: &str| recorded.metric(&format!("gen_ai_client_inference_{series}"));
    let labels = r#"{gen_ai_operation_name="chat",gen_ai_request_model="slow"}"#;
    assert_eq!(
        metric(&format!("time_to_first_chunk_seconds_count{labels}")),
        Some(1.0),
        "{}",
        recorded.metrics
    );
    assert_eq!(
        metric(&format!("time_per_output_chunk_seconds_count{labels}")),
        Some(2.0)
    );
    let sum = metric(&format!("time_per_output_chunk_seconds_sum{labels}")).expect("a sum");
    assert!(sum >= 0.010 && first + sum <= whole, "{sum} of {whole}");
}

#[test]
fn a_stream_that_is_given_later_belongs_to_the_call_that_asked_for_it() {
    let recorded = recorded(|| {
        let chunks = block_on(async {
            let stream = chat("gpt-4o", &["a", "b"]).await.expect("a stream");
            stream.try_collect::<Vec<_>>().await
        });
        assert_eq!(chunks.expect("no chunk fails"), ["a", "b"]);
    });
    let span = recorded.span("chat gpt-4o");
    assert_eq!(span.attributes.int("genai_trace.stream.chunks"), Some(2));
    assert_eq!(span.attributes.int("gen_ai.usage.output_tokens"), Some(3));
    assert_eq!(span.outcome(), Outcome::Ok);
}

#[test]
fn a_stream_that_is_refused_ends_its_span_at_once() {
    let recorded = recorded(|| assert!(block_on(chat("gpt-4o", &[])).is_err()));
    let span = recorded.span("chat gpt-4o");
    assert_eq!(span.attributes.str("error.type"), Some("ConnectionRefused"));
    assert_eq!(span.attributes.get("genai_trace.stream.chunks"), None);
}

#[test]
fn the_first_item_that_is_an_error_is_the_error_of_the_span() {
    let recorded = recorded(|| {
        assert_eq!(block_on(failing().count()), 3);
        let result = block_on(async {
            let stream = chat("gpt-4o", &["a", "busy", "b"]).await.expect("a stream");
            stream.try_collect::<Vec<_>>().await
        });
        assert!(result.is_err());
    });
    let span = recorded.span("failing");
    assert_eq!(span.attributes.str("error.type"), Some("TimedOut"));
    assert_eq!(span.attributes.int("genai_trace.stream.chunks"), Some(3));
    let span = recorded.span("chat gpt-4o");
    assert_eq!(
        (span.outcome(), span.attributes.str("error.type")),
        (Outcome::Error, Some("Busy"))
    );
    assert_eq!(span.attributes.int("genai_trace.stream.chunks"), Some(2));
}

#[test]
fn a_stream_that_is_dropped_is_abandoned_or_never_polled() {
    let recorded = recorded(|| {
        drop(count(3));
        assert_eq!(block_on(count(3).take(1).count()), 1);
    });
    let outcomes: Vec<_> = recorded
        .spans
        .iter()
        .filter(|span| span.name == "execute_tool count")
        .map(|span| {
            (
                span.outcome(),
                span.attributes.int("genai_trace.stream.chunks"),
            )
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            (Outcome::NeverPolled, Some(0)),
            (Outcome::Abandoned, Some(1))
        ]
    );
}

#[test]
fn streams_behind_an_alias_are_streams() {
    let recorded = recorded(|| {
        assert_eq!(block_on(aliased().count()), 3);
        block_on(async {
            assert_eq!(
                aliased_in_a_result().await.expect("a stream").count().await,
                3
            )
        });
    });
    assert_eq!(recorded.outline(), "aliased\nchat m\n.aliased");
    let chat = recorded.span("chat m");
    assert_eq!(chat.attributes.int("last"), Some(3));
    assert_eq!(
        chat.attributes
            .get("gen_ai.request.stream")
            .and_then(|s| s.as_bool()),
        Some(true)
    );
}

#[test]
fn a_stream_that_panics_ends_its_span_and_goes_on() {
    #[genai_span]
    fn panicking() -> impl Stream<Item = u8> {
        stream::iter([1]).map(|_| panic!("out of chunks"))
    }
    let recorded = recorded(|| {
        let caught = std::panic::catch_unwind(|| block_on(panicking().count()));
        assert!(caught.is_err());
    });
    let span = recorded.span("panicking");
    assert_eq!(
        (span.outcome(), span.status_message.as_str()),
        (Outcome::Panicked, "out of chunks")
    );
}
