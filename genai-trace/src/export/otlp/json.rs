//! A request as the JSON of OTLP: ids in hexadecimal, names in camelCase, 64-bit integers as strings.
//!
//! The crate of the messages can write it too (`with-serde`), for eight more crates, and writes `null` for a
//! float that is no number, where the JSON of protobuf has the strings `NaN`, `Infinity` and `-Infinity`.

mod log;
mod metric;
mod span;

use std::fmt::Write;

use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::{DecodeError, Message};
use serde_json::{Map, Number, Value as Json, json};

use super::request::{OfResource, OfScope, Request};
use super::signal::Signal;
use crate::record::non_finite;

/// A request that is written in protobuf as a JSON document.
pub(super) fn document(signal: Signal, protobuf: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let request = Request::decode(protobuf)?;
    let mut list = Vec::with_capacity(request.of_resources.len());
    for of in &request.of_resources {
        list.push(of_resource(signal, of)?);
    }
    let mut object = Object::default();
    object.put(words(signal).of_resources, list.into());
    Ok(object.into_json().to_string().into_bytes())
}

/// What the lists are called.
struct Words {
    of_resources: &'static str,
    of_scopes: &'static str,
    items: &'static str,
}

const fn words(signal: Signal) -> Words {
    let (of_resources, of_scopes, items) = match signal {
        Signal::Traces => ("resourceSpans", "scopeSpans", "spans"),
        Signal::Metrics => ("resourceMetrics", "scopeMetrics", "metrics"),
        Signal::Logs => ("resourceLogs", "scopeLogs", "logRecords"),
    };
    Words {
        of_resources,
        of_scopes,
        items,
    }
}

fn of_resource(signal: Signal, of: &OfResource) -> Result<Json, DecodeError> {
    let mut object = Object::default();
    if let Some(resource) = &of.resource {
        let mut about = Object::default();
        about.attributes(&resource.attributes);
        about.count("droppedAttributesCount", resource.dropped_attributes_count);
        object.put("resource", about.into_json());
    }
    let mut list = Vec::with_capacity(of.of_scopes.len());
    for of in &of.of_scopes {
        list.push(of_scope(signal, of)?);
    }
    object.put(words(signal).of_scopes, list.into());
    object.text("schemaUrl", &of.schema_url);
    Ok(object.into_json())
}

fn of_scope(signal: Signal, of: &OfScope) -> Result<Json, DecodeError> {
    let mut object = Object::default();
    if let Some(scope) = &of.scope {
        object.put("scope", self::scope(scope));
    }
    let mut list = Vec::with_capacity(of.items.len());
    for item in &of.items {
        list.push(match signal {
            Signal::Traces => span::json(&Span::decode(item.as_slice())?),
            Signal::Metrics => metric::json(&Metric::decode(item.as_slice())?),
            Signal::Logs => log::json(&LogRecord::decode(item.as_slice())?),
        });
    }
    object.put(words(signal).items, list.into());
    object.text("schemaUrl", &of.schema_url);
    Ok(object.into_json())
}

fn scope(scope: &InstrumentationScope) -> Json {
    let mut object = Object::default();
    object.text("name", &scope.name);
    object.text("version", &scope.version);
    object.attributes(&scope.attributes);
    object.count("droppedAttributesCount", scope.dropped_attributes_count);
    object.into_json()
}

/// An object, in which what is said by default does not stand.
#[derive(Default)]
struct Object(Map<String, Json>);

impl Object {
    fn put(&mut self, key: &str, value: Json) {
        self.0.insert(key.to_owned(), value);
    }

    fn text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.put(key, text.into());
        }
    }

    fn hex(&mut self, key: &str, bytes: &[u8]) {
        let mut text = String::with_capacity(2 * bytes.len());
        for byte in bytes {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        self.text(key, &text);
    }

    fn count(&mut self, key: &str, count: u32) {
        if count != 0 {
            self.put(key, count.into());
        }
    }

    fn nanos(&mut self, key: &str, nanos: u64) {
        self.put(key, nanos.to_string().into());
    }

    fn list<T>(&mut self, key: &str, list: &[T], json: impl Fn(&T) -> Json) {
        if !list.is_empty() {
            self.put(key, list.iter().map(json).collect());
        }
    }

    fn float(&mut self, key: &str, number: f64) {
        self.put(key, float(number));
    }

    fn attributes(&mut self, attributes: &[KeyValue]) {
        self.list("attributes", attributes, attribute);
    }

    fn into_json(self) -> Json {
        Json::Object(self.0)
    }
}

fn attribute(pair: &KeyValue) -> Json {
    let mut object = Object::default();
    object.put("key", pair.key.as_str().into());
    if let Some(said) = &pair.value {
        object.put("value", value(said));
    }
    object.into_json()
}

