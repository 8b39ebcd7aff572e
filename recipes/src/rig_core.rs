//! `rig-core`, with its agents.

use std::convert::Infallible;
use std::future::Future;

use bytes::Bytes;
use futures::Stream;
use genai_trace::{genai_agent, genai_chat, genai_tool};
use rig::agent::AgentBuilder;
use rig::completion::{CompletionRequest, CompletionResponse, PromptError};
use rig::driver::DynModel;
use rig::error::ProviderError;
use rig::http_client::{
    BoxedStream, HttpClientExt, LazyBody, MultipartForm, Request, Response, Result as HttpResult,
    StreamingResponse,
};
use rig::operation::Completion;
use rig::tool::PortableTool;
use serde::Deserialize;
use serde_json::{Value, json};

/// Asks for a whole answer.
#[genai_chat(provider = model.name(), model = model.id().unwrap_or_default(), request = request)]
pub async fn chat(
    model: &DynModel<Completion>,
    request: CompletionRequest,
) -> Result<CompletionResponse, ProviderError> {
    model.call(request).await
}

/// An HTTP client of rig's that records every inference that goes through it: those of agents, which call the
/// model themselves.
#[derive(Clone, Debug)]
pub struct Recording<C>(pub C);

/// What goes over the wire is the provider's own JSON.
#[genai_chat(url = request.uri(), request = request.body(), response = body)]
async fn inference<C: HttpClientExt>(
    client: &C,
    request: Request<Bytes>,
) -> HttpResult<Response<Bytes>> {
    let (head, body) = client.send::<_, Bytes>(request).await?.into_parts();
    Ok(Response::from_parts(head, body.await?))
}

/// The same of a stream. The head of the response goes out by `head`, since what is returned is the stream.
#[genai_chat(url = request.uri(), request = request.body(), stream)]
async fn inference_stream<C: HttpClientExt>(
    client: &C,
    request: Request<Bytes>,
    head: &mut Response<()>,
) -> HttpResult<impl Stream<Item = HttpResult<Bytes>> + Send + use<C>> {
    let (parts, body) = client.send_streaming(request).await?.into_parts();
    *head = Response::from_parts(parts, ());
    Ok(body)
}

fn body(response: &Response<Bytes>) -> Option<Value> {
    serde_json::from_slice(response.body()).ok()
}

impl<C: HttpClientExt + Clone + 'static> HttpClientExt for Recording<C> {
    fn send<T: Into<Bytes> + Send, U: From<Bytes> + Send + 'static>(
        &self,
        request: Request<T>,
    ) -> impl Future<Output = HttpResult<Response<LazyBody<U>>>> + Send + 'static {
        let client = self.0.clone();
        let request = request.map(Into::into);
        async move {
            let response = inference(&client, request).await?;
            Ok(response.map(|body| -> LazyBody<U> { Box::pin(async { Ok(body.into()) }) }))
        }
    }

    fn send_multipart<U: From<Bytes> + Send + 'static>(
        &self,
        request: Request<MultipartForm>,
    ) -> impl Future<Output = HttpResult<Response<LazyBody<U>>>> + Send + 'static {
        self.0.send_multipart(request)
    }

    fn send_streaming<T: Into<Bytes> + Send>(
        &self,
        request: Request<T>,
    ) -> impl Future<Output = HttpResult<StreamingResponse>> + Send {
        let client = self.0.clone();
        let request = request.map(Into::into);
        async move {
            let mut head = Response::new(());
            let pieces = inference_stream(&client, request, &mut head).await?;
            Ok(head.map(|()| -> BoxedStream { Box::pin(pieces) }))
        }
    }
}

/// Asks an agent of rig's that has a tool.
#[genai_agent("meteorologist", model = model.id().unwrap_or_default())]
pub async fn ask(model: DynModel<Completion>, question: &str) -> Result<String, PromptError> {
    let agent = AgentBuilder::new(model)
        .tool(Weather)
        .default_max_turns(8)
        .build();
    let response = agent.prompt(question).await?;
    Ok(response.output())
}

/// A tool of rig's.
#[derive(Clone, Copy, Debug)]
pub struct Weather;

/// What the tool is asked.
#[derive(Debug, Deserialize)]
pub struct Place {
    city: String,
}

impl PortableTool for Weather {
    const NAME: &'static str = "weather";
    type Args = Place;
    type Output = String;
    type Error = Infallible;

    fn description(&self) -> String {
        "The weather in a city.".to_owned()
    }

    fn parameters(&self) -> Value {
        json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]})
    }

    #[genai_tool("weather")]
    async fn call(&self, place: Place) -> Result<String, Infallible> {
        Ok(format!("snow in {}", place.city))
    }
}
