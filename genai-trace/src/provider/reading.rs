//! From a JSON value to facts, in whichever form it is.

use serde_json::Value as Json;

use super::facts::ChatFacts;
use super::fault::fault;
use super::form::openai_chat::{OpenAiChat, is_plain_request};
use super::form::{self, Form};
use super::json::{Limits, from_slice};
use super::origin::Origin;
use super::request_facts::RequestFacts;

/// What the body of a request says; none where it has the form of no known provider.
pub fn request(body: &Json, origin: &Origin<'_>) -> Option<RequestFacts> {
    let form = form::find(origin, |form| form.is_request(body, origin));
    // Most providers speak this one, and nothing in its requests tells it from others.
    let plain = || is_plain_request(body).then_some(&OpenAiChat as &dyn Form);
    let form = form.or_else(plain)?;
    let mut facts = form.request(body, origin);
    facts.provider = origin.unsaid_provider(|| form.asks(body));
    Some(facts)
}

/// What the body of a response says; none where it has the form of no known provider.
///
/// Where [`Origin::status`] says that the call failed there is an error in it, whatever the body is.
pub fn response(body: &Json, origin: &Origin<'_>) -> Option<ChatFacts> {
    let form = form::find(origin, |form| form.is_response(body, origin));
    let facts = form.map(|form| {
        let mut facts = form.response(body, origin);
        facts.provider = origin.unsaid_provider(|| form.answers(body));
        facts
    });
    failed(facts, body, origin)
}

/// What a JSON value says that somebody calls a response: where it has the form of none, it is read as most
/// providers write theirs.
pub(crate) fn said_response(body: &Json, origin: &Origin<'_>) -> Option<ChatFacts> {
    let plain = || body.is_object().then(|| OpenAiChat.response(body, origin));
    response(body, origin).or_else(plain)
}

/// What the bytes of a request's body say, as [`request`] does of JSON; none where they are no JSON.
///
/// However many bytes there are and however deep they nest, memory is bounded: long texts are cut and
/// what is too deep is left out, which is none of the facts.
pub fn request_bytes(body: &[u8], origin: &Origin<'_>) -> Option<RequestFacts> {
    request(&from_slice(body, &Limits::of(origin.content))?, origin)
}

/// What the bytes of a response's body say, as [`response`] does of JSON, in bounded memory as
/// [`request_bytes`]; only the error that the status says where they are no JSON.
///
/// ```
/// use genai_trace::provider::{self, Origin};
///
/// let body = br#"{"output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}},
///     "stopReason": "end_turn", "usage": {"inputTokens": 7, "outputTokens": 2}}"#;
/// let facts = provider::response_bytes(body, &Origin::default()).unwrap();
/// assert_eq!(facts.usage.input, Some(7));
/// assert_eq!(provider::response_bytes(b"<html>", &Origin::default()), None);
/// ```
pub fn response_bytes(body: &[u8], origin: &Origin<'_>) -> Option<ChatFacts> {
    let body = from_slice(body, &Limits::of(origin.content));
    response(&body.unwrap_or_default(), origin)
}

/// `facts`, and that the call failed where the status says so.
fn failed(facts: Option<ChatFacts>, body: &Json, origin: &Origin<'_>) -> Option<ChatFacts> {
    if origin.failure().is_none() {
        return facts;
    }
    let mut facts = facts.unwrap_or_default();
    let error = facts.error.take().unwrap_or_else(|| fault(body, origin));
    facts.error = Some(error);
    Some(facts)
}
