//! What log lines say of the spans that they are written in.

use std::io;
use std::sync::{Arc, Mutex};

use genai_trace::bridge::tracing::{WithTraceIds, layer};
use tracing::{info, info_span};
use tracing_subscriber::fmt::{self as log, format::FmtSpan};
use tracing_subscriber::layer::SubscriberExt;

use crate::{run, search, shown_to};

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

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[test]
fn a_log_line_inside_a_tool_has_the_tool_with_its_ids_and_what_was_said_of_it() {
    let lines = Lines::default();
    let writer = lines.clone();
    let format = log::format().without_time().with_target(false);
    let subscriber = log::fmt()
        .with_ansi(false)
        .event_format(format)
        .with_writer(move || writer.clone())
        .finish();
    let recorded = shown_to(subscriber, || {
        info!("outside");
        search(3);
    });
    let span = recorded.span("execute_tool search");
    assert_eq!(
        lines.text(),
        format!(
            " INFO outside\n INFO execute_tool search{{trace_id={} span_id={} \
             gen_ai.operation.name=\"execute_tool\" gen_ai.tool.name=\"search\" \
             gen_ai.tool.type=\"function\" search.words=3}}: looking\n",
            span.trace_id, span.span_id
        )
    );
}

#[test]
fn a_log_line_of_json_has_the_spans_from_the_agent_down() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = log::fmt()
        .json()
        .with_writer(move || writer.clone())
        .finish();
    let recorded = shown_to(subscriber, || {
        run(|| {
            search(3);
        });
    });
    let line: serde_json::Value = serde_json::from_str(&lines.text()).unwrap();
    let span = recorded.span("execute_tool search");
    assert_eq!(line["spans"][0]["name"], "invoke_agent coder");
    assert_eq!(line["span"]["name"], "execute_tool search");
    assert_eq!(line["span"]["search.words"], 3);
    assert_eq!(line["span"]["span_id"], span.span_id.to_string());
}

#[test]
fn lines_about_a_span_have_its_ids() {
    let lines = Lines::default();
    let writer = lines.clone();
    let format = log::format().without_time().with_target(false);
    let subscriber = log::fmt()
        .with_ansi(false)
        .with_span_events(FmtSpan::FULL)
        .event_format(WithTraceIds::new(format))
        .with_writer(move || writer.clone())
        .finish()
        .with(layer());
    let recorded = shown_to(subscriber, || {
        run(|| {
            info_span!("query").in_scope(|| {});
        });
    });
    let text = lines.text();
    for name in ["invoke_agent coder", "query"] {
        let id = recorded.span(name).span_id;
        let closes = text.lines().filter(|line| line.contains("close"));
        let own = closes.filter(|line| line.contains(&format!(" span_id={id}  INFO")));
        assert_eq!(own.count(), 1, "{name} {id}\n{text}");
    }
}
