//! A run with all its spans, as its waterfall shows them.

use std::collections::{BTreeMap, HashSet};
use std::io;

use genai_trace::prices::PriceClass;
use genai_trace::{SpanInFlight, SpanRecord};
use serde::Serialize;
use serde_json::json;

use super::run::{Run, milliseconds, run};
use super::short::{IN_WATERFALL, short};
use super::store::Store;
use crate::pricing::{Spent, by_class, spent};
use crate::scores::Kept;
use crate::span::{Brief, Kind};
use crate::tree::{Tree, critical_path};

/// A run with all its spans.
#[derive(Debug, Serialize)]
pub(super) struct Trace {
    run: Run,
    spans: Vec<Span>,
    critical: Vec<String>,
    tokens: AllTokens,
    cost: Costs,
    by_model: Vec<OfModel>,
    by_tool: Vec<OfTool>,
    scores: Vec<Kept>,
}

/// What a waterfall shows of a span.
#[derive(Debug, Serialize)]
pub(super) struct Span {
    id: String,
    parent: Option<String>,
    depth: usize,
    name: String,
    operation: Option<String>,
    subject: Option<String>,
    /// Milliseconds since 1970.
    start: f64,
    /// In milliseconds; none while it is open.
    duration: Option<f64>,
    outcome: &'static str,
    message: String,
    /// What a gate said, and why.
    decision: Option<String>,
    tokens: Option<Tokens>,
    cost: Option<f64>,
    events: usize,
    links: usize,
    children: usize,
}

#[derive(Debug, Serialize)]
struct Tokens {
    input: u64,
    output: u64,
}

#[derive(Debug, Default, Serialize)]
struct AllTokens {
    input: u64,
    cache_read: u64,
    cache_write: u64,
    output: u64,
    reasoning: u64,
}

/// In dollars; classes only of calls whose price is known by class.
#[derive(Debug, Default, Serialize)]
struct Costs {
    input: f64,
    cache_read: f64,
    cache_write: f64,
    output: f64,
    reasoning: f64,
    total: Option<f64>,
}

#[derive(Debug, Default, Serialize)]
struct OfModel {
    model: String,
    calls: u64,
    input_tokens: u64,
    output_tokens: u64,
    /// None where no price is known.
    cost: Option<f64>,
}

#[derive(Debug, Default, Serialize)]
struct OfTool {
    tool: String,
    calls: u64,
    errors: u64,
    /// Of all calls, in milliseconds.
    duration: f64,
}

/// A run with all its spans; none where there is no such trace.
pub(super) fn trace(store: &Store, id: u128) -> io::Result<Option<Trace>> {
    let Some(run) = run(store, id) else {
        return Ok(None);
    };
    let (tree, open) = tree(store, id)?;
    let mut scores = store.scores.of(id);
    scores.extend(tree.spans.iter().flat_map(scores_of));
    let path = critical_path(&tree);
    let nodes = tree.nodes();
    let critical = nodes.iter().filter(|node| path.contains(&node.place));
    let critical = critical.filter_map(|node| Some(tree.span(node.place)?.span_id.to_string()));
    let mut trace = Trace {
        run,
        critical: critical.collect(),
        spans: spans(&tree, &open),
        tokens: AllTokens::default(),
        cost: Costs::default(),
        by_model: Vec::new(),
        by_tool: Vec::new(),
        scores,
    };
    let ended = tree
        .spans
        .iter()
        .filter(|span| !open.contains(&span.span_id.to_bytes()));
    trace.add_up(ended);
    Ok(Some(trace))
}

/// The spans of a trace as a tree, and the ids of those that are open.
pub(super) fn tree(store: &Store, id: u128) -> io::Result<(Tree, HashSet<[u8; 8]>)> {
    // Asked first: what ends in between is there twice rather than not at all.
    let in_flight = store.in_flight.all();
    let mut records = store.spans(id)?.unwrap_or_default();
    let ended: HashSet<_> = records.iter().map(|span| span.span_id.to_bytes()).collect();
    let mut open = HashSet::new();
    for span in in_flight.get(&id).into_iter().flatten() {
        let id = span.span_id.to_bytes();
        if !ended.contains(&id)
            && let Some(record) = as_record(span)
        {
            open.insert(id);
            records.push(record);
        }
    }
    Ok((Tree::new(records), open))
}

/// A span that is open as if it ended now.
fn as_record(span: &SpanInFlight) -> Option<SpanRecord> {
    let running = u64::try_from(span.running_for.as_nanos()).unwrap_or(u64::MAX);
    let record = json!({
        "trace_id": span.trace_id,
        "span_id": span.span_id,
        "parent_span_id": span.parent_span_id,
        "name": span.name,
        "kind": span.kind,
        "start_unix_nano": span.start_unix_nano,
        "end_unix_nano": span.start_unix_nano.saturating_add(running),
        "status": "UNSET",
        "status_message": "",
        "attributes": span.attributes,
        "events": [],
        "links": [],
        "resource": {},
    });
    serde_json::from_value(record).ok()
}

/// The spans as a waterfall shows them, in the order in which a tree is drawn.
pub(super) fn spans(tree: &Tree, open: &HashSet<[u8; 8]>) -> Vec<Span> {
    let nodes = tree.nodes().into_iter();
    let spans = nodes.filter_map(|node| {
        let record = tree.span(node.place)?;
        let is_open = open.contains(&record.span_id.to_bytes());
        let children = tree.children(node.place).len();
        Some(Span::of(record, node.depth, is_open, children))
    });
    spans.collect()
}

