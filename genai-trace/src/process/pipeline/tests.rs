use std::time::Duration;

use super::*;
use crate::metrics::Symbol;
use crate::process::route::Route;
use crate::span::callsite::Callsite;
use crate::span::ids::SpanId;
use crate::span::items::Items;
use crate::span::operation::Operation;
use crate::span::outcome::Outcome;

static STEP: Callsite = Callsite::new(Operation::Step, "step");
static TOOL: Callsite = Callsite::new(Operation::Tool, "delete_file");
static AGENT: Callsite = Callsite::new(Operation::Agent, "coder");

const SECOND: u64 = 1_000_000_000;

/// A span of a test, by the number of its trace and its own; its parent is number 1.
struct Span {
    trace: u64,
    number: u64,
    parent: Option<u64>,
    callsite: &'static Callsite,
    outcome: Outcome,
    took: u64,
    items: Items,
    is_local_root: bool,
}

fn child(trace: u64, number: u64) -> Span {
    Span {
        trace,
        number,
        parent: Some(1),
        callsite: &STEP,
        outcome: Outcome::Ok,
        took: 10,
        items: Items::default(),
        is_local_root: false,
    }
}

fn root(trace: u64) -> Span {
    Span {
        parent: None,
        is_local_root: true,
        ..child(trace, 1)
    }
}

impl Span {
    fn failed(self) -> Self {
        Self {
            outcome: Outcome::Error,
            ..self
        }
    }

    fn of(self, callsite: &'static Callsite) -> Self {
        Self { callsite, ..self }
    }

    fn with(mut self, key: &str, value: bool) -> Self {
        self.items.set(key, &value);
        self
    }

    fn sampled_with(mut self, ratio: f64) -> Self {
        self.items.set("sampling.probability", &ratio);
        self
    }

    fn took(self, took: u64) -> Self {
        Self { took, ..self }
    }

    fn below(self, parent: u64) -> Self {
        Self {
            parent: Some(parent),
            ..self
        }
    }
}

/// The id of a trace that is kept with a ratio of 0.25 and more for odd numbers, and with none
/// below 0.99 for even ones.
fn trace_id(number: u64) -> TraceId {
    let randomness: u64 = if number.is_multiple_of(2) {
        1 << 48
    } else {
        3 << 54
    };
    TraceId::from_bytes((u128::from(number) << 64 | u128::from(randomness)).to_be_bytes()).unwrap()
}

fn span_id(number: u64) -> SpanId {
    SpanId::from_bytes(number.to_be_bytes()).unwrap()
}

fn batch(spans: impl IntoIterator<Item = Span>) -> Batch {
    let mut builder = Batch::builder();
    for span in spans {
        let header = Header {
            callsite: span.callsite.registered().id,
            trace_id: trace_id(span.trace),
            span_id: span_id(span.number),
            parent: span.parent.map(span_id),
            start: 100,
            end: 100 + span.took,
            offset: 5,
            agent: Symbol::NONE,
            outcome: span.outcome,
            is_local_root: span.is_local_root,
        };
        let view = SpanView {
            header,
            callsite: span.callsite,
            items: span.items.bytes(),
            agent: None,
        };
        builder.push(&view);
    }
    builder.finish()
}

fn pipeline(settings: ProcessSettings) -> Pipeline {
    let exporters = ["jsonl", "strict"].map(str::to_owned);
    Pipeline::new(settings, &exporters, None).unwrap()
}

fn tail(rules: TailSampling) -> Pipeline {
    pipeline(ProcessSettings {
        tail: Some(rules),
        ..ProcessSettings::default()
    })
}

fn guard(max_spans: u64) -> Pipeline {
    pipeline(ProcessSettings {
        max_spans: Some(max_spans),
        ..ProcessSettings::default()
    })
}

/// Spans that went out: the trace of each, its number, its probability.
type Gone = Vec<(u64, u64, Option<f64>)>;

fn gone(outgoing: &[Outgoing]) -> Gone {
    let batches = outgoing.iter().flat_map(|outgoing| outgoing.batch.views());
    batches
        .map(|span| {
            let id = u128::from_be_bytes(span.header.trace_id.to_bytes());
            let probability = sampled_with(&span);
            (
                u64::try_from(id >> 64).unwrap(),
                u64::from_be_bytes(span.header.span_id.to_bytes()),
                (!probability.is_certain()).then_some(probability.get()),
            )
        })
        .collect()
}

