//! Runs as a list shows them.

use std::borrow::Cow;
use std::cmp::Reverse;

use genai_trace::SpanInFlight;
use serde::Serialize;

use super::filter::Filter;
use super::index::Trace;
use super::names::{Name, Names};
use super::scores::Marks;
use super::short::{IN_LIST, short};
use super::store::Store;
use super::summary::Summary;
use crate::scores::Kept;
use crate::span::Brief;

/// So many scores of a run a list shows.
const MOST_SCORES: usize = 100;

/// A trace as it stands now: what has ended of it, and what is open.
#[derive(Debug)]
pub(super) struct Seen<'a> {
    pub(super) summary: Cow<'a, Summary>,
    pub(super) open: &'a [SpanInFlight],
}

/// What a list shows of a run.
#[derive(Debug, Serialize)]
pub(super) struct Run {
    trace_id: String,
    name: String,
    agents: Vec<String>,
    models: Vec<String>,
    tools: Vec<Tool>,
    /// Milliseconds since 1970.
    start: f64,
    /// In milliseconds; none while it runs.
    duration: Option<f64>,
    /// Spans in flight.
    open: usize,
    spans: u32,
    errors: u32,
    input_tokens: u64,
    output_tokens: u64,
    cost: Option<f64>,
    /// Model calls whose price nobody knows.
    unpriced: u64,
    outcome: String,
    service: Option<String>,
    session: Option<String>,
    task: Option<String>,
    marks: Marks,
    scores: Vec<Kept>,
    /// The span whose id was looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<String>,
}

#[derive(Debug, Serialize)]
struct Tool {
    name: String,
    calls: u32,
}

/// The answer to who asks for runs.
#[derive(Debug, Serialize)]
pub(super) struct Runs {
    runs: Vec<Run>,
    matches: usize,
    total: usize,
    bad_lines: u64,
    /// Spans that could not be read of lines in which there are others.
    bad_spans: u64,
    /// Records of spans that were there already.
    duplicate_spans: u64,
    files: Vec<String>,
    loading: f64,
}

impl<'a> Seen<'a> {
    pub(super) fn of(summary: &'a Summary, open: &'a [SpanInFlight], names: &Names) -> Self {
        let mut summary = Cow::Borrowed(summary);
        for span in open {
            summary.to_mut().name(&Brief::of_open(span), names);
        }
        Self { summary, open }
    }

    pub(super) fn milliseconds(&self) -> f64 {
        let open = self.open.iter().map(|span| {
            let running = u64::try_from(span.running_for.as_nanos()).unwrap_or(u64::MAX);
            span.start_unix_nano.saturating_add(running)
        });
        let end = open.max().unwrap_or(0).max(self.summary.end);
        milliseconds(end.saturating_sub(self.summary.start))
    }
}

/// Nanoseconds in milliseconds.
pub(super) fn milliseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e6
}

impl Run {
    fn of(id: u128, seen: &Seen<'_>, store: &Store) -> Self {
        let names = &store.index.names;
        let summary = &seen.summary;
        let text = |name: Name| short(&names.text(name), IN_LIST);
        let all = |names: &[Name]| names.iter().map(|name| text(*name)).collect();
        let outcome = match (summary.root, seen.open.is_empty()) {
            (_, false) => "running".to_owned(),
            (Some(root), true) => match (root.outcome, root.has_failed) {
                (Some(outcome), _) => text(outcome),
                (None, true) => "error".to_owned(),
                (None, false) => "ok".to_owned(),
            },
            (None, true) => "ok".to_owned(),
        };
        let tools = summary.tools.iter().map(|(name, calls)| Tool {
            name: text(*name),
            calls: *calls,
        });
        let scores = store.scores.of(id);
        Run {
            trace_id: format!("{id:032x}"),
            name: summary.root.map(|root| text(root.name)).unwrap_or_default(),
            agents: all(&summary.agents),
            models: all(&summary.models),
            tools: tools.collect(),
            start: milliseconds(summary.start),
            duration: seen.open.is_empty().then(|| seen.milliseconds()),
            open: seen.open.len(),
            spans: summary.spans,
            errors: summary.errors,
            input_tokens: summary.used.input_tokens,
            output_tokens: summary.used.output_tokens,
            cost: summary.cost(),
            unpriced: summary.used.unpriced,
            outcome,
            service: summary.service.map(text),
            session: summary.session.map(text),
            task: summary.task.map(text),
            marks: Marks::of(&scores),
            scores: scores
                .iter()
                .take(MOST_SCORES)
                .map(|score| score.cut(|text| short(text, IN_LIST)))
                .collect(),
            span: None,
        }
    }
}

