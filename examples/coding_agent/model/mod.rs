//! The model of the example: an HTTP server on loopback that speaks OpenAI chat completions.
//!
//! There is no neural network behind it. It is a planner: it reads the conversation it is sent,
//! the user's question and the tool results so far, and derives what to ask next or what to
//! answer. It keeps nothing between two requests and knows no file, folder or count that is not
//! in the messages. So the agent, the client and the traces are exercised as by a hosted model,
//! and the answers can be checked.

mod conversation;
mod definitions;
mod plan;
mod protocol;
mod question;
mod reading;
mod results;
mod server;
mod topics;

pub(crate) use server::ModelServer;

/// The name of this model, whatever name it was asked under.
pub(crate) const MODEL: &str = "planner-1";
