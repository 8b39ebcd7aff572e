//! What is wrong with a trace as a whole.

use std::collections::HashMap;

use super::flaw::Flaw;
use super::rules;
use super::seen::{Seen, Span};
use crate::findings::{Finding, Findings};
use crate::text::duration;
use crate::traces::Trace;

/// Adds to `findings` what is wrong with a trace.
pub(super) fn judge(trace: Trace<Seen>, findings: &mut Findings) {
    let places = trace.spans.iter().enumerate();
    let places: HashMap<u64, usize> = places.map(|(place, span)| (span.id, place)).collect();
    let whole = Whole {
        spans: &trace.spans,
        parents: trace
            .spans
            .iter()
            .map(|span| places.get(&span.parent).copied())
            .collect(),
    };
    let mut flaws: Vec<(usize, Flaw)> = Vec::new();
    whole.parents(trace.is_whole, &mut flaws);
    whole.times(&mut flaws);
    whole.usage(&mut flaws);
    whole.tools(&mut flaws);
    let mut of_trace: HashMap<usize, Vec<Flaw>> = HashMap::new();
    for (place, flaw) in flaws {
        of_trace.entry(place).or_default().push(flaw);
    }
    let mut add = |span: &Span, flaw: Flaw| {
        findings.add(Finding {
            rule: flaw.rule,
            trace_id: trace.id,
            span: Some(span.at()),
            message: flaw.message,
            value: flaw.value,
            limit: flaw.allowed,
            section: flaw.section,
        });
    };
    for span in &trace.others {
        let first = places.get(&span.id);
        let first = first.and_then(|first| trace.spans.get(*first));
        let line = first.map_or(String::new(), |first| {
            format!(" in line {}", first.place.line)
        });
        let message = format!("the id was there already{line}, and something else was said of it");
        add(span, Flaw::new(&rules::SPAN_ID_TWICE, message));
        let known = first.map_or(&[][..], |first| &first.seen.flaws);
        let own = span.seen.flaws.iter().filter(|flaw| !known.contains(flaw));
        for flaw in own.cloned().chain(ends_early(span)) {
            add(span, flaw);
        }
    }
    for (place, mut span) in trace.spans.into_iter().enumerate() {
        let own = std::mem::take(&mut span.seen.flaws);
        let more = of_trace.remove(&place).unwrap_or_default();
        for flaw in own.into_iter().chain(more) {
            add(&span, flaw);
        }
    }
}

fn ends_early(span: &Span) -> Option<Flaw> {
    let early = span
        .start
        .checked_sub(span.end)
        .filter(|early| *early > 0)?;
    let message = format!("it ends {} before it begins", duration(early));
    let flaw = Flaw::new(&rules::TIME_ORDER, message);
    Some(flaw.said(span.end).allowed(span.start))
}

/// The spans of a trace, and the places of their parents.
struct Whole<'a> {
    spans: &'a [Span],
    parents: Vec<Option<usize>>,
}

impl Whole<'_> {
    /// Every span that has a parent, with that.
    fn pairs(&self) -> impl Iterator<Item = (usize, &Span, &Span)> {
        let spans = self.spans.iter().zip(&self.parents).enumerate();
        spans.filter_map(|(place, (span, parent))| {
            let parent = self.spans.get((*parent)?)?;
            Some((place, span, parent))
        })
    }

    fn parents(&self, is_whole: bool, flaws: &mut Vec<(usize, Flaw)>) {
        for (place, span) in self.spans.iter().enumerate() {
            let parent = self.parents.get(place).copied().flatten();
            if span.parent != 0 && parent.is_none() && is_whole && !span.seen.is_entry {
                let message = format!("there is no span {:016x}", span.parent);
                let flaw = Flaw::new(&rules::PARENT_MISSING, message);
                flaws.push((place, flaw.said(format!("{:016x}", span.parent))));
            }
        }
        for place in self.circles() {
            let message = "it is above itself".to_owned();
            flaws.push((place, Flaw::new(&rules::PARENT_CIRCLE, message)));
        }
    }

    /// A span of each circle.
    fn circles(&self) -> Vec<usize> {
        // Which walk came by: 0 is none.
        let mut walks = vec![0_usize; self.spans.len()];
        let mut found = Vec::new();
        for start in 0..self.spans.len() {
            let mut at = Some(start);
            while let Some(place) = at {
                match walks.get_mut(place) {
                    Some(walk @ 0) => *walk = start + 1,
                    Some(walk) if *walk == start + 1 => {
                        found.push(place);
                        break;
                    }
                    _ => break,
                }
                at = self.parents.get(place).copied().flatten();
            }
        }
        found
    }

    fn times(&self, flaws: &mut Vec<(usize, Flaw)>) {
        for (place, span) in self.spans.iter().enumerate() {
            if span.has_ended() {
                flaws.extend(ends_early(span).map(|flaw| (place, flaw)));
            } else {
                let message = "it has no end".to_owned();
                flaws.push((place, Flaw::new(&rules::TIME_ORDER, message)));
            }
        }
        for (place, span, parent) in self.pairs() {
            if span.start < parent.start {
                let early = duration(parent.start - span.start);
                let message = format!("it begins {early} before {}", parent.name);
                flaws.push((place, Flaw::new(&rules::STARTS_BEFORE_PARENT, message)));
            }
            if span.end > parent.end {
                let late = duration(span.end - parent.end);
                let message = format!("it ends {late} after {}", parent.name);
                flaws.push((place, Flaw::new(&rules::OUTLIVES_PARENT, message)));
            }
        }
    }

    /// Usage above usage: said once for each span that has it, whatever is below.
    fn usage(&self, flaws: &mut Vec<(usize, Flaw)>) {
        // The span with usage that stands below each, where one does.
        let mut below: Vec<Option<usize>> = vec![None; self.spans.len()];
        let with_usage = self
            .spans
            .iter()
            .enumerate()
            .filter(|(_, span)| span.seen.has_usage);
        for (place, _) in with_usage {
            let mut at = self.parents.get(place).copied().flatten();
            while let Some(above) = at {
                match below.get_mut(above) {
                    // Whoever came by here has told those above.
                    Some(known @ None) => *known = Some(place),
                    _ => break,
                }
                at = self.parents.get(above).copied().flatten();
            }
        }
        for (place, (span, leaf)) in self.spans.iter().zip(below).enumerate() {
            if let (true, Some(leaf)) = (
                span.seen.has_usage,
                leaf.and_then(|leaf| self.spans.get(leaf)),
            ) {
                let message = format!("{} below it ({:016x}) says tokens too", leaf.name, leaf.id);
                flaws.push((place, Flaw::new(&rules::USAGE_TWICE, message)));
            }
        }
    }

    fn tools(&self, flaws: &mut Vec<(usize, Flaw)>) {
        let mut asked: HashMap<u64, &Span> = HashMap::new();
        for span in self.spans {
            for call in &span.seen.asked {
                let first = asked.entry(*call).or_insert(span);
                if span.start < first.start {
                    *first = span;
                }
            }
        }
        for (place, span) in self.spans.iter().enumerate() {
            let model = span.seen.answers.and_then(|call| asked.get(&call));
            // A stream may ask for it before it has ended.
            if let Some(model) = model.filter(|model| span.start < model.start) {
                let early = duration(model.start - span.start);
                let message = format!("it ran {early} before {} asked for it", model.name);
                flaws.push((place, Flaw::new(&rules::TOOL_BEFORE_CALL, message)));
            }
        }
    }
}

#[cfg(test)]
mod tests;