impl Pipeline {
    fn takes(&mut self, spans: impl IntoIterator<Item = Span>) -> Gone {
        gone(&self.take(batch(spans), 0))
    }

    fn settles(&mut self, due: Due, now: u64) -> Gone {
        self.end_round(due);
        let mut all = Vec::new();
        loop {
            let outgoing = self.settle(due, now);
            if outgoing.is_empty() {
                return all;
            }
            all.extend(gone(&outgoing));
        }
    }
}

#[test]
fn without_settings_a_batch_goes_straight_through() {
    let mut pipeline = pipeline(ProcessSettings::default());
    assert!(pipeline.is_idle());
    assert_eq!(pipeline.takes([child(2, 2)]), [(2, 2, None)]);
}

#[test]
fn a_trace_is_decided_a_round_after_its_root_has_ended() {
    let mut pipeline = tail(TailSampling::new().keep_errors());
    assert_eq!(pipeline.takes([root(2)]), []);
    assert_eq!(pipeline.settles(Due::Round, 0), []);
    // The thread of this one was asked later than that of the root.
    assert_eq!(pipeline.takes([child(2, 2).failed()]), []);
    assert_eq!(
        pipeline.settles(Due::Round, 0),
        [(2, 1, None), (2, 2, None)]
    );
    assert_eq!(pipeline.bytes, 0);
}

#[test]
fn a_flush_decides_what_has_ended_at_once_and_nothing_else() {
    let mut pipeline = tail(TailSampling::new().keep_errors());
    pipeline.takes([child(2, 2).failed(), child(4, 2).failed(), root(4)]);
    assert_eq!(
        pipeline.settles(Due::Flush, 0),
        [(4, 2, None), (4, 1, None)]
    );
    assert_eq!(pipeline.settles(Due::Last, 0), [(2, 2, None)]);
}

#[test]
fn each_rule_keeps_its_traces_and_the_rest_is_left_out() {
    let rules = TailSampling::new()
        .keep_errors()
        .keep_slower_than(Duration::from_nanos(50))
        .keep_tool("delete_file")
        .keep_attribute("app.gold", true);
    let mut pipeline = tail(rules);
    let inside = [
        child(2, 2),
        child(4, 2).failed(),
        child(6, 2).took(51),
        child(8, 2).of(&TOOL),
        child(10, 2).with("app.gold", true),
        child(12, 2).with("app.gold", false),
        child(14, 2).took(50),
    ];
    pipeline.takes(inside);
    pipeline.takes((1..8).map(|number| root(number * 2)));
    let kept = pipeline.settles(Due::Flush, 0);
    let traces: Vec<_> = kept.iter().map(|(trace, ..)| *trace).collect();
    assert_eq!(traces, [4, 4, 6, 6, 8, 8, 10, 10]);
    assert_eq!(pipeline.take_left_out().by_tail_sampling, 6);
}

#[test]
fn the_rest_is_kept_by_trace_id_and_says_with_what_probability() {
    let mut pipeline = tail(TailSampling::new().keep_errors().keep_rest(0.5));
    pipeline.takes([root(1), root(2), root(3).failed()]);
    assert_eq!(
        pipeline.settles(Due::Flush, 0),
        [(1, 1, Some(0.5)), (3, 1, None)]
    );
}

#[test]
fn what_the_sampler_has_left_over_counts_in_the_probability() {
    let mut pipeline = tail(TailSampling::new().keep_errors().keep_rest(0.8));
    pipeline.takes([
        root(1).sampled_with(0.5),
        // Its callsite thins it out.
        child(1, 2).sampled_with(0.3),
        // Of a rule nothing is said, and what the sampler has said stays.
        root(3).sampled_with(0.5).failed(),
    ]);
    assert_eq!(
        pipeline.settles(Due::Flush, 0),
        [(1, 1, Some(0.4)), (1, 2, Some(0.3)), (3, 1, Some(0.5))]
    );
}

#[test]
fn a_trace_that_waits_for_too_long_is_decided_on_what_is_known() {
    let rules = TailSampling::new()
        .keep_errors()
        .decision_wait(Duration::from_secs(2));
    let mut pipeline = tail(rules);
    pipeline.takes([child(2, 2), child(4, 2).failed()]);
    assert_eq!(pipeline.settles(Due::Round, 2 * SECOND - 1), []);
    assert_eq!(pipeline.settles(Due::Round, 2 * SECOND), [(4, 2, None)]);
    // Later spans follow, but for an error, which is kept alone.
    assert_eq!(
        pipeline.takes([child(2, 3), child(2, 4).failed(), child(2, 5), child(4, 3)]),
        [(2, 4, None), (4, 3, None)]
    );
    assert_eq!(pipeline.take_left_out().by_tail_sampling, 3);
}

