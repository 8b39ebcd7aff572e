//! What a provider's request, response or stream says, as facts: pure functions from JSON.
//!
//! [`request`], [`response`] and [`StreamReader`] read what was sent and what came back, in the form of
//! whichever provider it is. Only what is said is a fact: what is absent, or has another type than the
//! form gives it, stays unset. Nothing here panics, whatever the bytes are.
//!
//! ```
//! use genai_trace::provider::{self, Origin};
//! use serde_json::json;
//!
//! let body = json!({
//!     "type": "message", "id": "msg_1", "model": "claude-sonnet-4-6", "role": "assistant",
//!     "content": [{"type": "text", "text": "Hi"}], "stop_reason": "end_turn",
//!     "usage": {"input_tokens": 10, "cache_read_input_tokens": 90, "output_tokens": 5},
//! });
//! let facts = provider::response(&body, &Origin::default()).unwrap();
//! assert_eq!(facts.model.as_deref(), Some("claude-sonnet-4-6"));
//! assert_eq!(facts.usage.input, Some(100));
//! assert_eq!(facts.finish_reasons[0].raw, "end_turn");
//! assert_eq!(facts.finish_reasons[0].normalized(), Some("stop"));
//! ```

#[cfg(test)]
mod bad_input;
pub(crate) mod chat_response;
mod facts;
mod fault;
pub(crate) mod fields;
mod finish_reason;
mod form;
mod gathered;
mod host;
mod json;
mod origin;
mod parts;
mod reading;
mod request_facts;
mod server;
mod stream;
pub(crate) mod usage;

pub use self::chat_response::{ChatRequest, ChatResponse};
pub use self::facts::{CalledTool, ChatFacts, Content, Fault};
pub use self::finish_reason::FinishReason;
pub use self::host::provider_of;
pub(crate) use self::json::{Limits, from_serialize, from_slice};
pub use self::origin::Origin;
pub(crate) use self::reading::said_response;
pub use self::reading::{request, request_bytes, response, response_bytes};
pub use self::request_facts::RequestFacts;
pub use self::server::server_of;
pub use self::stream::StreamReader;
pub use self::usage::{ByModality, Usage};
