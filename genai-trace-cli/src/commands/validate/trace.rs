//! What is wrong with a trace as a whole.

use std::collections::{HashMap, HashSet};

use super::flaw::Flaw;
use super::rules;
use super::seen::Seen;
use crate::findings::{Finding, Findings};
use crate::text::duration;
use crate::traces::Trace;

/// Adds to `findings` what is wrong with a trace. How many records there were of spans that it had already.
pub(super) fn judge(mut trace: Trace<Seen>, findings: &mut Findings) -> u64 {
    // Of a span that has ended nobody needs to know any more how it began.
    let ended = trace.spans.iter().filter(|span| span.end != 0);
    let ended: HashSet<u64> = ended.map(|span| span.id).collect();
    let is_word = |span: &Seen| span.end != 0 || !ended.contains(&span.id);
    trace.spans.retain(is_word);
    let mut again = 0;
    let mut places: HashMap<u64, usize> = HashMap::new();
    let mut flaws: Vec<(usize, Flaw)> = Vec::new();
    for (place, span) in trace.spans.iter().enumerate() {
        if let Some(first) = places.insert(span.id, place) {
            again += 1;
            let line = trace.spans.get(first).map_or(0, |first| first.place.line);
            let message = format!("the id was there already, in line {line}");
            flaws.push((place, Flaw::new(&rules::SPAN_ID_TWICE, message)));
            places.insert(span.id, first);
        }
    }
    let whole = Whole {
        spans: &trace.spans,
        parents: trace
            .spans
            .iter()
            .map(|span| places.get(&span.parent).copied())
            .collect(),
    };
    whole.parents(trace.is_whole, &mut flaws);
    whole.times(&mut flaws);
    whole.usage(&mut flaws);
    whole.tools(&mut flaws);
    let mut of_trace: HashMap<usize, Vec<Flaw>> = HashMap::new();
    for (place, flaw) in flaws {
        of_trace.entry(place).or_default().push(flaw);
    }
    for (place, mut span) in trace.spans.into_iter().enumerate() {
        let own = std::mem::take(&mut span.flaws);
        let more = of_trace.remove(&place).unwrap_or_default();
        for flaw in own.into_iter().chain(more) {
            findings.add(Finding {
                rule: flaw.rule,
                trace_id: trace.id,
                span: Some(span.at()),
                message: flaw.message,
                value: flaw.value,
                limit: flaw.allowed,
                section: flaw.section,
            });
        }
    }
    again
}

/// The spans of a trace, and the places of their parents.
struct Whole<'a> {
    spans: &'a [Seen],
    parents: Vec<Option<usize>>,
}

impl Whole<'_> {
    /// Every span that has a parent, with that.
    fn pairs(&self) -> impl Iterator<Item = (usize, &Seen, &Seen)> {
        let spans = self.spans.iter().zip(&self.parents).enumerate();
        spans.filter_map(|(place, (span, parent))| {
            let parent = self.spans.get((*parent)?)?;
            Some((place, span, parent))
        })
    }

    fn parents(&self, is_whole: bool, flaws: &mut Vec<(usize, Flaw)>) {
        for (place, span) in self.spans.iter().enumerate() {
            let parent = self.parents.get(place).copied().flatten();
            if span.parent != 0 && parent.is_none() && is_whole && !span.is_entry {
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
            if span.end == 0 {
                let message = "it has no end".to_owned();
                flaws.push((place, Flaw::new(&rules::TIME_ORDER, message)));
            } else if span.end < span.start {
                let early = duration(span.start - span.end);
                let message = format!("it ends {early} before it begins");
                let flaw = Flaw::new(&rules::TIME_ORDER, message);
                flaws.push((place, flaw.said(span.end).allowed(span.start)));
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
            .filter(|(_, span)| span.has_usage);
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
            if let (true, Some(leaf)) = (span.has_usage, leaf.and_then(|leaf| self.spans.get(leaf)))
            {
                let message = format!("{} below it ({:016x}) says tokens too", leaf.name, leaf.id);
                flaws.push((place, Flaw::new(&rules::USAGE_TWICE, message)));
            }
        }
    }

    fn tools(&self, flaws: &mut Vec<(usize, Flaw)>) {
        let mut asked: HashMap<u64, &Seen> = HashMap::new();
        for span in self.spans {
            for call in &span.asked {
                let first = asked.entry(*call).or_insert(span);
                if span.start < first.start {
                    *first = span;
                }
            }
        }
        for (place, span) in self.spans.iter().enumerate() {
            let model = span.answers.and_then(|call| asked.get(&call));
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
