//! From a span or an event to the rows of a store.

use rusqlite::{Connection, params};
use serde::Serialize;

use crate::record::{LogRecord, SpanRecord};

const SPAN: &str = "INSERT INTO spans (trace_id, span_id, parent_span_id, name, kind, start_unix_nano, end_unix_nano, \
     status, status_message, attributes, resource, trace_state, flags, scope, dropped) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) \
     ON CONFLICT (trace_id, span_id) DO NOTHING";
const EVENT: &str = "INSERT INTO events (trace_id, span_id, name, time_unix_nano, severity_number, attributes, resource, \
     is_on_span) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const LINK: &str = "INSERT INTO links (trace_id, span_id, linked_trace_id, linked_span_id, trace_state, attributes) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

/// A span with its events and links; nothing where it is there already.
pub(super) fn insert_span(batch: &Connection, span: &SpanRecord) -> rusqlite::Result<()> {
    let (trace_id, span_id) = (span.trace_id.to_string(), span.span_id.to_string());
    let inserted = batch.prepare_cached(SPAN)?.execute(params![
        trace_id,
        span_id,
        span.parent_span_id.map(|id| id.to_string()),
        span.name,
        span.kind.as_str(),
        nanoseconds(span.start_unix_nano),
        nanoseconds(span.end_unix_nano),
        span.status.as_str(),
        span.status_message,
        json(&span.attributes)?,
        json(&*span.resource)?,
        span.trace_state,
        span.flags,
        span.scope.as_ref().map(json).transpose()?,
        span.dropped.as_ref().map(json).transpose()?,
    ])?;
    if inserted == 0 {
        return Ok(());
    }
    for event in &span.events {
        batch.prepare_cached(EVENT)?.execute(params![
            trace_id,
            span_id,
            event.name,
            nanoseconds(event.time_unix_nano),
            None::<u8>,
            json(&event.attributes)?,
            None::<String>,
            true,
        ])?;
    }
    for link in &span.links {
        batch.prepare_cached(LINK)?.execute(params![
            trace_id,
            span_id,
            link.trace_id.to_string(),
            link.span_id.to_string(),
            link.trace_state,
            json(&link.attributes)?,
        ])?;
    }
    Ok(())
}

/// An event that is no part of a span.
pub(super) fn insert_log_record(batch: &Connection, event: &LogRecord) -> rusqlite::Result<()> {
    batch.prepare_cached(EVENT)?.execute(params![
        event.trace_id.map(|id| id.to_string()),
        event.span_id.map(|id| id.to_string()),
        event.event_name,
        nanoseconds(event.time_unix_nano),
        event.severity_number,
        json(&event.attributes)?,
        json(&*event.resource)?,
        false,
    ])?;
    Ok(())
}

/// SQLite knows no integers beyond those of the year 2262.
fn nanoseconds(unix_nano: u64) -> i64 {
    i64::try_from(unix_nano).unwrap_or(i64::MAX)
}

fn json(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}
