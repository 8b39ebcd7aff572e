//! What a request asks of a model.

use std::borrow::Cow;

use super::facts::Content;

/// What a request asks of a model; what it does not say is `None` or empty.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RequestFacts {
    /// The operation that the form of the request stands for: `chat`, `text_completion`,
    /// `generate_content`, `embeddings`.
    pub operation: Option<&'static str>,
    /// The provider that is asked, where the form of the request or where it goes to tells it for sure; none
    /// where [`Origin::provider`](super::Origin::provider) says it already.
    pub provider: Option<Cow<'static, str>>,
    /// The model.
    pub model: Option<String>,
    /// The most tokens to generate.
    pub max_tokens: Option<i64>,
    /// The sampling temperature.
    pub temperature: Option<f64>,
    /// The share of probability to sample from.
    pub top_p: Option<f64>,
    /// The number of most likely tokens to sample from.
    pub top_k: Option<i64>,
    /// The penalty on frequent tokens.
    pub frequency_penalty: Option<f64>,
    /// The penalty on tokens that were there before.
    pub presence_penalty: Option<f64>,
    /// The seed.
    pub seed: Option<i64>,
    /// How many choices to generate, where that is not one.
    pub choice_count: Option<i64>,
    /// What ends the generation.
    pub stop_sequences: Option<Vec<String>>,
    /// `Some(true)` where a stream is asked for, else none.
    pub stream: Option<bool>,
    /// How much the model is to think.
    pub reasoning_level: Option<String>,
    /// What is to come out: `text`, `json`, `image`, `speech`.
    pub output_type: Option<String>,
    /// The response that this one goes on from.
    pub previous_response_id: Option<String>,
    /// The conversation that the provider keeps.
    pub conversation_id: Option<String>,
    /// The service tier, where that is not `auto`.
    pub service_tier: Option<String>,
    /// How many dimensions embeddings are to have.
    pub dimension_count: Option<i64>,
    /// How embeddings are to be written.
    pub encoding_formats: Option<Vec<String>>,
    /// How many messages or inputs there are.
    pub message_count: Option<u64>,
    /// What was said, where [`Origin::content`](super::Origin::content) asks for it.
    pub content: Option<Box<Content>>,
}