fn value(value: &AnyValue) -> Json {
    use any_value::Value::{
        ArrayValue, BoolValue, DoubleValue, IntValue, KvlistValue, StringValue,
    };
    let mut object = Object::default();
    match &value.value {
        Some(StringValue(text)) => object.put("stringValue", text.as_str().into()),
        Some(BoolValue(truth)) => object.put("boolValue", (*truth).into()),
        Some(IntValue(number)) => object.put("intValue", number.to_string().into()),
        Some(DoubleValue(number)) => object.float("doubleValue", *number),
        // Of an empty list too: readers that are written in Rust miss the member where it is left out.
        Some(ArrayValue(array)) => {
            let values: Json = array.values.iter().map(self::value).collect();
            object.put("arrayValue", json!({ "values": values }));
        }
        Some(KvlistValue(list)) => {
            let values: Json = list.values.iter().map(attribute).collect();
            object.put("kvlistValue", json!({ "values": values }));
        }
        // No attribute of ours is any of the others.
        _ => {}
    }
    object.into_json()
}

/// A number as JSON has it, or the word that stands for what it has not.
fn float(number: f64) -> Json {
    Number::from_f64(number).map_or_else(|| non_finite(number).into(), Json::Number)
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::common::v1::{ArrayValue, KeyValueList};

    use super::super::request::Gathered;
    use super::super::span::item;
    use super::super::span::tests::record;
    use super::*;

    #[test]
    fn an_empty_list_says_that_it_has_no_values() {
        let lists = [
            any_value::Value::ArrayValue(ArrayValue::default()),
            any_value::Value::KvlistValue(KeyValueList::default()),
        ];
        let written = lists.map(|list| value(&AnyValue { value: Some(list) }).to_string());
        assert_eq!(
            written,
            [
                r#"{"arrayValue":{"values":[]}}"#,
                r#"{"kvlistValue":{"values":[]}}"#
            ]
        );
    }

    #[test]
    fn a_document_is_written_as_the_specification_has_it() {
        let mut gathered = Gathered::default();
        gathered.add(item(&record(), genai_trace_semconv::SCHEMA_URL));
        let mut request = gathered.take();
        // What is not said of the process differs from run to run.
        let resource = request.of_resources[0].resource.as_mut().unwrap();
        resource.attributes.truncate(1);
        let document = document(Signal::Traces, &request.encode_to_vec()).unwrap();
        let document: Json = serde_json::from_slice(&document).unwrap();
        let text = |text: &str| json!({ "stringValue": text });
        let pair = |key: &str, value: Json| json!({ "key": key, "value": value });
        let array = |values: Json| json!({ "arrayValue": { "values": values } });
        let url = genai_trace_semconv::SCHEMA_URL;
        let expected = json!({ "resourceSpans": [{
            "resource": { "attributes": [pair("service.name", text("coder"))] },
            "schemaUrl": url,
            "scopeSpans": [{
                "scope": { "name": "genai-trace", "version": env!("CARGO_PKG_VERSION") },
                "schemaUrl": url,
                "spans": [{
                    "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
                    "spanId": "00f067aa0ba902b7",
                    "parentSpanId": "00f067aa0ba902b6",
                    "traceState": "b=2",
                    "name": "chat gpt-4o",
                    "kind": 3,
                    "startTimeUnixNano": "1790000000000000001",
                    "endTimeUnixNano": "1790000000012345678",
                    "attributes": [
                        pair("text", text("{\"a\":1}")),
                        pair("yes", json!({ "boolValue": true })),
                        pair("int", json!({ "intValue": "-7" })),
                        pair("float", json!({ "doubleValue": 0.5 })),
                        pair("texts", array(json!([text("a"), text("b")]))),
                        pair("truths", array(json!([{ "boolValue": true }, { "boolValue": false }]))),
                        pair("ints", array(json!([{ "intValue": "1" }, { "intValue": "9007199254740993" }]))),
                        pair("floats", array(json!([{ "doubleValue": 0.5 }, { "doubleValue": 2.0 }]))),
                        pair("nan", json!({ "doubleValue": "NaN" })),
                    ],
                    "droppedAttributesCount": 1,
                    "events": [{
                        "timeUnixNano": "1790000000000000002",
                        "name": "exception",
                        "attributes": [pair("exception.type", text("timeout"))],
                    }],
                    "droppedEventsCount": 2,
                    "links": [{
                        "traceId": "0af7651916cd43dd8448eb211c80319c",
                        "spanId": "b7ad6b7169203331",
                        "traceState": "a=1",
                        "attributes": [pair("why", text("handoff"))],
                    }],
                    "droppedLinksCount": 3,
                    "status": { "code": 2, "message": "timed out" },
                }],
            }],
        }]});
        assert_eq!(document, expected);
    }
}
