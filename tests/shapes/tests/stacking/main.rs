//! The attributes above and below those of other crates: in every order one span a call, which
//! lasts as long as the whole call does.
#![deny(warnings)]

mod async_trait;
mod rmcp;
mod tokio;
mod tracing;
