//! A log record as the JSON of OTLP.

use opentelemetry_proto::tonic::logs::v1::LogRecord;
use serde_json::Value as Json;

use super::{Object, value};

pub(super) fn json(record: &LogRecord) -> Json {
    let mut object = Object::default();
    object.nanos("timeUnixNano", record.time_unix_nano);
    object.nanos("observedTimeUnixNano", record.observed_time_unix_nano);
    if record.severity_number != 0 {
        object.put("severityNumber", record.severity_number.into());
    }
    object.text("severityText", &record.severity_text);
    object.text("eventName", &record.event_name);
    if let Some(body) = &record.body {
        object.put("body", value(body));
    }
    object.attributes(&record.attributes);
    object.count("droppedAttributesCount", record.dropped_attributes_count);
    object.count("flags", record.flags);
    object.hex("traceId", &record.trace_id);
    object.hex("spanId", &record.span_id);
    object.into_json()
}