fn shown(text: &str) -> String {
    short(text, IN_WATERFALL)
}

impl Span {
    fn of(record: &SpanRecord, depth: usize, is_open: bool, children: usize) -> Self {
        let brief = Brief::of(record);
        let facts = &brief.facts;
        let kind = brief.kind();
        let by_kind = match kind {
            Kind::Agent => Some("invoke_agent"),
            Kind::Model => Some("chat"),
            Kind::Embeddings => Some("embeddings"),
            Kind::Tool => Some("execute_tool"),
            Kind::Retrieval => Some("retrieval"),
            Kind::Gate => Some("gate"),
            Kind::Step => None,
        };
        let has_tokens = facts.input_tokens.is_some() || facts.output_tokens.is_some();
        Span {
            id: record.span_id.to_string(),
            parent: record.parent_span_id.map(|id| id.to_string()),
            depth,
            name: shown(&record.name),
            operation: facts.operation.as_deref().or(by_kind).map(shown),
            subject: (kind != Kind::Step).then(|| shown(brief.subject())),
            start: milliseconds(brief.start),
            duration: (!is_open).then(|| milliseconds(brief.nanoseconds())),
            outcome: if is_open {
                "running"
            } else {
                record.outcome().as_str()
            },
            message: shown(&record.status_message),
            decision: facts
                .decision
                .as_deref()
                .map(|decision| match facts.reason.as_deref() {
                    Some(reason) => shown(&format!("{decision}: {reason}")),
                    None => shown(decision),
                }),
            tokens: (kind.calls_a_model() && has_tokens).then(|| Tokens {
                input: facts.input_tokens.unwrap_or(0),
                output: facts.output_tokens.unwrap_or(0),
            }),
            cost: if is_open {
                None
            } else {
                spent(&brief).dollars()
            },
            events: record.events.len(),
            links: record.links.len(),
            children,
        }
    }
}

impl Trace {
    fn add_up<'a>(&mut self, spans: impl Iterator<Item = &'a SpanRecord>) {
        let mut models: BTreeMap<String, OfModel> = BTreeMap::new();
        let mut tools: BTreeMap<String, OfTool> = BTreeMap::new();
        let mut has_unknown = false;
        for span in spans {
            let span = Brief::of(span);
            match span.kind() {
                Kind::Tool => {
                    let tool = tools.entry(shown(span.subject())).or_default();
                    tool.calls += 1;
                    tool.errors += u64::from(span.has_failed);
                    tool.duration += milliseconds(span.nanoseconds());
                }
                kind if kind.calls_a_model() => {
                    let model = span.facts.any_model().unwrap_or("(not said)");
                    models.entry(shown(model)).or_default().add(&span);
                    self.tokens.add(&span);
                    has_unknown |= spent(&span) == Spent::Unknown;
                    self.cost.add(&span);
                }
                _ => {}
            }
        }
        if self.cost.total.is_none() && !has_unknown {
            self.cost.total = Some(0.0);
        }
        let models = models.into_iter();
        self.by_model = models
            .map(|(model, sum)| OfModel { model, ..sum })
            .collect();
        let tools = tools.into_iter();
        self.by_tool = tools.map(|(tool, sum)| OfTool { tool, ..sum }).collect();
    }
}

/// Counts that nobody can have used do not come round to small ones.
fn add(sum: &mut u64, tokens: Option<u64>) {
    *sum = sum.saturating_add(tokens.unwrap_or(0));
}

impl OfModel {
    fn add(&mut self, span: &Brief<'_>) {
        self.calls += 1;
        let facts = &span.facts;
        add(&mut self.input_tokens, facts.input_tokens);
        add(&mut self.output_tokens, facts.output_tokens);
        if let Some(dollars) = spent(span).dollars() {
            self.cost = Some(self.cost.unwrap_or(0.0) + dollars);
        }
    }
}

impl AllTokens {
    fn add(&mut self, span: &Brief<'_>) {
        let facts = &span.facts;
        add(&mut self.input, facts.input_tokens);
        add(&mut self.cache_read, facts.cache_read_tokens);
        add(&mut self.cache_write, facts.cache_write_tokens);
        add(&mut self.output, facts.output_tokens);
        add(&mut self.reasoning, facts.reasoning_tokens);
    }
}

impl Costs {
    fn add(&mut self, span: &Brief<'_>) {
        let Some(dollars) = spent(span).dollars() else {
            return;
        };
        self.total = Some(self.total.unwrap_or(0.0) + dollars);
        let Some(classes) = by_class(span) else {
            return;
        };
        // What the span says itself may come from other prices, of which nobody knows the classes.
        if (classes.total() - dollars).abs() > dollars / 100.0 {
            return;
        }
        for class in PriceClass::ALL {
            let sum = match class {
                PriceClass::CacheRead | PriceClass::CacheReadAudio | PriceClass::CacheReadImage => {
                    &mut self.cache_read
                }
                PriceClass::CacheWrite | PriceClass::CacheWrite1h => &mut self.cache_write,
                PriceClass::Output | PriceClass::OutputAudio | PriceClass::OutputImage => {
                    &mut self.output
                }
                PriceClass::Reasoning => &mut self.reasoning,
                _ => &mut self.input,
            };
            *sum += classes.usd(class);
        }
    }
}

/// Scores that were given while the span was open: its events.
pub(super) fn scores_of(span: &SpanRecord) -> impl Iterator<Item = Kept> {
    let events = span.events.iter();
    events.filter_map(|event| Kept::of_event(event, span.span_id))
}
