//! What is wrong with one span.

use serde_json::Value as Json;

use crate::findings::Rule;

/// What is wrong with one span.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Flaw {
    pub(super) rule: &'static Rule,
    pub(super) message: String,
    /// What was said, and what is allowed.
    pub(super) value: Json,
    pub(super) allowed: Json,
    /// Where the conventions say so.
    pub(super) section: Option<String>,
}

impl Flaw {
    pub(super) fn new(rule: &'static Rule, message: String) -> Self {
        Self {
            rule,
            message,
            value: Json::Null,
            allowed: Json::Null,
            section: None,
        }
    }

    pub(super) fn said(mut self, value: impl Into<Json>) -> Self {
        self.value = value.into();
        self
    }

    pub(super) fn allowed(mut self, allowed: impl Into<Json>) -> Self {
        self.allowed = allowed.into();
        self
    }

    /// Of an attribute, a span's type or the messages.
    pub(super) fn section(mut self, of: &str, name: &str) -> Self {
        self.section = Some(format!("{of} {name}"));
        self
    }
}
