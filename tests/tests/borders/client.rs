//! What a client sends through layers: calls of models are spans, and all of it says where it comes from.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::task::{Context, Poll};

use axum::body::Bytes;
use futures::StreamExt;
use genai_trace::tower::{ClientBody, ClientLayer, ClientService, InjectLayer, SentBody};
use genai_trace::{Outcome, SpanRecord, genai_chat, span};
use genai_trace_tests::{block_on, recorded};
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tower::{Layer, Service, ServiceExt};

use crate::provider_server::{answer, backend, completion, question, run, said, url};

/// A client of hyper as users have it, layered.
type Layered = ClientService<Client<HttpConnector, SentBody<Full<Bytes>>>>;

fn client(address: SocketAddr) -> Layered {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let layer = ClientLayer::new().host(address.to_string(), "openai");
    layer.layer(client)
}

fn post<B>(address: SocketAddr, body: B) -> Request<B> {
    let request = Request::post(url(address)).header("content-type", "application/json");
    request.body(body).unwrap()
}

/// Asks and reads the answer to its end.
fn asked(address: SocketAddr) -> String {
    run(async {
        let request = post(address, Full::new(Bytes::from(question(false))));
        let response = client(address).oneshot(request).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    })
}

#[test]
fn a_call_that_hyper_sends_is_the_span_of_an_annotated_one() {
    #[genai_chat(provider = "openai", url = url, request = body)]
    async fn chat(
        client: Client<HttpConnector, Full<Bytes>>,
        url: &str,
        body: &str,
    ) -> Result<String, hyper_util::client::legacy::Error> {
        let request = Request::post(url).body(Full::new(Bytes::from(body.to_owned())));
        let response = client.request(request.unwrap()).await?;
        let body = response.into_body().collect().await.unwrap().to_bytes();
        Ok(String::from_utf8(body.to_vec()).unwrap())
    }
    let (address, _requests) = backend(completion());
    let annotated = recorded(|| {
        let client = Client::builder(TokioExecutor::new()).build_http();
        run(chat(client, &url(address), &question(false))).unwrap();
    });
    let bare = recorded(|| assert!(asked(address).contains("chatcmpl-1")));
    let bare = bare.span("chat gpt-4o");
    assert_eq!(said(bare), said(annotated.span("chat gpt-4o")));
    assert_eq!(bare.attributes.int("gen_ai.usage.input_tokens"), Some(12));
}

#[test]
fn a_call_is_sent_whole_and_names_its_span() {
    let (address, requests) = backend(completion());
    let recorded = recorded(|| {
        span("turn").run(|| asked(address));
    });
    assert_eq!(recorded.outline(), "turn\n.chat gpt-4o 12/3 tokens");
    let call = recorded.span("chat gpt-4o");
    let request = requests.recv().unwrap();
    let wanted = format!("traceparent: 00-{}-{}-01", call.trace_id, call.span_id);
    assert!(request.contains(&wanted), "{request}");
    let length = format!("content-length: {}\r\n", question(false).len());
    assert!(request.contains(&length), "{request}");
    assert!(request.ends_with(&question(false)), "{request}");
}

#[test]
fn a_call_inside_an_annotated_one_is_that_one() {
    #[genai_chat(provider = "openai", url = url(address), request = question(false))]
    fn chat(address: SocketAddr) -> String {
        asked(address)
    }
    let (address, _requests) = backend(completion());
    let recorded = recorded(|| {
        chat(address);
    });
    assert_eq!(recorded.outline(), "chat gpt-4o 12/3 tokens");
}

/// Answers every request with the body and the headers that came.
#[derive(Clone)]
struct Echo;

impl<B> Service<Request<B>> for Echo {
    type Response = Response<B>;
    type Error = Infallible;
    type Future = Ready<Result<Response<B>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (head, body) = request.into_parts();
        let mut response = Response::new(body);
        *response.headers_mut() = head.headers;
        ready(Ok(response))
    }
}

