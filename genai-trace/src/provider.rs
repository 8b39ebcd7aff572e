//! What a provider's JSON says, as facts: pure functions, one file a form.

pub(crate) mod openai_chat;
