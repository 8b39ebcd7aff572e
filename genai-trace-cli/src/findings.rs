//! What is wrong with traces: rules, where they are broken, and how that is said to people and programs.

mod github;
mod output;
mod sarif;
mod text;

pub(crate) use self::output::{Output, explained, named};

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::input::{Place, Source};
use crate::reading::Judged;
use crate::span::Fault;

/// So many findings of a rule are kept; those beyond are counted.
pub(crate) const MOST_KEPT: usize = 1_000;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Error,
    Warning,
    Note,
}

impl Level {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        }
    }
}

/// Something that traces can break.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Its name, which users type.
    pub(crate) id: &'static str,
    pub(crate) level: Level,
    /// What is wrong, in one line.
    pub(crate) summary: &'static str,
    /// What is allowed, and what to do.
    pub(crate) help: &'static str,
}

/// A place where a rule is broken.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    pub(crate) rule: &'static Rule,
    pub(crate) trace_id: u128,
    /// None where it is the trace as a whole.
    pub(crate) span: Option<At>,
    /// What was found, in one line.
    pub(crate) message: String,
    /// What was measured or said, and what is allowed; null where there is no such thing.
    pub(crate) value: Json,
    pub(crate) limit: Json,
    /// The section of a document that says so.
    pub(crate) section: Option<String>,
}

/// The span that a finding is about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct At {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) place: Place,
}

impl Finding {
    fn of_fault(rule: &'static Rule, place: Place, fault: &Fault) -> Self {
        Self {
            rule,
            trace_id: fault.trace_id,
            span: Some(At {
                id: fault.span_id,
                name: fault.name.clone(),
                place,
            }),
            message: fault.why.clone(),
            value: Json::Null,
            limit: Json::Null,
            section: None,
        }
    }

    /// Whether it is about a line of which nobody knows whose span it is.
    fn is_of_line(&self) -> bool {
        let is_unknown = |span: &At| span.id == 0 && span.name.is_empty();
        self.trace_id == 0 && self.span.as_ref().is_some_and(is_unknown)
    }
}

/// What was found, by rule.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    kept: BTreeMap<(Level, &'static str), Vec<Finding>>,
    counts: BTreeMap<(Level, &'static str), u64>,
    /// Rules that are switched off.
    allowed: Vec<&'static str>,
}

impl Findings {
    pub(crate) fn allowing(allowed: Vec<&'static str>) -> Self {
        Self {
            allowed,
            ..Self::default()
        }
    }

    pub(crate) fn add(&mut self, finding: Finding) {
        let key = (finding.rule.level, finding.rule.id);
        if self.allowed.contains(&finding.rule.id) {
            return;
        }
        *self.counts.entry(key).or_default() += 1;
        let kept = self.kept.entry(key).or_default();
        if kept.len() < MOST_KEPT {
            kept.push(finding);
        }
    }

    /// Adds the lines, and the spans in lines of others, that could not be read; of those beyond what is kept it is said
    /// how many they are.
    pub(crate) fn add_unreadable(&mut self, rule: &'static Rule, judged: &Judged) {
        for (place, fault) in &judged.unreadable {
            self.add(Finding::of_fault(rule, *place, fault));
        }
        if let Some(all) = self.counts.get_mut(&(rule.level, rule.id)) {
            *all = judged.bad_lines + judged.bad_spans;
        }
    }

    /// How many there are of this level or worse.
    pub(crate) fn count(&self, level: Level) -> u64 {
        let counts = self.counts.iter();
        let counts = counts.filter(|((of, _), _)| *of <= level);
        counts.map(|(_, count)| count).sum()
    }

    /// The findings of each rule that was broken, the worst first, with how many there are of it in all.
    fn by_rule(&self) -> impl Iterator<Item = (u64, &[Finding])> {
        let counts = self.counts.values().copied();
        counts.zip(self.kept.values().map(Vec::as_slice))
    }

    /// Those that are kept.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.kept.values().flatten()
    }

    /// One JSON document.
    fn document(&self, judged: &Judged) -> Json {
        let findings: Vec<_> = self
            .iter()
            .map(|finding| {
                let place = finding.span.as_ref().map(|span| span.place);
                let is_known = !finding.is_of_line();
                let span = finding.span.as_ref().filter(|_| is_known);
                let source = place.and_then(|place| judged.sources.get(place.source));
                json!({
                    "rule": finding.rule.id,
                    "level": finding.rule.level.as_str(),
                    "trace_id": is_known.then(|| format!("{:032x}", finding.trace_id)),
                    "span_id": span.map(|span| format!("{:016x}", span.id)),
                    "span": span.map(|span| &span.name),
                    "file": source.and_then(Source::path),
                    "line": place.map(|place| place.line),
                    "message": finding.message,
                    "value": finding.value,
                    "limit": finding.limit,
                    "section": finding.section,
                })
            })
            .collect();
        let counts: BTreeMap<_, _> = self
            .counts
            .iter()
            .map(|((_, rule), count)| (*rule, count))
            .collect();
        json!({
            "traces": judged.traces,
            "spans": judged.spans,
            "bad_lines": judged.bad_lines,
            "bad_spans": judged.bad_spans,
            "duplicate_spans": judged.again,
            "judged_in_parts": judged.in_parts,
            "counts": counts,
            "findings": findings,
        })
    }
}
