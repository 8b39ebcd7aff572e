//! A trace held to its limits.

use std::collections::HashSet;

use serde_json::{Value as Json, json};

use super::limits::Limits;
use super::looping::loops;
use super::repeats::repeats;
use super::rules;
use super::seen::{Seen, Span};
use crate::findings::{Finding, Findings, Rule};
use crate::pricing::Spent;
use crate::span::Kind;
use crate::text::{cost, count, dollars, duration};
use crate::traces::Trace;

/// How often in a row an agent may make the same call, unless it is said.
const REPEATS: u64 = 4;
/// So many calls of a row are named.
const IDS: usize = 10;

/// Adds to `findings` what is wrong with a trace.
pub(super) fn judge(trace: &Trace<Seen>, limits: &Limits, findings: &mut Findings) {
    let mut spans: Vec<&Span> = trace.spans.iter().collect();
    spans.sort_by_key(|span| (span.start, span.place, span.id));
    let mut judge = Judge {
        id: trace.id,
        spans,
        others: &trace.others,
        findings,
    };
    judge.cost(limits);
    judge.counts(limits);
    judge.duration(limits);
    judge.tools(limits, trace.is_whole);
    judge.failures(limits);
    judge.loops();
    judge.repeats(limits);
    judge.patterns();
}

/// A trace that is judged; its spans in the order in which they began.
struct Judge<'a, 'f> {
    id: u128,
    spans: Vec<&'a Span>,
    /// What else was said of them.
    others: &'a [Span],
    findings: &'f mut Findings,
}

