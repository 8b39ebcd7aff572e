//! Events that are no part of a span as log records of OTLP.

use std::time::Instant;

use genai_trace_semconv::SCHEMA_URL;
use opentelemetry_proto::tonic::logs::v1 as proto;
use prost::Message;

use super::NAME;
use super::request::Item;
use super::sending::Sending;
use super::settings::Settings;
use super::value::members;
use crate::export::ExportError;
use crate::export::log::LogExporter;
use crate::record::LogRecord;

/// Sends events by OTLP.
pub(crate) struct OtlpLogExporter(Sending);

impl OtlpLogExporter {
    pub(crate) fn new(settings: Settings) -> Self {
        let mut sending = Sending::new(settings);
        // A program may have no event, and would never be asked to flush. Where there is no thread now, the first
        // event says so.
        let _ = sending.resume();
        Self(sending)
    }
}

impl LogExporter for OtlpLogExporter {
    fn name(&self) -> &str {
        NAME
    }

    fn export(&mut self, events: &[LogRecord]) -> Result<(), ExportError> {
        self.0.add(&mut events.iter().map(item))?;
        self.0.report()
    }

    fn flush(&mut self, until: Instant) -> Result<(), ExportError> {
        self.0.flush(until)
    }

    fn shutdown(&mut self, until: Instant) -> Result<(), ExportError> {
        self.0.end(until)
    }
}

/// The event as it stands in a request.
fn item(event: &LogRecord) -> Item<'_> {
    Item {
        resource: &event.resource,
        scope: None,
        schema_url: SCHEMA_URL,
        body: record(event).encode_to_vec(),
    }
}

fn record(event: &LogRecord) -> proto::LogRecord {
    proto::LogRecord {
        time_unix_nano: event.time_unix_nano,
        // Nobody has seen it later than it happened.
        observed_time_unix_nano: event.time_unix_nano,
        severity_number: event.severity_number.map_or(0, i32::from),
        attributes: members(&event.attributes),
        trace_id: event
            .trace_id
            .map(|id| id.to_bytes().to_vec())
            .unwrap_or_default(),
        span_id: event
            .span_id
            .map(|id| id.to_bytes().to_vec())
            .unwrap_or_default(),
        event_name: event.event_name.clone(),
        ..proto::LogRecord::default()
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
    use serde_json::{Value as Json, json};

    use super::super::json::document;
    use super::super::request::Gathered;
    use super::super::signal::Signal;
    use super::*;

    /// An event with one of everything.
    fn event() -> LogRecord {
        let line = r#"{"event_name":"gen_ai.client.inference.operation.details","time_unix_nano":1790000000000000001,"severity_number":5,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","attributes":{"gen_ai.input.messages":[{"role":"user","parts":[{"type":"text","content":"hi"}]}],"gen_ai.usage.input_tokens":9007199254740993},"resource":{"service.name":"coder"}}"#;
        serde_json::from_str(line).unwrap()
    }

    fn request(event: &LogRecord) -> Vec<u8> {
        let mut gathered = Gathered::default();
        gathered.add(item(event));
        let mut request = gathered.take();
        // What is not said of the process differs from run to run.
        let resource = request.of_resources[0].resource.as_mut().unwrap();
        resource.attributes.truncate(1);
        request.encode_to_vec()
    }

    #[test]
    fn all_that_an_event_says_is_in_the_message_as_others_read_it() {
        let bytes = request(&event());
        let request = ExportLogsServiceRequest::decode(bytes.as_slice()).unwrap();
        let of_resource = &request.resource_logs[0];
        assert_eq!(of_resource.schema_url, SCHEMA_URL);
        let of_scope = &of_resource.scope_logs[0];
        assert_eq!(of_scope.scope.as_ref().unwrap().name, "genai-trace");
        assert_eq!(of_scope.log_records, [record(&event())]);
    }

    #[test]
    fn a_document_is_written_as_the_specification_has_it() {
        let document = document(Signal::Logs, &request(&event())).unwrap();
        let document: Json = serde_json::from_slice(&document).unwrap();
        let text = |text: &str| json!({ "stringValue": text });
        let pair = |key: &str, value: Json| json!({ "key": key, "value": value });
        let list = |values: Json| json!({ "kvlistValue": { "values": values } });
        let array = |value: Json| json!({ "arrayValue": { "values": [value] } });
        let part = list(json!([
            pair("type", text("text")),
            pair("content", text("hi"))
        ]));
        let message = list(json!([
            pair("role", text("user")),
            pair("parts", array(part))
        ]));
        let url = SCHEMA_URL;
        let expected = json!({ "resourceLogs": [{
            "resource": { "attributes": [pair("service.name", text("coder"))] },
            "schemaUrl": url,
            "scopeLogs": [{
                "scope": { "name": "genai-trace", "version": env!("CARGO_PKG_VERSION") },
                "schemaUrl": url,
                "logRecords": [{
                    "timeUnixNano": "1790000000000000001",
                    "observedTimeUnixNano": "1790000000000000001",
                    "severityNumber": 5,
                    "eventName": "gen_ai.client.inference.operation.details",
                    "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
                    "spanId": "00f067aa0ba902b7",
                    "attributes": [
                        pair("gen_ai.input.messages", array(message)),
                        pair("gen_ai.usage.input_tokens", json!({ "intValue": "9007199254740993" })),
                    ],
                }],
            }],
        }]});
        // Maps of serde_json are in the order of their keys, or in that of their making: either is right.
        assert_eq!(sorted(document), sorted(expected));
    }

    /// Lists of pairs in the order of their keys.
    fn sorted(json: Json) -> Json {
        match json {
            Json::Array(values) => {
                let mut values: Vec<Json> = values.into_iter().map(sorted).collect();
                values.sort_by_key(|value| value["key"].as_str().map(str::to_owned));
                values.into()
            }
            Json::Object(members) => {
                let members = members.into_iter();
                members.map(|(key, value)| (key, sorted(value))).collect()
            }
            other => other,
        }
    }
}