/// The run of this trace; none where there is no such trace.
pub(super) fn run(store: &Store, id: u128) -> Option<Run> {
    let open = store.in_flight.all();
    let open = open.get(&id).map(Vec::as_slice).unwrap_or_default();
    let state = store.index.read();
    let nothing = Summary::default();
    let summary = match state.traces.get(&id) {
        Some(trace) => &trace.summary,
        None if open.is_empty() => return None,
        None => &nothing,
    };
    let seen = Seen::of(summary, open, &store.index.names);
    Some(Run::of(id, &seen, store))
}

/// The page that is asked for of what would be in the order of `key`. Only that page is put in order: of hundreds of
/// thousands of runs all the others need not be.
fn page<'a, T, K: Ord>(all: &'a mut [T], filter: &Filter, key: impl Fn(&T) -> K) -> &'a [T] {
    if filter.offset >= all.len() {
        return &[];
    }
    all.select_nth_unstable_by_key(filter.offset, &key);
    let rest = all.get_mut(filter.offset..).unwrap_or_default();
    if filter.limit < rest.len() {
        rest.select_nth_unstable_by_key(filter.limit, &key);
    }
    let most = filter.limit.min(rest.len());
    let asked = rest.get_mut(..most).unwrap_or_default();
    asked.sort_unstable_by_key(key);
    asked
}

/// The runs that are asked for, the newest first.
pub(super) fn runs(store: &Store, filter: &Filter) -> std::io::Result<Runs> {
    let names = &store.index.names;
    let sieve = filter.sieve(store)?;
    let all_open = store.in_flight.all();
    let nothing = Summary::default();
    let state = store.index.read();
    let only_open = all_open.keys().filter(|id| !state.traces.contains_key(id));
    let only_open: Vec<u128> = only_open.copied().collect();
    let total = state.traces.len() + only_open.len();
    let ended = state.traces.iter().map(|(id, trace)| (*id, &trace.summary));
    let all = ended.chain(only_open.into_iter().map(|id| (id, &nothing)));
    let spans_of = |id: u128| state.traces.get(&id).map(Trace::spans).unwrap_or_default();
    let seen = all.filter_map(|(id, summary)| {
        let open = all_open.get(&id).map(Vec::as_slice).unwrap_or_default();
        let seen = Seen::of(summary, open, names);
        let spans = spans_of(id);
        sieve.holds(id, &seen, spans).then_some((id, seen))
    });
    let mut found: Vec<(u128, Seen<'_>)> = seen.collect();
    let matches = found.len();
    let asked = page(&mut found, filter, |(id, seen)| {
        Reverse((seen.summary.start, *id))
    });
    Ok(Runs {
        runs: asked
            .iter()
            .map(|(id, seen)| {
                let span = sieve.span(*id, seen, spans_of(*id));
                Run {
                    span: span.map(|span| format!("{span:016x}")),
                    ..Run::of(*id, seen, store)
                }
            })
            .collect(),
        matches,
        total,
        bad_lines: state.bad_lines,
        bad_spans: state.bad_spans,
        duplicate_spans: state.again,
        files: store
            .files
            .iter()
            .map(|file| file.display().to_string())
            .collect(),
        loading: store.loading(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_what_it_would_have_were_all_in_order() {
        let numbers: Vec<u64> = (0..1000).map(|number| number * 7919 % 1009).collect();
        let mut sorted = numbers.clone();
        sorted.sort_unstable();
        for (offset, limit) in [
            (0, 0),
            (0, 10),
            (10, 10),
            (995, 10),
            (999, 1),
            (1000, 10),
            (5000, 1),
            (0, 5000),
        ] {
            let said = [("offset", offset), ("limit", limit)];
            let said = said.map(|(key, value): (&str, usize)| (key.to_owned(), value.to_string()));
            let filter = Filter::of(&said).unwrap();
            let mut all = numbers.clone();
            let expected: Vec<u64> = sorted.iter().skip(offset).take(limit).copied().collect();
            assert_eq!(
                page(&mut all, &filter, |number| *number),
                expected,
                "{offset} {limit}"
            );
        }
    }
}