#[test]
fn the_oldest_trace_is_decided_where_memory_is_short() {
    let mut pipeline = tail(TailSampling::new().keep_errors().max_bytes(64 * 1024));
    let mut out = pipeline.takes([child(2, 2).failed()]);
    let mut number = 2;
    while out.is_empty() {
        number += 2;
        assert!(number < 2000, "no trace was decided");
        out = pipeline.takes([child(number, 2)]);
        assert!(pipeline.bytes <= 64 * 1024);
    }
    assert_eq!(out, [(2, 2, None)]);
}

#[test]
fn memory_is_bounded_whatever_comes() {
    let mut pipeline = pipeline(ProcessSettings {
        tail: Some(TailSampling::new().keep_rest(0.5).max_bytes(64 * 1024)),
        max_spans: Some(2),
        ..ProcessSettings::default()
    });
    for trace in 1..50_000 {
        pipeline.takes((2..6).map(|number| child(trace, number)));
        assert!(pipeline.bytes <= 64 * 1024);
    }
    assert!(pipeline.decided.len() <= MOST_DECIDED + 1);
    assert_eq!(pipeline.forgetting.len(), pipeline.decided.len());
    assert!(pipeline.order.len() <= 2 * pipeline.open.len() + 65);
    pipeline.settles(Due::Last, 0);
    assert_eq!(
        (pipeline.bytes, pipeline.open.len(), pipeline.decided.len()),
        (0, 0, 0)
    );
}

#[test]
fn what_goes_out_at_once_fits_a_queue() {
    let mut pipeline = tail(TailSampling::new().keep_errors());
    let text = "x".repeat(100 * 1024);
    for trace in 1..100 {
        let mut span = root(trace).failed();
        span.items.set("app.text", &text);
        pipeline.takes([span]);
    }
    pipeline.end_round(Due::Last);
    let mut spans = 0;
    loop {
        let outgoing = pipeline.settle(Due::Last, 0);
        if outgoing.is_empty() {
            break;
        }
        let bytes: usize = outgoing.iter().map(|one| one.batch.bytes()).sum();
        assert!(bytes < BATCH_BYTES + 2 * text.len(), "{bytes}");
        spans += gone(&outgoing).len();
    }
    assert_eq!(spans, 99);
}

fn routed(routes: impl IntoIterator<Item = Route>) -> Pipeline {
    pipeline(ProcessSettings {
        routes: routes.into_iter().collect(),
        ..ProcessSettings::default()
    })
}

/// The traces that each of the two exporters gets.
fn by_exporter(outgoing: &[Outgoing]) -> [Vec<u64>; 2] {
    [0, 1].map(|index| {
        let its = outgoing
            .iter()
            .filter(|one| one.to.as_ref().is_none_or(|to| to[index]));
        let traces = its.flat_map(|one| gone(std::slice::from_ref(one)));
        traces.map(|(trace, ..)| trace).collect()
    })
}

#[test]
fn a_routed_trace_goes_whole_to_its_exporter_and_nowhere_else() {
    let mut pipeline = routed([Route::traces_with("app.pii", true).only_to(["strict"])]);
    pipeline.takes([
        child(2, 2),
        child(4, 2).with("app.pii", true),
        root(2),
        root(4),
    ]);
    pipeline.end_round(Due::Flush);
    let outgoing = pipeline.settle(Due::Flush, 0);
    assert_eq!(by_exporter(&outgoing), [vec![2, 2], vec![4, 4]]);
}

#[test]
fn the_first_route_that_fits_counts() {
    let mut pipeline = routed([
        Route::traces_with("app.pii", true).only_to(["strict"]),
        Route::traces_with("app.debug", true).only_to(["jsonl", "strict"]),
    ]);
    pipeline.takes([
        child(2, 2).with("app.debug", true),
        child(2, 3).with("app.pii", true),
        child(4, 2).with("app.debug", true),
        child(6, 2),
    ]);
    pipeline.end_round(Due::Last);
    let outgoing = pipeline.settle(Due::Last, 0);
    // No exporter is left for the rest.
    assert_eq!(by_exporter(&outgoing), [vec![4], vec![2, 2, 4]]);
}

