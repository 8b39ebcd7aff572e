//! The toolkit's own families, `genai_trace_*`: what is open, what gates said, and what became of
//! the spans.

use super::MODEL_CALLS;
use crate::content::ContentCounts;
use crate::metrics::exposition::{ExporterTotals, Snapshot};
use crate::metrics::family::{MetricFamily, Value};
use crate::metrics::kind::MetricKind;
use crate::metrics::number::Number;
use crate::metrics::source::Source;
use crate::metrics::view::{Count, Level, Part, Shows, View, When};
use crate::prices::Unpriced;
use crate::recorder::report::ExporterReport;
use crate::span::operation::Operation;

/// The beginning of every name here, which the user's own families must not have.
pub(crate) const PREFIX: &str = "genai_trace_";

pub(super) const OPEN_SPANS: View = View {
    name: "genai_trace_open_spans",
    help: "Spans that are open now.",
    shows: Shows::Gauge(&[Part::new(
        Level::Open,
        &Operation::ALL,
        &[("operation", Source::Operation)],
    )]),
};

pub(super) const GATE_DECISIONS: View = View {
    name: "genai_trace_gate_decisions_total",
    help: "Decisions of gates.",
    shows: Shows::Counter(&[Part::new(
        Count::Ended,
        &[Operation::Gate],
        &[("decision", Source::Decision), ("gate", Source::Subject)],
    )
    .when(When::Decided)]),
};

pub(super) const COST: View = View {
    name: "genai_trace_cost_usd_total",
    help: "US dollars that model calls cost; calls of unknown cost are not in it.",
    shows: Shows::Counter(&[Part::new(Count::PicoUsd, MODEL_CALLS, CALL)]),
};

pub(super) const UNPRICED_CALLS: View = View {
    name: "genai_trace_unpriced_calls_total",
    help: "Model calls of which the cost is not known; those that failed before anything was used are not in it.",
    shows: Shows::Counter(&[
        unpriced(0),
        unpriced(1),
        unpriced(2),
        unpriced(3),
        unpriced(4),
    ]),
};

const CALL: &[(&str, Source)] = &[("model", Source::Model), ("provider", Source::Provider)];

#[allow(
    clippy::indexing_slicing,
    reason = "in a constant: a number too large does not compile"
)]
const fn unpriced(why: usize) -> Part<Count> {
    Part::new(Count::Unpriced(why), MODEL_CALLS, CALL).fixed("reason", Unpriced::WORDS[why])
}

