//! What instrumentations say of a span beside it: events that OTLP sends as records of a log.

use genai_trace::LogRecord;
use serde_json::{Value as Json, json};

use super::values::{any_value, attributes, flat};
use super::{elements, hexadecimal, is_zero, time};

/// The events of spans in a request of OTLP; records of other logs are left out.
pub(crate) fn events_of(resources: &[Json]) -> Vec<LogRecord> {
    let mut events = Vec::new();
    for of_resource in resources {
        let resource = of_resource.pointer("/resource/attributes");
        for of_scope in elements(of_resource, "scopeLogs") {
            let records = elements(of_scope, "logRecords").iter();
            events.extend(records.filter_map(|record| event(record, resource)));
        }
    }
    events
}

fn event(record: &Json, resource: Option<&Json>) -> Option<LogRecord> {
    let mut said = attributes(record.get("attributes"));
    let members = said.as_object_mut()?;
    // Older ones have the name among the attributes, and what was said in the body.
    let older = members.remove("event.name");
    let names = [record.get("eventName"), older.as_ref()];
    let mut names = names.into_iter().flatten().filter_map(Json::as_str);
    let name = names.find(|name| !name.is_empty())?;
    if let Some(Json::Object(body)) = record.get("body").map(any_value) {
        for (key, value) in body {
            members.entry(key).or_insert_with(|| flat(value));
        }
    }
    let id = |key: &str, digits: usize| {
        let id = hexadecimal(record.get(key)?, digits)?;
        (!is_zero(&id)).then_some(id)
    };
    let at = |key: &str| record.get(key).and_then(time).filter(|at| *at > 0);
    let event = json!({
        "event_name": name,
        "time_unix_nano": at("timeUnixNano").or_else(|| at("observedTimeUnixNano"))?,
        "trace_id": id("traceId", 32)?,
        "span_id": id("spanId", 16)?,
        "attributes": said,
        "resource": attributes(resource),
    });
    serde_json::from_value(event).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(record: &Json) -> Option<LogRecord> {
        let scope_logs = json!([{ "logRecords": [record] }]);
        let resource =
            json!({"attributes": [{"key": "service.name", "value": {"stringValue": "me"}}]});
        events_of(&[json!({ "resource": resource, "scopeLogs": scope_logs })]).pop()
    }

    fn record() -> Json {
        json!({
            "timeUnixNano": "0", "observedTimeUnixNano": "7",
            "traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": "00f067aa0ba902b7",
            "attributes": [{"key": "gen_ai.system", "value": {"stringValue": "openai"}}],
        })
    }

    #[test]
    fn an_event_of_today_has_its_name_in_a_field_of_its_own() {
        let mut sent = record();
        sent["eventName"] = "gen_ai.client.inference.operation.details".into();
        let event = one(&sent).unwrap();
        assert_eq!(
            event.event_name,
            "gen_ai.client.inference.operation.details"
        );
        assert_eq!(
            (event.time_unix_nano, &event.attributes["gen_ai.system"]),
            (7, &json!("openai"))
        );
        assert_eq!(event.resource.str("service.name"), Some("me"));
    }

    #[test]
    fn an_older_event_has_its_name_among_the_attributes_and_says_it_in_the_body() {
        let mut sent = record();
        sent["eventName"] = "".into();
        let name = json!({"key": "event.name", "value": {"stringValue": "gen_ai.choice"}});
        sent["attributes"].as_array_mut().unwrap().push(name);
        sent["body"] = json!({"kvlistValue": {"values": [
            {"key": "index", "value": {"intValue": "0"}},
            {"key": "message", "value": {"kvlistValue": {"values": [
                {"key": "content", "value": {"stringValue": "four"}}]}}},
        ]}});
        let event = one(&sent).unwrap();
        assert_eq!(event.event_name, "gen_ai.choice");
        assert_eq!(event.attributes["message"], r#"{"content":"four"}"#);
        assert!(!event.attributes.contains_key("event.name"));
    }

    #[test]
    fn what_is_no_event_of_a_span_is_left_out() {
        assert_eq!(one(&record()), None);
        for (key, value) in [
            ("traceId", ""),
            ("spanId", "0000000000000000"),
            ("observedTimeUnixNano", "0"),
        ] {
            let mut sent = record();
            sent["eventName"] = "gen_ai.choice".into();
            assert!(one(&sent).is_some());
            sent[key] = value.into();
            assert_eq!(one(&sent), None, "{key}");
        }
    }
}
