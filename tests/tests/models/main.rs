//! What spans say of model calls and of what is around them, and that they say it as the conventions have it.

mod answers;
mod at_start;
mod conformance;
mod contents;
mod costs;
#[path = "../support/folder.rs"]
mod folder;
mod model_calls;
mod nested_calls;
mod operations;
mod prices_as_python;
#[path = "../support/provider_server.rs"]
mod provider_server;