impl<'a> Judge<'a, '_> {
    fn add(
        &mut self,
        rule: &'static Rule,
        span: Option<&Span>,
        message: String,
        [value, limit]: [Json; 2],
    ) {
        self.findings.add(Finding {
            rule,
            trace_id: self.id,
            span: span.map(Span::at),
            message,
            value,
            limit,
            section: None,
        });
    }

    fn cost(&mut self, limits: &Limits) {
        let Some(most) = limits.max_cost else {
            return;
        };
        let (mut sum, mut passed, mut unpriced) = (0.0, None, Vec::new());
        for span in &self.spans {
            match span.seen.spent {
                Spent::Dollars(dollars) => sum += dollars,
                Spent::Unknown => unpriced.push(*span),
                Spent::Nothing => {}
            }
            if sum > most && passed.is_none() {
                passed = Some(*span);
            }
        }
        let missing = u64::try_from(unpriced.len()).unwrap_or(u64::MAX);
        if let Some(span) = passed {
            let message = format!(
                "the trace cost {}, at most {} is allowed",
                cost(sum, missing),
                dollars(most)
            );
            self.add(
                &rules::MAX_COST,
                Some(span),
                message,
                [json!(sum), json!(most)],
            );
        } else if let Some(span) = unpriced.first() {
            let calls = count(missing, "call");
            let message = format!("{calls} without a known price, this is the first");
            self.add(
                &rules::UNPRICED,
                Some(span),
                message,
                [json!(missing), Json::Null],
            );
        }
    }

    fn counts(&mut self, limits: &Limits) {
        let is_call =
            |span: &Span| u64::from(span.seen.kind.calls_a_model() || span.seen.kind == Kind::Tool);
        self.count(&rules::MAX_CALLS, limits.max_calls, "call", is_call);
        self.count(
            &rules::MAX_CHAT_CALLS,
            limits.max_chat_calls,
            "call of a model",
            |span| u64::from(span.seen.kind == Kind::Model),
        );
        self.count(
            &rules::MAX_TOOL_CALLS,
            limits.max_tool_calls,
            "call of a tool",
            |span| u64::from(span.seen.kind == Kind::Tool),
        );
        self.count(&rules::MAX_TOKENS, limits.max_tokens, "token", |span| {
            span.seen.tokens
        });
        self.count(&rules::MAX_TURNS, limits.max_turns, "turn", |span| {
            u64::from(span.seen.is_turn)
        });
    }

    fn count(
        &mut self,
        rule: &'static Rule,
        limit: Option<u64>,
        what: &str,
        amount: impl Fn(&Span) -> u64,
    ) {
        let Some(most) = limit else {
            return;
        };
        let (mut sum, mut passed) = (0_u64, None);
        for span in &self.spans {
            sum = sum.saturating_add(amount(span));
            if sum > most && passed.is_none() {
                passed = Some(*span);
            }
        }
        if let Some(span) = passed {
            let (one, many) = match what.split_once(' ') {
                Some((one, of)) => (what.to_owned(), format!("{one}s {of}")),
                None => (what.to_owned(), format!("{what}s")),
            };
            let name = if sum == 1 { one } else { many };
            let message = format!("{sum} {name}, at most {most} allowed");
            self.add(rule, Some(span), message, [json!(sum), json!(most)]);
        }
    }

    fn duration(&mut self, limits: &Limits) {
        let Some(most) = limits.max_duration else {
            return;
        };
        let start = self.spans.first().map_or(0, |span| span.start);
        let last = self.spans.iter().max_by_key(|span| span.end).copied();
        let took = last.map_or(0, |span| span.end.saturating_sub(start));
        if took > most {
            let message = format!(
                "the trace took {}, at most {} is allowed",
                duration(took),
                duration(most)
            );
            let span = self.root().or(last);
            self.add(
                &rules::MAX_DURATION,
                span,
                message,
                [json!(took), json!(most)],
            );
        }
    }

    fn root(&self) -> Option<&'a Span> {
        self.spans.iter().find(|span| span.parent == 0).copied()
    }

    fn tools(&mut self, limits: &Limits, is_whole: bool) {
        for pattern in &limits.forbid {
            for span in self.spans.clone() {
                let called = span
                    .seen
                    .tool
                    .as_deref()
                    .filter(|tool| pattern.matches(tool));
                if let Some(tool) = called {
                    let message = format!("{tool} was called, {pattern} is forbidden");
                    let said = [json!(tool), json!(pattern.as_str())];
                    self.add(&rules::FORBID, Some(span), message, said);
                }
            }
        }
        // Of a part of a trace nobody knows what the rest has called.
        let required = limits.require.iter().filter(|_| is_whole);
        for pattern in required {
            let mut tools = self
                .spans
                .iter()
                .filter_map(|span| span.seen.tool.as_deref());
            if !tools.any(|tool| pattern.matches(tool)) {
                let message = format!("no call of {pattern}");
                let said = [Json::Null, json!(pattern.as_str())];
                self.add(&rules::REQUIRE, self.root(), message, said);
            }
        }
    }

    /// What failed or crashed; of what went wrong one below the other the innermost.
    fn failures(&mut self, limits: &Limits) {
        let above = |wrong: fn(&Span) -> bool| -> HashSet<u64> {
            let wrong = self.spans.iter().filter(|span| wrong(span));
            wrong.map(|span| span.parent).collect()
        };
        let failed = above(|span| span.seen.failure.is_some());
        let crashed = above(|span| span.seen.has_crashed);
        for span in self.spans.clone() {
            if span.seen.has_crashed && !crashed.contains(&span.id) {
                let message = "the process crashed while it was open".to_owned();
                self.add(
                    &rules::CRASHED,
                    Some(span),
                    message,
                    [Json::Null, Json::Null],
                );
            } else if let Some(failure) = &span.seen.failure
                && limits.no_errors
                && !span.seen.has_crashed
                && !failed.contains(&span.id)
            {
                let said = [json!(failure), Json::Null];
                let message = match failure.is_empty() {
                    true => "failed".to_owned(),
                    false => failure.clone().into(),
                };
                self.add(&rules::NO_ERRORS, Some(span), message, said);
            }
        }
    }

    fn loops(&mut self) {
        for found in loops(&self.spans) {
            let message = format!(
                "{} of this name beside each other, {} each on average",
                count(found.spans, "span"),
                duration(found.mean)
            );
            self.add(
                &rules::LOOP,
                Some(found.first),
                message,
                [json!(found.spans), Json::Null],
            );
        }
    }

    fn repeats(&mut self, limits: &Limits) {
        let most = limits.max_repeats.unwrap_or(REPEATS);
        for calls in repeats(&self.spans, usize::try_from(most).unwrap_or(usize::MAX)) {
            let ids = calls
                .iter()
                .take(IDS)
                .map(|call| format!("{:016x}", call.id));
            let ids = ids.collect::<Vec<_>>().join(", ");
            let more = if calls.len() > IDS { ", .." } else { "" };
            let message = format!(
                "{} times in a row with the same arguments, at most {most} allowed: {ids}{more}",
                calls.len()
            );
            let said = [json!(calls.len()), json!(most)];
            self.add(&rules::MAX_REPEATS, calls.first().copied(), message, said);
        }
    }

    /// A conversation repeats what was said: it is found once. Whatever records say of a span is looked at.
    fn patterns(&mut self) {
        let hits = self.spans.iter().copied().chain(self.others);
        let hits = hits.flat_map(|span| span.seen.hits.iter().map(move |hit| (span, hit)));
        let (asked_for, others) = hits.partition::<Vec<_>, _>(|(_, hit)| hit.is_asked_for());
        let mut told = HashSet::new();
        for (span, hit) in others.into_iter().chain(asked_for) {
            if told.insert((hit.rule.id, hit.found.as_str())) {
                let message = hit.message();
                self.add(hit.rule, Some(span), message, [Json::Null, Json::Null]);
            }
        }
    }
}

#[cfg(test)]
mod tests;
