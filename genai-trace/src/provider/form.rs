//! The forms in which providers write requests and responses: one file a form.

mod address;
mod anthropic;
mod aws_error;
mod bedrock_converse;
mod bedrock_invoke;
mod cohere;
mod error_body;
mod gemini;
mod gemini_embed;
mod gemini_interactions;
mod langchain;
mod ollama;
pub(super) mod openai_chat;
mod openai_completions;
mod openai_embeddings;
mod openai_responses;
mod rust_genai;
mod rust_rig;
mod speaker;
mod xai_grpc;

use std::fmt::Debug;

use serde_json::Value as Json;

use super::facts::ChatFacts;
use super::origin::Origin;
use super::request_facts::RequestFacts;

/// A form of JSON: how it is recognised, and what it says.
pub(super) trait Form: Debug + Sync {
    /// Whether where a body comes from names this form already, as the path of its URL does. Such a
    /// form is asked before all others.
    fn is_named(&self, _: &Origin<'_>) -> bool {
        false
    }

    /// Whether `body` is a request of this form; `origin` decides where several forms look alike.
    fn is_request(&self, body: &Json, origin: &Origin<'_>) -> bool;

    /// Whether `body` is a response of this form. Strict: a foreign JSON is nobody's response.
    fn is_response(&self, body: &Json, origin: &Origin<'_>) -> bool;

    /// Whether `body` is a part of a stream of this form; `event` is the name that the wire gives it.
    fn is_chunk(&self, event: Option<&str>, body: &Json, origin: &Origin<'_>) -> bool;

    /// The provider that `body` is asked of, a request of this form, where it tells that for sure.
    fn asks(&self, _body: &Json) -> Option<&'static str> {
        None
    }

    /// The provider that `body` is of, a response or a part of a stream of this form, where it tells that
    /// for sure.
    fn answers(&self, _body: &Json) -> Option<&'static str> {
        None
    }

    /// What a request says.
    fn request(&self, body: &Json, origin: &Origin<'_>) -> RequestFacts;

    /// What a response says; an error body as well.
    fn response(&self, body: &Json, origin: &Origin<'_>) -> ChatFacts;

    /// What takes in the parts of a stream; `content` asks for messages.
    fn merge(&self, content: bool) -> Box<dyn Merge>;
}

/// Takes in the parts of a stream, by the provider's own rule.
pub(super) trait Merge: Debug + Send + Sync {
    /// Takes in a part; `event` is the name that the wire gives it.
    fn take(&mut self, event: Option<&str>, body: &Json);

    /// What was said so far, as if the stream ended here: where a finish reason was to come and did not
    /// it is `error`.
    fn facts(&self) -> ChatFacts;
}

/// What takes in a stream of a form that has none.
#[derive(Debug)]
struct NoStream;

impl Merge for NoStream {
    fn take(&mut self, _: Option<&str>, _: &Json) {}

    fn facts(&self) -> ChatFacts {
        ChatFacts::default()
    }
}

/// Every form. No two of them take the same body for theirs, so that those which are met most often
/// stand first.
pub(super) static FORMS: &[&dyn Form] = &[
    &openai_chat::OpenAiChat,
    &anthropic::Anthropic,
    &openai_responses::OpenAiResponses,
    &gemini::Gemini,
    &bedrock_converse::BedrockConverse,
    &bedrock_invoke::BedrockInvoke,
    &gemini_embed::GeminiEmbed,
    &gemini_interactions::GeminiInteractions,
    &xai_grpc::XaiGrpc,
    &ollama::Ollama,
    &cohere::Cohere,
    &langchain::LangChain,
    &openai_completions::OpenAiCompletions,
    &openai_embeddings::OpenAiEmbeddings,
    &error_body::ErrorBody,
];

/// What frameworks of Rust make of these; inside there may be what the provider said.
static FRAMEWORKS: &[&dyn Form] = &[&rust_rig::RustRig, &rust_genai::RustGenai];

/// The form that `fits`, of several that do the one that `origin` names.
pub(super) fn find(
    origin: &Origin<'_>,
    fits: impl Fn(&dyn Form) -> bool,
) -> Option<&'static dyn Form> {
    find_in(FORMS.iter().chain(FRAMEWORKS), origin, fits)
}

/// The same among those of providers: what a framework has kept of an answer is no framework's.
fn find_provider(
    origin: &Origin<'_>,
    fits: impl Fn(&dyn Form) -> bool,
) -> Option<&'static dyn Form> {
    find_in(FORMS.iter(), origin, fits)
}

fn find_in(
    forms: impl Iterator<Item = &'static &'static dyn Form>,
    origin: &Origin<'_>,
    fits: impl Fn(&dyn Form) -> bool,
) -> Option<&'static dyn Form> {
    let mut fitting = forms.copied().filter(|form| fits(*form));
    let first = fitting.next()?;
    if origin.is_unknown() || first.is_named(origin) {
        return Some(first);
    }
    Some(fitting.find(|form| form.is_named(origin)).unwrap_or(first))
}

#[cfg(test)]
mod tests;
