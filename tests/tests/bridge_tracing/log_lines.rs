//! Our ids in log lines.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};

use genai_trace::bridge::tracing::{WithTraceIds, layer};
use genai_trace::{current, genai_tool};
use genai_trace_tests::recorded_unchecked;
use tracing::subscriber::with_default;
use tracing::{info, info_span};
use tracing_subscriber::fmt as log;
use tracing_subscriber::layer::SubscriberExt;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0.lock().unwrap()))
    }
}

#[genai_tool]
fn say() -> String {
    info!("inside");
    let current = current();
    format!(
        "{} {}",
        current.trace_id().unwrap(),
        current.span_id().unwrap()
    )
}

#[test]
fn log_lines_say_which_span_they_were_written_in() {
    let lines = Lines::default();
    let writer = lines.clone();
    let format = log::format().without_time();
    let subscriber = log::fmt()
        .with_ansi(false)
        .event_format(WithTraceIds::new(format))
        .with_writer(move || writer.clone())
        .finish();
    let mut ids = String::new();
    recorded_unchecked(|| {
        with_default(subscriber, || {
            info!("outside");
            ids = say();
        });
    });
    let (trace_id, span_id) = ids.split_once(' ').unwrap();
    assert_eq!(
        lines.to_string(),
        format!(
            " INFO bridge_tracing::log_lines: outside\ntrace_id={trace_id} span_id={span_id}  INFO bridge_tracing::log_lines: inside\n"
        )
    );
}

#[test]
fn log_lines_of_json_stay_json() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = log::fmt()
        .json()
        .event_format(WithTraceIds::json(log::format().json().without_time()))
        .with_writer(move || writer.clone())
        .finish();
    let mut ids = String::new();
    recorded_unchecked(|| with_default(subscriber, || ids = say()));
    let line: serde_json::Value = serde_json::from_str(&lines.to_string()).unwrap();
    let (trace_id, span_id) = ids.split_once(' ').unwrap();
    assert_eq!(line["trace_id"], trace_id);
    assert_eq!(line["span_id"], span_id);
    assert_eq!(line["fields"]["message"], "inside");
}

#[test]
fn a_line_with_a_parent_of_its_own_has_the_ids_of_that() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = log::fmt()
        .with_ansi(false)
        .event_format(WithTraceIds::new(log::format().without_time()))
        .with_writer(move || writer.clone())
        .finish()
        .with(layer());
    let recorded = recorded_unchecked(|| {
        with_default(subscriber, || {
            let query = info_span!("query");
            info_span!("elsewhere").in_scope(|| info!(parent: &query, "found"));
        });
    });
    let id = recorded.span("query").span_id;
    let lines = lines.to_string();
    assert!(lines.contains(&format!("span_id={id} ")), "{lines}");
}
