//! A reporter for fastrace that writes its lines by hand: what a careful user could do.

use std::fs::File;

use fastrace::collector::{Config, Reporter, SpanId, SpanRecord};

use super::line::{Head, Lines};

struct ByHand(Lines);

/// Makes the reporter fastrace's own.
pub fn install(file: File) {
    fastrace::set_reporter(ByHand(Lines::new(file)), Config::default());
}

impl Reporter for ByHand {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        for span in &spans {
            let head = Head {
                trace_id: span.trace_id.0.to_be_bytes(),
                span_id: span.span_id.0.to_be_bytes(),
                parent_id: (span.parent_id != SpanId(0)).then(|| span.parent_id.0.to_be_bytes()),
                name: &span.name,
                start_unix_nano: span.begin_time_unix_ns,
                end_unix_nano: span.begin_time_unix_ns + span.duration_ns,
            };
            let properties = span
                .properties
                .iter()
                .map(|(key, value)| (key.as_ref(), value.as_ref()));
            self.0
                .push(&head, properties)
                .expect("the file takes a line");
        }
        self.0.write().expect("the file takes what is written");
    }
}