/// What is answered to a request for a completion of which this is the body.
fn echoed<B: Body>(body: B) -> Response<ClientBody<SentBody<B>>> {
    let request = Request::post("https://api.openai.com/v1/chat/completions");
    let layered = ClientLayer::new().layer(Echo);
    let Ok(response) = block_on(layered.oneshot(request.body(body).unwrap()));
    response
}

#[test]
fn a_body_in_parts_goes_on_as_it_was_and_what_is_still_to_come_is_no_call() {
    let text = question(false);
    let (one, other) = text.split_at(20);
    let parts = || {
        let mut trailers = HeaderMap::new();
        trailers.insert("x-sum", "1".parse().unwrap());
        let frames = [
            Frame::data(Bytes::copy_from_slice(one.as_bytes())),
            Frame::data(Bytes::copy_from_slice(other.as_bytes())),
            Frame::trailers(trailers),
        ];
        futures::stream::iter(frames.map(Ok::<_, Infallible>))
    };
    let whole = recorded(|| {
        let sent = block_on(echoed(StreamBody::new(parts())).into_body().collect()).unwrap();
        assert!(sent.trailers().is_some_and(|sent| sent["x-sum"] == "1"));
        assert_eq!(sent.to_bytes(), text);
    });
    assert_eq!(whole.outline(), "chat gpt-4o");
    let late = recorded(|| {
        let pause = futures::stream::once(genai_trace_tests::yield_once());
        let pause = pause.filter_map(|()| ready(None));
        let late = parts().take(1).chain(pause).chain(parts().skip(1));
        let sent = block_on(
            echoed(StreamBody::new(Box::pin(late)))
                .into_body()
                .collect(),
        );
        assert_eq!(sent.unwrap().to_bytes(), text);
    });
    assert!(late.spans.is_empty(), "{}", late.tree());
}

#[test]
fn what_is_no_call_of_a_model_names_the_current_span_alone() {
    let recorded = recorded(|| {
        span("turn").run(|| {
            let layered = ClientLayer::new().layer(Echo);
            let request = Request::get("https://api.openai.com/v1/models")
                .header("traceparent", "old")
                .header("tracestate", "old=1");
            let request = request.body(Empty::<Bytes>::new()).unwrap();
            let Ok(response) = block_on(layered.oneshot(request));
            let carrier = genai_trace::Carrier::extract(response.headers());
            assert_eq!(carrier.context(), genai_trace::current().context().as_ref());
            assert!(!response.headers().contains_key("tracestate"));
        });
    });
    assert_eq!(recorded.outline(), "turn");
}

#[test]
fn a_call_that_is_left_is_cancelled_one_without_an_answer_fails_and_a_refusal_is_an_error() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let (busy, _requests) = backend(answer("429 Too Many Requests", "text/plain", "later"));
    let recorded = recorded(|| {
        run(async {
            let ask = |address| {
                let body = Full::new(Bytes::from(question(false)));
                client(address).oneshot(post(address, body))
            };
            let mut left = Box::pin(ask(address));
            let polled =
                std::future::poll_fn(|cx| Poll::Ready(left.as_mut().poll(cx).is_pending()));
            assert!(polled.await);
            drop(left);
            drop(silent);
            ask(address).await.unwrap_err();
            drop(ask(busy).await.unwrap());
        });
    });
    let outcomes: Vec<_> = recorded.spans.iter().map(SpanRecord::outcome).collect();
    assert_eq!(
        outcomes,
        [Outcome::Cancelled, Outcome::Error, Outcome::Error]
    );
    let refused = recorded.spans.last().unwrap();
    assert_eq!(refused.attributes.str("error.type"), Some("429"));
}

