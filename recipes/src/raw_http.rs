//! No SDK: HTTP by `ureq`, bodies by `serde_json`.

use std::io::{self, Read};
use std::iter;

use futures::stream::{self, Stream};
use genai_trace::genai_chat;
use serde_json::Value;
use ureq::Agent;

/// Asks for a whole answer.
#[genai_chat(provider = "openai", url = url, request = body)]
pub fn chat(agent: &Agent, url: &str, body: &Value) -> Result<Value, ureq::Error> {
    agent.post(url).send_json(body)?.body_mut().read_json()
}

/// Asks for an answer bit by bit: the pieces of the body as they come, however they are cut.
#[genai_chat(provider = "openai", url = url, request = body, stream)]
pub fn chat_stream(
    agent: &Agent,
    url: &str,
    body: &Value,
) -> Result<impl Stream<Item = io::Result<Vec<u8>>> + use<>, ureq::Error> {
    let mut body = agent.post(url).send_json(body)?.into_body().into_reader();
    let mut piece = move || {
        let mut piece = vec![0; 1024];
        let read = body.read(&mut piece)?;
        piece.truncate(read);
        Ok(piece)
    };
    let pieces = iter::from_fn(move || Some(piece()));
    Ok(stream::iter(pieces.take_while(
        |piece| !matches!(piece, Ok(piece) if piece.is_empty()),
    )))
}

/// Gives the body of a refusal as an answer, so that it is read as one is: `error.type` is what the provider
/// calls it. `ureq` would keep its status and nothing else.
pub fn agent() -> Agent {
    let config = Agent::config_builder().http_status_as_error(false);
    config.build().into()
}
