//! A trace as the lesson's console shows it: spans within the spans that caused them.

use crate::export::forest::Forest;
use crate::profile::shape::Object;
use crate::record::SpanRecord;

/// What is still to be written, the next last.
enum Step<'a> {
    Span(&'a SpanRecord),
    Text(&'static [u8]),
}

/// Writes each root with its `children`, in a line.
pub(in crate::profile) fn print(spans: &[&SpanRecord], out: &mut Vec<u8>) {
    let mut forest = Forest::new(spans);
    let mut steps = Vec::new();
    for root in forest.take_roots().into_iter().rev() {
        steps.push(Step::Text(b"\n"));
        steps.push(Step::Span(root));
    }
    // Steps rather than recursion: a trace may be deeper than the thread's stack.
    while let Some(step) = steps.pop() {
        let span = match step {
            Step::Text(text) => {
                out.extend_from_slice(text);
                continue;
            }
            Step::Span(span) => span,
        };
        let mut object = Object::begin(out);
        object.text("name", &span.name);
        let mut context = object.object("context");
        context.shown("trace_id", &format_args!("0x{}", span.trace_id));
        context.shown("span_id", &format_args!("0x{}", span.span_id));
        context.end();
        object.time("start_time", span.start_unix_nano);
        object.time("end_time", span.end_unix_nano);
        object.attributes("attributes", &span.attributes);
        let children = forest.take_children(span);
        if children.is_empty() {
            object.end();
            continue;
        }
        object.key("children").push(b'[');
        steps.push(Step::Text(b"]}"));
        for (index, child) in children.into_iter().enumerate().rev() {
            steps.push(Step::Span(child));
            if index > 0 {
                steps.push(Step::Text(b","));
            }
        }
    }
}
