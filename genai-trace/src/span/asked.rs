//! What a call asks for, read from its request of any type (`request = expr`).

use serde::Serialize;
use serde_json::Value as Json;

use super::contents;
use super::error_type::guarded;
use super::mcp_facts;
use super::model_facts::{self, Sheet};
use super::names;
use super::opening::Opening;
use super::probe::Probe;
use crate::content::json_bytes;
use crate::provider::{
    self, ChatRequest, Limits, Origin, RequestFacts, from_serialize, from_slice,
};

/// A request that says itself what it is about.
pub trait AskSaying {
    /// Tells the span that is being opened what is asked for.
    fn __ask(&self, opening: &mut Opening);
}

impl<T: ChatRequest + ?Sized> AskSaying for &&&Probe<'_, T> {
    fn __ask(&self, opening: &mut Opening) {
        if let Some(facts) = guarded(|| self.0.request_facts()) {
            put(opening, facts);
        }
    }
}

/// The bytes or the text of a request.
pub trait AskBytes {
    /// Tells the span that is being opened what is asked for.
    fn __ask(&self, opening: &mut Opening);
}

impl<T: AsRef<[u8]> + ?Sized> AskBytes for &&Probe<'_, T> {
    fn __ask(&self, opening: &mut Opening) {
        let Some(bytes) = guarded(|| self.0.as_ref()) else {
            return;
        };
        let is_wanted = contents::are_wanted(opening.contents().mode);
        opening.contents().input_bytes = u64::try_from(bytes.len()).ok();
        if let Some(body) = from_slice(bytes, &Limits::of(is_wanted)) {
            read(opening, &body, is_wanted);
        }
    }
}

/// A request with a serialised form.
pub trait AskSerialized {
    /// Tells the span that is being opened what is asked for.
    fn __ask(&self, opening: &mut Opening);
}

impl<T: Serialize + ?Sized> AskSerialized for &Probe<'_, T> {
    fn __ask(&self, opening: &mut Opening) {
        let is_wanted = contents::are_wanted(opening.contents().mode);
        let read_it = || {
            (
                json_bytes(self.0),
                from_serialize(self.0, &Limits::of(is_wanted)),
            )
        };
        if let Some((bytes, Some(body))) = guarded(read_it) {
            opening.contents().input_bytes = bytes;
            read(opening, &body, is_wanted);
        }
    }
}

/// Any other request, which tells nothing.
pub trait AskAny {
    /// Tells the span that is being opened nothing.
    fn __ask(&self, opening: &mut Opening);
}

impl<T: ?Sized> AskAny for Probe<'_, T> {
    fn __ask(&self, _: &mut Opening) {}
}

fn read(opening: &mut Opening, body: &Json, is_wanted: bool) {
    if opening.callsite.operation().is_mcp() {
        mcp_facts::put_request(opening, body);
        let arguments = body.pointer("/params/arguments").filter(|_| is_wanted);
        opening.contents().input = arguments.cloned();
        return;
    }
    let provider = opening.said_text(names::PROVIDER);
    let mut origin = Origin::default().content(is_wanted);
    if let Some(provider) = &provider {
        origin = origin.provider(provider);
    }
    if let Some(facts) = provider::request(body, &origin) {
        put(opening, facts);
    }
}

pub(super) fn put(opening: &mut Opening, facts: RequestFacts) {
    if facts.provider.is_some() && opening.said_text(names::PROVIDER).is_none() {
        opening.put(names::PROVIDER, &facts.provider);
    }
    model_facts::put_request(opening, opening.callsite.operation(), &facts);
    if let Some(content) = facts.content {
        opening.contents().take(*content);
    }
}

impl Opening {
    /// Says where the call goes: the server, and the provider where its host is known and none was said.
    pub fn url<U: std::fmt::Display + ?Sized>(&mut self, url: &U) {
        let Some(url) = guarded(|| url.to_string()) else {
            return;
        };
        let Some((address, port)) = provider::server_of(&url) else {
            return;
        };
        if self.said_text(names::PROVIDER).is_none() && !self.callsite.operation().is_mcp() {
            self.put(names::PROVIDER, &provider::provider_of(&url));
        }
        self.put(names::SERVER_ADDRESS, address);
        self.put(names::SERVER_PORT, &port.map(i64::from));
    }

    /// Says the identifier of a JSON-RPC request, which may be a number or a text.
    pub fn request_id<I: std::fmt::Display + ?Sized>(&mut self, id: &I) {
        if let Some(id) = guarded(|| id.to_string()) {
            self.put(genai_trace_semconv::names::JSONRPC_REQUEST_ID, &id);
        }
    }
}
