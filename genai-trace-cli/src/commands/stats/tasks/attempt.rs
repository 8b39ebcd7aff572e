//! Where a task was attempted, and what was done for it.

use std::collections::HashMap;

use genai_trace::SpanRecord;

use super::nesting::{Key, Nesting};
use super::{Below, expected_tools};
use crate::span::Brief;

/// One attempt at a task.
pub(super) struct Attempt<'a> {
    pub(super) task: String,
    pub(super) is_completed: bool,
    /// Its own span says whether it is.
    has_said: bool,
    pub(super) nanoseconds: u64,
    /// The spans below it.
    pub(super) below: Vec<&'a Below>,
    expected: Option<Vec<String>>,
}

impl Attempt<'_> {
    /// A span below it says so much of whether the task is completed.
    fn hear(&mut self, is_completed: Option<bool>) {
        if !self.has_said {
            self.is_completed |= is_completed == Some(true);
        }
    }

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
/// ones, or a span below that says no task, says of the outcome holds where the outer one says nothing.
pub(super) fn attempts<'a>(
    spans: &[SpanRecord],
    below: &'a HashMap<Key, Below>,
) -> Vec<Attempt<'a>> {
    let briefs: Vec<Brief<'_>> = spans.iter().map(Brief::of).collect();
    let key_of = |brief: &Brief<'_>| (brief.trace_id, brief.span_id);
    let parents = below
        .iter()
        .map(|(key, span)| (*key, span.parent))
        .collect();
    let tasks = briefs
        .iter()
        .filter_map(|brief| Some((key_of(brief), brief.facts.task.as_deref()?)))
        .collect();
    let nesting = Nesting::of(&parents, &tasks);
    let mut found: HashMap<Key, Attempt<'a>> = HashMap::new();
    let mut inner = Vec::new();
    for (span, brief) in spans.iter().zip(&briefs) {
        let key = key_of(brief);
        match nesting.outermost.get(&key) {
            Some(outermost) if *outermost != key => inner.push((outermost, span, brief)),
            _ => _ = found.insert(key, attempt(span, brief)),
        }
    }
    for (outermost, span, brief) in inner {
        if let Some(attempt) = found.get_mut(outermost) {
            attempt.hear(brief.facts.is_task_completed);
            attempt.expected = attempt.expected.take().or_else(|| expected_tools(span));
        }
    }
    for (key, span) in below {
        let innermost = nesting.innermost.get(key);
        if let Some(attempt) = innermost.and_then(|innermost| found.get_mut(innermost)) {
            attempt.hear(span.is_task_completed);
            attempt.below.push(span);
        }
    }
    found.into_values().collect()
}

fn attempt<'a>(span: &SpanRecord, brief: &Brief<'_>) -> Attempt<'a> {
    Attempt {
        task: brief.facts.task.as_deref().unwrap_or_default().to_owned(),
        is_completed: brief.facts.is_task_completed == Some(true),
        has_said: brief.facts.is_task_completed.is_some(),
        nanoseconds: brief.nanoseconds(),
        below: Vec::new(),
        expected: expected_tools(span),
    }
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
                is_task_completed: None,
            })
            .collect();
        let attempt = Attempt {
            task: "t".to_owned(),
            is_completed: true,
            has_said: true,
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
