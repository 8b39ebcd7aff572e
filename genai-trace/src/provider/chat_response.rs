//! Types that say themselves what they are about.

use super::facts::ChatFacts;
use super::request_facts::RequestFacts;

/// A response of a model, or a part of a streamed one, that says what the span of its call is to know.
///
/// A function under [`#[genai_chat]`](macro@crate::genai_chat) or
/// [`#[genai_embeddings]`](macro@crate::genai_embeddings) that returns such a type, or a `Result` or a
/// stream of it, records what it says. Where a type does not implement this its serialised form is read,
/// if that is a provider's own JSON. [`#[derive(ChatResponse)]`](macro@crate::ChatResponse) writes it.
///
/// ```
/// use genai_trace::{ChatFacts, ChatResponse, MemoryExporter, Telemetry, genai_chat};
///
/// struct Answer {
///     text: String,
///     tokens: (u64, u64),
/// }
///
/// impl ChatResponse for Answer {
///     fn chat_facts(&self) -> ChatFacts {
///         let mut facts = ChatFacts::default();
///         (facts.usage.input, facts.usage.output) = (Some(self.tokens.0), Some(self.tokens.1));
///         facts
///     }
/// }
///
/// #[genai_chat(provider = "openai", model = "gpt-4o")]
/// fn chat() -> Answer {
///     Answer { text: "yes".to_owned(), tokens: (250, 130) }
/// }
///
/// let memory = MemoryExporter::new();
/// let telemetry = Telemetry::builder().memory(&memory).install()?;
/// assert_eq!(chat().text, "yes");
/// drop(telemetry);
/// let usage = memory.spans()[0].attributes.get("gen_ai.usage.input_tokens").cloned();
/// assert_eq!(usage, Some(250_i64.into()));
/// # Ok::<(), genai_trace::InitError>(())
/// ```
pub trait ChatResponse {
    /// What the response says; of a part of a stream, what it adds: later parts hold against earlier ones.
    fn chat_facts(&self) -> ChatFacts;
}

/// A request to a model that says what the span of its call is to know: `request = expr`.
///
/// ```
/// use genai_trace::{ChatRequest, genai_chat, provider::RequestFacts};
///
/// struct Question {
///     model: String,
/// }
///
/// impl ChatRequest for Question {
///     fn request_facts(&self) -> RequestFacts {
///         let mut facts = RequestFacts::default();
///         facts.model = Some(self.model.clone());
///         facts
///     }
/// }
///
/// #[genai_chat(provider = "openai", request = question)]
/// fn chat(question: Question) -> String {
///     question.model
/// }
/// assert_eq!(chat(Question { model: "gpt-4o".to_owned() }), "gpt-4o");
/// ```
pub trait ChatRequest {
    /// What the request asks for.
    fn request_facts(&self) -> RequestFacts;
}

/// Where there is no response, nothing is said.
impl<T: ChatResponse> ChatResponse for Option<T> {
    fn chat_facts(&self) -> ChatFacts {
        self.as_ref().map_or_else(ChatFacts::default, T::chat_facts)
    }
}

impl<T: ChatResponse + ?Sized> ChatResponse for &T {
    fn chat_facts(&self) -> ChatFacts {
        (**self).chat_facts()
    }
}

impl<T: ChatResponse + ?Sized> ChatResponse for Box<T> {
    fn chat_facts(&self) -> ChatFacts {
        (**self).chat_facts()
    }
}

impl<T: ChatRequest + ?Sized> ChatRequest for &T {
    fn request_facts(&self) -> RequestFacts {
        (**self).request_facts()
    }
}

impl ChatResponse for ChatFacts {
    fn chat_facts(&self) -> ChatFacts {
        self.clone()
    }
}

impl ChatRequest for RequestFacts {
    fn request_facts(&self) -> RequestFacts {
        self.clone()
    }
}
