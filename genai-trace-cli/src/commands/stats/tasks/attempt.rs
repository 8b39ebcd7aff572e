//! Where a task was attempted, and what was done for it.

use std::collections::HashMap;

use genai_trace::SpanRecord;

use super::{Below, expected_tools};
use crate::span::Brief;

/// One attempt at a task.
pub(super) struct Attempt<'a> {
    pub(super) task: String,
    pub(super) is_completed: bool,
    pub(super) nanoseconds: u64,
    /// The spans below it.
    pub(super) below: Vec<&'a Below>,
    expected: Option<Vec<String>>,
}

impl Attempt<'_> {
    /// How far the tools that were called are those that should be: the harmonic mean of how many of the calls were
    /// expected and how many of the expected were called. None where nothing was expected.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn tool_f1(&self) -> Option<f64> {
        let expected = self.expected.as_ref()?;
        let mut left: HashMap<&str, u64> = HashMap::new();
        for tool in expected {
            *left.entry(tool).or_default() += 1;
        }
        let (mut called, mut hits) = (0_u64, 0_u64);
        for tool in self.below.iter().filter_map(|below| below.tool.as_deref()) {
            called += 1;
            if let Some(wanted) = left.get_mut(tool).filter(|wanted| **wanted > 0) {
                *wanted -= 1;
                hits += 1;
            }
        }
        match expected.len() as u64 + called {
            // Nothing was to be called, and nothing was.
            0 => Some(1.0),
            both => Some(2.0 * hits as f64 / both as f64),
        }
    }
}

/// The attempts among `spans`, all of which say a task: the outermost of those that say the same. What one of the inner
/// ones says of the outcome holds where the outer one says nothing.
pub(super) fn attempts<'a>(
    spans: &[SpanRecord],
    below: &'a HashMap<(u128, u64), Below>,
) -> Vec<Attempt<'a>> {
    let briefs: Vec<Brief<'_>> = spans.iter().map(Brief::of).collect();
    let said: HashMap<(u128, u64), &Brief<'_>> = briefs
        .iter()
        .map(|brief| ((brief.trace_id, brief.span_id), brief))
        .collect();
    let mut found: HashMap<(u128, u64), Attempt<'a>> = HashMap::new();
    let mut inner = Vec::new();
    for (span, brief) in spans.iter().zip(&briefs) {
        let key = (brief.trace_id, brief.span_id);
        let outermost = above(key, below)
            .filter(|above| {
                said.get(above)
                    .is_some_and(|it| it.facts.task == brief.facts.task)
            })
            .last();
        match outermost {
            Some(outermost) => inner.push((outermost, span, brief)),
            None => _ = found.insert(key, attempt(span, brief)),
        }
    }
    for (outermost, span, brief) in inner {
        if let Some(attempt) = found.get_mut(&outermost) {
            let is_said = said
                .get(&outermost)
                .and_then(|it| it.facts.is_task_completed);
            if is_said.is_none() {
                attempt.is_completed |= brief.facts.is_task_completed == Some(true);
            }
            attempt.expected = attempt.expected.take().or_else(|| expected_tools(span));
        }
    }
    for (key, span) in below {
        // That of the innermost attempt that it lies in.
        let innermost = std::iter::once(*key)
            .chain(above(*key, below))
            .find(|above| found.contains_key(above));
        if let Some(attempt) = innermost.and_then(|innermost| found.get_mut(&innermost)) {
            attempt.below.push(span);
        }
    }
    found.into_values().collect()
}

fn attempt<'a>(span: &SpanRecord, brief: &Brief<'_>) -> Attempt<'a> {
    Attempt {
        task: brief.facts.task.as_deref().unwrap_or_default().to_owned(),
        is_completed: brief.facts.is_task_completed == Some(true),
        nanoseconds: brief.nanoseconds(),
        below: Vec::new(),
        expected: expected_tools(span),
    }
}

/// The spans above one, the nearest first; of a circle each once.
fn above(
    (trace_id, span_id): (u128, u64),
    spans: &HashMap<(u128, u64), Below>,
) -> impl Iterator<Item = (u128, u64)> {
    let mut at = span_id;
    let mut left = spans.len();
    std::iter::from_fn(move || {
        left = left.checked_sub(1)?;
        at = spans.get(&(trace_id, at))?.parent;
        (at != 0 && at != span_id).then_some((trace_id, at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pricing::Used;

    fn called(tools: &[&str], expected: Option<&[&str]>) -> Option<f64> {
        let below: Vec<Below> = tools
            .iter()
            .map(|tool| Below {
                parent: 1,
                tool: Some((*tool).to_owned()),
                used: Used::default(),
            })
            .collect();
        let attempt = Attempt {
            task: "t".to_owned(),
            is_completed: true,
            nanoseconds: 1,
            below: below.iter().collect(),
            expected: expected.map(|tools| tools.iter().map(|tool| (*tool).to_owned()).collect()),
        };
        attempt.tool_f1()
    }

    #[test]
    fn tools_count_as_often_as_they_are_expected() {
        assert_eq!(called(&["a"], None), None);
        assert_eq!(called(&["a", "b"], Some(&["b", "a"])), Some(1.0));
        assert_eq!(called(&["a", "a", "a"], Some(&["a"])), Some(0.5));
        assert_eq!(called(&["c"], Some(&["a", "b"])), Some(0.0));
        assert_eq!(called(&[], Some(&[])), Some(1.0));
        assert_eq!(called(&["a"], Some(&[])), Some(0.0));
    }
}