/// The families about the recording itself. Zeros are shown, so that an alert on an increase sees
/// the first loss.
pub(in crate::metrics) fn add_families(snapshot: &Snapshot<'_>, to: &mut Vec<MetricFamily>) {
    let outcomes = snapshot.shard.flow().ended();
    let limits = snapshot.shard.cut_by_limit();
    let left_out = snapshot.shard.left_out_by_reason();
    let exporters = snapshot.exporters.iter();
    let in_queues = |count: fn(&ExporterTotals<'_>) -> u64| exporters.clone().map(count).sum();
    let mut reasons = snapshot
        .shard
        .dropped_by_reason()
        .map(|(reason, count)| (reason.as_str(), count))
        .chain([
            ("queue_full", in_queues(|totals| totals.queue_full)),
            ("shutdown", in_queues(|totals| totals.left_at_shutdown)),
        ]);
    add_counter(
        to,
        "genai_trace_spans_total",
        "Spans that ended, whatever became of them.",
        "outcome",
        &mut outcomes.map(|(outcome, count)| (outcome.as_str(), count)),
    );
    add_counter(
        to,
        "genai_trace_spans_dropped_total",
        "Spans that were lost before they reached an exporter; one that two exporters lost counts twice.",
        "reason",
        &mut reasons,
    );
    add_counter(
        to,
        "genai_trace_export_dropped_spans_total",
        "Spans that found no room in an exporter's queue, or were left in it at shutdown.",
        "exporter",
        &mut exporters
            .clone()
            .map(|totals| (totals.name, totals.queue_full + totals.left_at_shutdown)),
    );
    add_counter(
        to,
        "genai_trace_limits_exceeded_total",
        "Attributes, events and links that limits left out of spans, and values that they cut.",
        "limit",
        &mut limits.map(|(limit, count)| (limit.as_str(), count)),
    );
    add_counter(
        to,
        "genai_trace_spans_sampled_out_total",
        "Spans that were left out on purpose.",
        "reason",
        &mut left_out.map(|(reason, count)| (reason.as_str(), count)),
    );
    add_counter(
        to,
        "genai_trace_exported_spans_total",
        "Spans that an exporter wrote.",
        "exporter",
        &mut exporters
            .clone()
            .map(|totals| (totals.name, totals.written)),
    );
    add_counter(
        to,
        "genai_trace_export_failed_spans_total",
        "Spans that an exporter could not write.",
        "exporter",
        &mut exporters.clone().map(|totals| (totals.name, totals.failed)),
    );
    add_counter(
        to,
        "genai_trace_export_errors_total",
        "Attempts to write that failed.",
        "exporter",
        &mut exporters.map(|totals| (totals.name, totals.errors)),
    );
    // Most programs have no event that is not part of a span.
    let has_any = |of: &ExporterReport| of.written + of.failed + of.dropped > 0;
    if snapshot.events.iter().any(has_any) {
        add_counter(
            to,
            "genai_trace_exported_events_total",
            "Events that an exporter wrote.",
            "exporter",
            &mut counts(snapshot.events, |events| events.written),
        );
        add_counter(
            to,
            "genai_trace_export_failed_events_total",
            "Events that an exporter could not write.",
            "exporter",
            &mut counts(snapshot.events, |events| events.failed),
        );
        add_counter(
            to,
            "genai_trace_events_dropped_total",
            "Events that found no room in an exporter's queue.",
            "exporter",
            &mut counts(snapshot.events, |events| events.dropped),
        );
    }
    if !snapshot.data_points.is_empty() {
        add_counter(
            to,
            "genai_trace_exported_data_points_total",
            "Data points of metrics that an exporter sent.",
            "exporter",
            &mut counts(snapshot.data_points, |points| points.written),
        );
        add_counter(
            to,
            "genai_trace_export_failed_data_points_total",
            "Data points of metrics that an exporter could not send, or that the backend refused.",
            "exporter",
            &mut counts(snapshot.data_points, |points| points.failed),
        );
    }
    add_content(to, &snapshot.content);
    let mut unrecognised = MetricFamily::new(
        "genai_trace_unrecognised_responses_total",
        "Model calls that ended well and of which neither tokens nor the model are known.",
        MetricKind::Counter,
    );
    let count = Number::Count(snapshot.shard.unrecognised());
    unrecognised.add(Vec::new(), Value::Single(count));
    to.push(unrecognised);
    let mut busy = MetricFamily::new(
        "genai_trace_drain_busy_seconds_total",
        "Time that the drain thread spent working.",
        MetricKind::Counter,
    );
    let seconds = Number::Decimal {
        units: snapshot.drain_busy_ns,
        decimals: 9,
    };
    busy.add(Vec::new(), Value::Single(seconds));
    to.push(busy);
}

/// One count of each exporter.
fn counts(
    of: &[ExporterReport],
    count: fn(&ExporterReport) -> u64,
) -> impl Iterator<Item = (&str, u64)> {
    of.iter().map(move |of| (of.name.as_str(), count(of)))
}

/// What became of content, where some is asked for.
fn add_content(to: &mut Vec<MetricFamily>, content: &ContentCounts) {
    if !content.is_asked_for {
        return;
    }
    let mut failures = MetricFamily::new(
        "genai_trace_redaction_failures_total",
        "Texts that were dropped because a rule of redaction has failed.",
        MetricKind::Counter,
    );
    let count = Number::Count(content.redaction_failures);
    failures.add(Vec::new(), Value::Single(count));
    to.push(failures);
    if let Some(outcomes) = content.stored {
        add_counter(
            to,
            "genai_trace_content_total",
            "Messages that were to be stored: stored, known before, dropped for want of room, failed to be written.",
            "outcome",
            &mut outcomes.into_iter(),
        );
    }
}

fn add_counter(
    to: &mut Vec<MetricFamily>,
    name: &'static str,
    help: &'static str,
    label: &'static str,
    counts: &mut dyn Iterator<Item = (&str, u64)>,
) {
    let mut family = MetricFamily::new(name, help, MetricKind::Counter);
    for (value, count) in counts {
        family.add(
            vec![(label.into(), value.into())],
            Value::Single(Number::Count(count)),
        );
    }
    to.push(family);
}