#[test]
fn an_attribute_that_comes_too_late_leads_at_least_what_follows() {
    let mut pipeline = routed([Route::traces_with("app.pii", true).only_to(["strict"])]);
    pipeline.takes([child(2, 2)]);
    pipeline.settles(Due::Round, 60 * SECOND);
    let late = [child(2, 3), child(2, 4).with("app.pii", true), child(2, 5)];
    let outgoing = pipeline.take(batch(late), 0);
    assert_eq!(by_exporter(&outgoing), [vec![2], vec![2, 2]]);
}

#[test]
fn a_flood_becomes_one_span_that_counts_it() {
    let mut pipeline = guard(2);
    let steps = (2..12).map(|number| child(2, number));
    assert_eq!(pipeline.takes(steps), [(2, 2, None), (2, 3, None)]);
    assert_eq!(
        pipeline.takes([
            child(2, 20).of(&TOOL).below(9),
            child(2, 21).failed(),
            child(2, 22).of(&AGENT),
            root(2),
        ]),
        [(2, 21, None), (2, 22, None), (2, 1, None)]
    );
    pipeline.end_round(Due::Flush);
    let outgoing = pipeline.settle(Due::Flush, 0);
    let span = outgoing[0].batch.views().next().unwrap();
    let record = span.record(&Default::default());
    assert_eq!(record.name, "spans omitted");
    assert_eq!(record.trace_id, trace_id(2));
    assert_eq!(record.parent_span_id, Some(span_id(1)));
    assert_eq!((record.start_unix_nano, record.end_unix_nano), (105, 115));
    let attributes = serde_json::to_string(&record.attributes).unwrap();
    assert_eq!(
        attributes,
        r#"{"genai_trace.omitted.spans":9,"genai_trace.omitted.names":["step","execute_tool delete_file"],"genai_trace.omitted.counts":[8,1]}"#
    );
    let left_out = pipeline.take_left_out();
    assert_eq!((left_out.by_max_spans, left_out.summaries), (9, 1));
    assert_eq!(pipeline.settles(Due::Last, 0), []);
}

#[test]
fn the_parents_of_what_was_recorded_are_recorded_too() {
    let mut pipeline = guard(1);
    // 5 ends first, below 4 below 3 below the root.
    let spans = [
        child(2, 5).below(4),
        child(2, 6).below(4),
        child(2, 4).below(3),
        child(2, 3),
    ];
    assert_eq!(
        pipeline.takes(spans),
        [(2, 5, None), (2, 4, None), (2, 3, None)]
    );
}

#[test]
fn a_batch_within_the_limit_is_not_copied() {
    let mut pipeline = guard(2);
    let batch = batch([child(2, 2).with("app.on", true), child(2, 3)]);
    let before = batch.views().next().unwrap().items.as_ptr();
    let outgoing = pipeline.take(batch, 0);
    let after = outgoing[0].batch.views().next().unwrap().items.as_ptr();
    assert_eq!(before, after);
}

#[test]
fn what_is_omitted_after_the_end_is_told_at_the_last() {
    let mut pipeline = guard(1);
    pipeline.takes([root(2)]);
    assert_eq!(pipeline.settles(Due::Flush, 0), []);
    assert_eq!(pipeline.takes([child(2, 2)]), []);
    assert_eq!(pipeline.settles(Due::Last, 0).len(), 1);
}

#[test]
fn a_trace_that_is_not_kept_tells_of_no_flood() {
    let mut pipeline = pipeline(ProcessSettings {
        tail: Some(TailSampling::new().keep_errors()),
        max_spans: Some(1),
        ..ProcessSettings::default()
    });
    pipeline.takes([child(2, 2), child(2, 3), root(2)]);
    assert_eq!(pipeline.settles(Due::Flush, 0), []);
    let left_out = pipeline.take_left_out();
    assert_eq!(
        (
            left_out.by_max_spans,
            left_out.by_tail_sampling,
            left_out.summaries
        ),
        (1, 2, 0)
    );
}

#[test]
fn a_limit_of_no_spans_is_refused() {
    let settings = ProcessSettings {
        max_spans: Some(0),
        ..ProcessSettings::default()
    };
    let error = Pipeline::new(settings, &[], None).unwrap_err();
    assert_eq!(error.to_string(), "max_spans(0): expected 1 or more");
}
