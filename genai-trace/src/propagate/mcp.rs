//! The Model Context Protocol: the span travels in `_meta` of a request's parameters.

use serde_json::{Map, Value as Json};

use super::carrier::Carrier;

const META: &str = "_meta";

impl Carrier {
    /// Names the span that a request or notification of the Model Context Protocol was sent from, as
    /// `_meta` of its parameters says.
    ///
    /// Over HTTP the headers may name a span too. The one in `_meta` is the parent, and the other one, in
    /// which the transport's server may be already, is [linked](crate::SpanBuilder::link):
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use genai_trace::{Carrier, genai_mcp};
    /// use serde_json::{Value, json};
    ///
    /// #[genai_mcp(server, method = "tools/call", tool = "search", parent = sender, links = headers.context().cloned())]
    /// fn call(sender: &Carrier, headers: &Carrier, params: &Value) -> Value {
    ///     json!({ "content": [] })
    /// }
    ///
    /// let headers: HashMap<String, String> = HashMap::new(); // of the HTTP request, where there is one
    /// let params = json!({
    ///     "name": "search",
    ///     "_meta": { "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" },
    /// });
    /// let headers = Carrier::extract(&headers);
    /// let sender = Carrier::from_mcp(&params).or(headers.clone());
    /// call(&sender, &headers, &params);
    /// ```
    pub fn from_mcp(params: &Json) -> Self {
        match params.get(META) {
            Some(Json::Object(meta)) => Self::extract(meta),
            _ => Self::default(),
        }
    }

    /// Puts the span into `_meta` of the parameters of a request or notification that is sent, beside what
    /// stands there. Parameters that are no object, and not missing, are left as they are.
    ///
    /// ```
    /// use genai_trace::Carrier;
    /// use serde_json::json;
    ///
    /// let mut request = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "search" } });
    /// Carrier::current().inject_mcp(&mut request["params"]);
    /// ```
    pub fn inject_mcp(&self, params: &mut Json) {
        if self.context().is_none() {
            return;
        }
        if params.is_null() {
            *params = Json::Object(Map::new());
        }
        let Json::Object(params) = params else {
            return;
        };
        let meta = params
            .entry(META)
            .or_insert_with(|| Json::Object(Map::new()));
        if !meta.is_object() {
            *meta = Json::Object(Map::new());
        }
        if let Json::Object(meta) = meta {
            self.inject(meta);
        }
    }
}