#[test]
fn who_tries_again_sends_the_same_body_again() {
    let body = Full::new(Bytes::from(question(false)));
    recorded(|| {
        let mut copies = Vec::new();
        let layer = ClientLayer::new();
        let keeps = tower::service_fn(|request: Request<SentBody<Full<Bytes>>>| {
            copies.push(request.body().clone());
            copies.push(request.into_body());
            ready(Err::<Response<Empty<Bytes>>, _>("no connection"))
        });
        let request = Request::post("https://api.openai.com/v1/chat/completions").body(body);
        block_on(layer.layer(keeps).oneshot(request.unwrap())).unwrap_err();
        for copy in copies {
            let sent = block_on(copy.collect()).unwrap().to_bytes();
            assert_eq!(sent, question(false));
        }
    });
}

#[test]
fn a_channel_of_tonic_takes_the_current_span_along() {
    let (sender, received) = std::sync::mpsc::channel();
    let recorded = recorded(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            tokio::spawn(async move {
                let (stream, _) = listener.accept().await.unwrap();
                let mut connection = h2::server::handshake(stream).await.unwrap();
                while let Some(Ok((request, mut respond))) = connection.accept().await {
                    sender.send(request.headers().clone()).unwrap();
                    let answer = Response::builder().header("grpc-status", "0").body(());
                    respond.send_response(answer.unwrap(), true).unwrap();
                }
            });
            let endpoint = tonic::transport::Endpoint::from_shared(format!("http://{address}"));
            let channel = endpoint.unwrap().connect_lazy();
            let call = async {
                let mut client = tonic::client::Grpc::new(InjectLayer::new().layer(channel));
                client.ready().await.unwrap();
                let codec = tonic_bytes::Codec;
                let path = "/agents.Agents/Run".parse().unwrap();
                let _ = client
                    .unary(tonic::Request::new(Vec::new()), path, codec)
                    .await;
            };
            span("turn").wrap(call).await;
        });
    });
    let headers: HeaderMap = received.recv().unwrap();
    let carrier = genai_trace::Carrier::extract(&headers);
    let turn = recorded.span("turn");
    assert_eq!(
        carrier
            .context()
            .map(|sent| (sent.trace_id(), sent.span_id())),
        Some((turn.trace_id, turn.span_id))
    );
}

/// Messages that are bytes.
mod tonic_bytes {
    use prost::bytes::BufMut;
    use tonic::Status;
    use tonic::codec::{DecodeBuf, Decoder, EncodeBuf, Encoder};

    pub struct Codec;
    pub struct Bytes;

    impl tonic::codec::Codec for Codec {
        type Encode = Vec<u8>;
        type Decode = Vec<u8>;
        type Encoder = Bytes;
        type Decoder = Bytes;

        fn encoder(&mut self) -> Bytes {
            Bytes
        }

        fn decoder(&mut self) -> Bytes {
            Bytes
        }
    }

    impl Encoder for Bytes {
        type Item = Vec<u8>;
        type Error = Status;

        fn encode(&mut self, item: Vec<u8>, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
            into.put_slice(&item);
            Ok(())
        }
    }

    impl Decoder for Bytes {
        type Item = Vec<u8>;
        type Error = Status;

        fn decode(&mut self, _: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
            Ok(None)
        }
    }
}

#[test]
fn a_client_that_panics_has_its_call_say_so() {
    let recorded = recorded(|| {
        let sends = tower::service_fn(async |_: Request<SentBody<Full<Bytes>>>| {
            genai_trace_tests::yield_once().await;
            panic!("on purpose");
            #[expect(unreachable_code, reason = "says what it would answer")]
            Ok::<Response<Empty<Bytes>>, Infallible>(Response::default())
        });
        let body = Full::new(Bytes::from(question(false)));
        let request = Request::post("https://api.openai.com/v1/chat/completions").body(body);
        let mut sent = Box::pin(ClientLayer::new().layer(sends).oneshot(request.unwrap()));
        let polled = std::panic::AssertUnwindSafe(|| block_on(sent.as_mut()));
        assert!(std::panic::catch_unwind(polled).is_err());
    });
    assert_eq!(recorded.span("chat gpt-4o").outcome(), Outcome::Panicked);
}
