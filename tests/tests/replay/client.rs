//! The functions that call providers, as a user of an HTTP client writes them: what they return differs, and
//! which attribute stands above them.

// Embeddings come whole.
#![allow(dead_code)]

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;

use futures::stream::{self, Stream};
use genai_trace::provider::{self, Origin};
use genai_trace::{ChatFacts, ChatResponse, GenAiError, genai_fetch_response, genai_retrieval};
use reqwest::{Client, Error, Response};
use serde_json::Value;

use super::corpus::Exchange;
use super::server::{EXCHANGE, PIECES};

/// A call of a provider.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    pub http: &'a Client,
    pub server: SocketAddr,
    pub exchange: &'a Exchange,
    /// The place of the exchange among those that the server has.
    pub number: usize,
    /// How large the pieces are in which a stream comes.
    pub pieces: usize,
}

impl Call<'_> {
    pub fn url(&self) -> String {
        format!("http://{}{}", self.server, self.exchange.path)
    }
}

async fn post(call: Call<'_>) -> Result<Response, Error> {
    let request = call.http.post(call.url());
    let request = request.header(EXCHANGE, call.number);
    let request = request.header(PIECES, call.pieces);
    let request = request.header("content-type", "application/json");
    request.body(call.exchange.request.to_string()).send().await
}

/// The JSON of each event, or of each line.
fn parsed(body: &str) -> Vec<Value> {
    let lines = body
        .lines()
        .map(|line| line.strip_prefix("data:").unwrap_or(line));
    lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// An answer with all that came with it, as a client of one's own keeps it.
pub struct Reply {
    provider: String,
    url: String,
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Reply {
    async fn read(response: Response, call: Call<'_>) -> Result<Self, Error> {
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.to_string(), value.into_owned())
        });
        Ok(Self {
            provider: call.exchange.provider.clone(),
            url: call.url(),
            status: response.status().as_u16(),
            headers: headers.collect(),
            body: response.bytes().await?.to_vec(),
        })
    }
}

impl ChatResponse for Reply {
    fn chat_facts(&self) -> ChatFacts {
        let headers = self.headers.iter();
        let headers: Vec<_> = headers.map(|(name, value)| (&**name, &**value)).collect();
        let origin = Origin::default()
            .provider(&self.provider)
            .url(&self.url)
            .status(self.status)
            .headers(&headers);
        provider::response_bytes(&self.body, &origin).unwrap_or_default()
    }
}

/// A provider that refused a call.
pub struct Refused(Reply);

impl GenAiError for Refused {
    fn error_type(&self) -> Cow<'static, str> {
        let error = self.0.chat_facts().error.and_then(|it| it.error_type);
        error.map_or(Cow::Borrowed("_OTHER"), Cow::Owned)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the provider answered with {}", self.0.status)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        panic!("the loopback does not fail: {error}")
    }
}

/// Declares the functions under one attribute.
macro_rules! calls {
    ($name:ident: $attribute:ident($($option:tt)*)) => {
        pub mod $name {
            use genai_trace::$attribute;

            use super::*;

            #[$attribute(
                $($option)*
                provider = &call.exchange.provider,
                model = call.exchange.model_of_path(),
                request = call.exchange.request,
                url = call.url(),
            )]
            pub async fn text(call: Call<'_>) -> Result<String, Error> {
                post(call).await?.text().await
            }

            #[$attribute(
                $($option)*
                provider = &call.exchange.provider,
                model = call.exchange.model_of_path(),
                request = call.exchange.request,
            )]
            pub async fn bytes(call: Call<'_>) -> Result<Vec<u8>, Error> {
                Ok(post(call).await?.bytes().await?.to_vec())
            }

            #[$attribute(
                $($option)*
                provider = &call.exchange.provider,
                model = call.exchange.model_of_path(),
                request = &call.exchange.request,
            )]
            pub async fn json(call: Call<'_>) -> Result<Value, Error> {
                let body = post(call).await?.bytes().await?;
                Ok(serde_json::from_slice(&body).expect("a body of JSON"))
            }

            #[$attribute(
                $($option)*
                provider = &call.exchange.provider,
                model = call.exchange.model_of_path(),
                request = call.exchange.request.to_string(),
            )]
            pub async fn reply(call: Call<'_>) -> Result<Reply, Error> {
                Reply::read(post(call).await?, call).await
            }

            #[$attribute(
                $($option)*
                provider = &call.exchange.provider,
                model = call.exchange.model_of_path(),
                request = call.exchange.request,
            )]
            pub async fn checked(call: Call<'_>) -> Result<Reply, Refused> {
                let response = post(call).await?;
                let is_refused = response.status().is_client_error() || response.status().is_server_error();
                let reply = Reply::read(response, call).await?;
                if is_refused { Err(Refused(reply)) } else { Ok(reply) }
            }

            /// A stream's items are what the client makes of the chunks.
            #[$attribute(
                $($option)*
                provider = &call.exchange.provider,
                model = call.exchange.model_of_path(),
                request = call.exchange.request,
            )]
            pub async fn stream(
                call: Call<'_>,
            ) -> Result<impl Stream<Item = Result<Vec<u8>, Error>>, Error> {
                let response = post(call).await?;
                Ok(stream::try_unfold(response, async |mut response| {
                    let chunk = response.chunk().await?;
                    Ok(chunk.map(|chunk| (chunk.to_vec(), response)))
                }))
            }

            /// A client that parses has items of JSON.
            #[$attribute(
                $($option)*
                provider = &call.exchange.provider,
                model = call.exchange.model_of_path(),
                request = call.exchange.request,
            )]
            pub async fn parts(call: Call<'_>) -> Result<impl Stream<Item = Value>, Error> {
                let body = post(call).await?.text().await?;
                Ok(stream::iter(parsed(&body)))
            }
        }
    };
}

calls!(chat: genai_chat());
calls!(text_completion: genai_chat(operation = "text_completion",));
calls!(generate_content: genai_chat(operation = "generate_content",));
calls!(embeddings: genai_embeddings());

/// Asks for a response that was made before.
#[genai_fetch_response(provider = &call.exchange.provider)]
pub async fn fetch(call: Call<'_>) -> Result<Value, Error> {
    let body = post(call).await?.bytes().await?;
    Ok(serde_json::from_slice(&body).expect("a body of JSON"))
}

/// Asks which documents fit a question best.
#[genai_retrieval(provider = &call.exchange.provider, model = call.exchange.model(), url = call.url())]
pub async fn rerank(call: Call<'_>) -> Result<Value, Error> {
    let body = post(call).await?.bytes().await?;
    Ok(serde_json::from_slice(&body).expect("a body of JSON"))
}
