//! Each recipe against a server that answers as the provider does.

mod async_openai;
mod claude_api;
mod contents;
mod genai;
mod ollama_rs;
mod raw_http;
mod rig_core;
mod server;
mod spans;
