//! The ids of the current span in log lines.

use std::fmt;

use ::tracing_core::{Event, Subscriber};
use ::tracing_subscriber::fmt::format::Writer;
use ::tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use ::tracing_subscriber::registry::LookupSpan;

use super::bridged::handle;
use super::shown::told_of;
use crate::current;
use crate::span::current::SpanRef;

/// A format of log lines that says in each which span it was written in: `trace_id=.. span_id=..` before the
/// line, or as keys of the object that it is.
///
/// Outside any span a line is what it was. A line with a parent of its own (`info!(parent: &span, ..)`) is that
/// span's, where a [layer](super::layer) takes it; else it is one of the span that the thread is in.
///
/// ```
/// use genai_trace::bridge::tracing::WithTraceIds;
/// use tracing_subscriber::fmt;
///
/// let text = fmt::layer::<tracing_subscriber::Registry>().event_format(WithTraceIds::new(fmt::format()));
/// let json = fmt::layer::<tracing_subscriber::Registry>()
///     .json()
///     .event_format(WithTraceIds::json(fmt::format().json()));
/// # drop((text, json));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct WithTraceIds<F> {
    format: F,
    is_json: bool,
}

impl<F> WithTraceIds<F> {
    /// Lines in this format, with the ids before them.
    pub const fn new(format: F) -> Self {
        Self {
            format,
            is_json: false,
        }
    }

    /// Lines in this format, each of which is a JSON object, with `trace_id` and `span_id` as its first keys.
    pub const fn json(format: F) -> Self {
        Self {
            format,
            is_json: true,
        }
    }
}

impl<S, N, F> FormatEvent<S, N> for WithTraceIds<F>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let said = || {
            let span = context.span(event.parent()?)?;
            span.scope().find_map(|span| handle(&span.extensions()))
        };
        let of = |span: SpanRef| Some((span.trace_id()?, span.span_id()?));
        let ids = told_of().or_else(|| of(said().unwrap_or_else(current)));
        let Some((trace_id, span_id)) = ids else {
            return self.format.format_event(context, writer, event);
        };
        if !self.is_json {
            write!(writer, "trace_id={trace_id} span_id={span_id} ")?;
            return self.format.format_event(context, writer, event);
        }
        let mut line = String::new();
        self.format
            .format_event(context, Writer::new(&mut line), event)?;
        match line.strip_prefix('{') {
            Some(rest) => {
                let comma = match rest.starts_with('}') {
                    true => "",
                    false => ",",
                };
                write!(
                    writer,
                    r#"{{"trace_id":"{trace_id}","span_id":"{span_id}"{comma}{rest}"#
                )
            }
            None => writer.write_str(&line),
        }
    }
}
