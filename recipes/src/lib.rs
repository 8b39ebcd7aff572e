//! How a function that calls a model is annotated, with each of the usual SDKs: one file an SDK, and in it what
//! a user writes. `tests/recipes` runs each against a server that answers as the provider does, and says what
//! comes of it.

pub mod async_openai;
pub mod claude_api;
pub mod genai;
pub mod ollama_rs;
pub mod raw_http;
pub mod rig_core;
pub mod speaking_tracing;
