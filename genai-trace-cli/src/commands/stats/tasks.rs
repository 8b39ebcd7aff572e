//! Attempts at tasks: how many succeed, and whether they call the tools that they should.

mod attempt;
mod nesting;

use std::collections::{BTreeMap, HashMap, HashSet};

use genai_trace::{SpanRecord, Value};
use glob::Pattern;
use serde_json::{Map, Value as Json, json};

use self::attempt::Attempt;
use self::nesting::Key;
use super::percentiles::Durations;
use crate::pricing::Used;
use crate::reading::{Input, Scan};
use crate::span::{Brief, Kind};
use crate::text::{Align, count, duration, table, visible};

/// The tools that an attempt should call, each as often as it stands there.
const EXPECTED_TOOLS: &str = "task.expected_tools";

/// A span in a trace with attempts.
struct Below {
    parent: u64,
    tool: Option<String>,
    used: Used,
    /// Where it says no task itself: else it speaks of that.
    is_task_completed: Option<bool>,
}

/// What is known of the attempts at one task.
#[derive(Default)]
struct Task {
    attempts: u64,
    completed: u64,
    durations: Durations,
    /// The sum over the attempts that say what they should call, and how many do.
    tool_f1: (f64, u64),
    used: Used,
}

/// The table of tasks, or its document.
pub(super) fn run(
    input: &Input,
    wanted: Option<&Pattern>,
    k: Option<u64>,
    is_json: bool,
) -> Result<String, String> {
    let scan = input.scan()?;
    let mut tasks = tasks(&scan, input)?;
    tasks.retain(|name, _| wanted.is_none_or(|wanted| wanted.matches(name)));
    // So many attempts that every task has them: then the numbers can be compared.
    let fewest = tasks.values().map(|task| task.attempts).min();
    let k = k.or(fewest).unwrap_or(1);
    match is_json {
        true => Ok(format!("{}\n", document(tasks, k))),
        false => Ok(text(tasks, k)),
    }
}

/// The attempts by task. The files are read twice, so that only traces with attempts are kept.
fn tasks(scan: &Scan, input: &Input) -> Result<BTreeMap<String, Task>, String> {
    let (spans, reading) = scan.records(|span| span.facts.task.is_some() && input.holds(span))?;
    scan.complain(&reading);
    let traces: HashSet<u128> = spans.iter().map(|span| Brief::of(span).trace_id).collect();
    let (parts, _) = scan.each_span(HashMap::new, |all, span| {
        if traces.contains(&span.trace_id) {
            all.insert((span.trace_id, span.span_id), Below::of(span));
        }
    })?;
    let below: HashMap<Key, Below> = parts.into_iter().flatten().collect();
    let mut tasks: BTreeMap<String, Task> = BTreeMap::new();
    for attempt in attempt::attempts(&spans, &below) {
        tasks.entry(attempt.task.clone()).or_default().add(&attempt);
    }
    Ok(tasks)
}

impl Below {
    fn of(span: &Brief<'_>) -> Self {
        let kind = span.kind();
        Self {
            parent: span.parent,
            tool: (kind == Kind::Tool).then(|| span.subject().to_owned()),
            used: Used::of(span),
            is_task_completed: (span.facts.is_task_completed).filter(|_| span.facts.task.is_none()),
        }
    }
}

impl Task {
    fn add(&mut self, attempt: &Attempt<'_>) {
        self.attempts += 1;
        self.completed += u64::from(attempt.is_completed);
        self.durations.add(attempt.nanoseconds);
        if let Some(f1) = attempt.tool_f1() {
            self.tool_f1.0 += f1;
            self.tool_f1.1 += 1;
        }
        for below in &attempt.below {
            self.used.add(below.used);
        }
    }

    /// How likely one of `k` attempts succeeds, without bias: of all ways to choose `k` of the attempts that there were
    /// the share with one that did (Chen et al., Evaluating Large Language Models Trained on Code, 2021). None where
    /// there were fewer.
    #[allow(clippy::cast_precision_loss)]
    fn pass_at(&self, k: u64) -> Option<f64> {
        if k == 0 || k > self.attempts {
            return None;
        }
        let failed = self.attempts - self.completed;
        // The chance that none of them does, factor by factor: binomials would overflow.
        let none = (0..k).map(|drawn| match failed.checked_sub(drawn) {
            Some(left) => left as f64 / (self.attempts - drawn) as f64,
            None => 0.0,
        });
        Some(1.0 - none.product::<f64>())
    }

    #[allow(clippy::cast_precision_loss)]
    fn mean_tool_f1(&self) -> Option<f64> {
        let (sum, attempts) = self.tool_f1;
        (attempts > 0).then(|| sum / attempts as f64)
    }
}

/// The tools that a span says it should call.
fn expected_tools(span: &SpanRecord) -> Option<Vec<String>> {
    match span.attributes.get(EXPECTED_TOOLS)? {
        Value::StringArray(tools) => Some(tools.clone()),
        Value::String(tool) => Some(vec![tool.clone()]),
        _ => None,
    }
}

/// The mean over the tasks that have one.
#[allow(clippy::cast_precision_loss)]
fn mean<'a>(
    tasks: impl Iterator<Item = &'a Task>,
    of: impl Fn(&Task) -> Option<f64>,
) -> Option<f64> {
    let all: Vec<f64> = tasks.filter_map(of).collect();
    (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
}

fn share(share: Option<f64>) -> String {
    share.map_or_else(String::new, |share| format!("{share:.3}"))
}

fn text(tasks: BTreeMap<String, Task>, k: u64) -> String {
    if tasks.is_empty() {
        return "no span says task.id\n".to_owned();
    }
    let attempts = tasks.values().map(|task| task.attempts).sum();
    let of_all = |of: &dyn Fn(&Task) -> Option<f64>| share(mean(tasks.values(), of));
    let number = u64::try_from(tasks.len()).unwrap_or(u64::MAX);
    let mut out = format!(
        "{}, {}, pass@1 {}",
        count(number, "task"),
        count(attempts, "attempt"),
        of_all(&|task| task.pass_at(1))
    );
    if k > 1 {
        out += &format!(", pass@{k} {}", of_all(&|task| task.pass_at(k)));
    }
    if tasks.values().any(|task| task.mean_tool_f1().is_some()) {
        out += &format!(", tool_f1 {}", of_all(&Task::mean_tool_f1));
    }
    out += "\n\n";
    let pass_at_k = format!("pass@{k}");
    let heads = [
        ("task", Align::Left),
        ("attempts", Align::Right),
        ("completed", Align::Right),
        ("pass@1", Align::Right),
        (&pass_at_k, Align::Right),
        ("tool_f1", Align::Right),
        ("p50", Align::Right),
        ("p99", Align::Right),
        ("in", Align::Right),
        ("out", Align::Right),
        ("cost", Align::Right),
    ];
    let rows = tasks.into_iter().map(|(name, mut task)| {
        let [p50, p99] = task.durations.percentiles([50.0, 99.0]).unwrap_or_default();
        vec![
            visible(&name),
            task.attempts.to_string(),
            task.completed.to_string(),
            share(task.pass_at(1)),
            share(task.pass_at(k)),
            share(task.mean_tool_f1()),
            duration(p50),
            duration(p99),
            task.used.input_tokens.to_string(),
            task.used.output_tokens.to_string(),
            task.used.cost(),
        ]
    });
    let (heads, rows) = without(&heads, rows.collect(), (k == 1).then_some(4));
    out + &table(&heads, &rows)
}

/// The table without one of its columns.
fn without<'a>(
    heads: &[(&'a str, Align)],
    mut rows: Vec<Vec<String>>,
    column: Option<usize>,
) -> (Vec<(&'a str, Align)>, Vec<Vec<String>>) {
    let mut heads = heads.to_vec();
    if let Some(column) = column {
        heads.remove(column);
        for row in &mut rows {
            row.remove(column);
        }
    }
    (heads, rows)
}

fn document(tasks: BTreeMap<String, Task>, k: u64) -> Json {
    let of_all = |of: &dyn Fn(&Task) -> Option<f64>| mean(tasks.values(), of);
    let means = json!({
        "pass_at_1": of_all(&|task| task.pass_at(1)),
        "pass_at_k": of_all(&|task| task.pass_at(k)),
        "tool_f1": of_all(&Task::mean_tool_f1),
    });
    let of_task = |mut task: Task| {
        let [p50, p99] = task.durations.percentiles([50.0, 99.0]).unwrap_or_default();
        json!({
            "attempts": task.attempts,
            "completed": task.completed,
            "pass_at_1": task.pass_at(1),
            "pass_at_k": task.pass_at(k),
            "tool_f1": task.mean_tool_f1(),
            "p50_ns": p50,
            "p99_ns": p99,
            "input_tokens": task.used.input_tokens,
            "output_tokens": task.used.output_tokens,
            "cost_usd": task.used.dollars,
            "unpriced_calls": task.used.unpriced,
        })
    };
    let tasks: Map<String, Json> = tasks
        .into_iter()
        .map(|(name, task)| (name, of_task(task)))
        .collect();
    json!({ "k": k, "mean": means, "tasks": tasks })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_k_attempts_succeeds_as_often_as_all_ways_to_choose_them_say() {
        let task = |attempts, completed| Task {
            attempts,
            completed,
            ..Task::default()
        };
        let close = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-12;
        assert!(close(task(10, 3).pass_at(1), 0.3));
        // 1 - C(7, 5) / C(10, 5)
        assert!(close(task(10, 3).pass_at(5), 1.0 - 21.0 / 252.0));
        assert!(close(task(10, 6).pass_at(5), 1.0));
        assert!(close(task(10, 0).pass_at(10), 0.0));
        assert!(close(task(5_000, 1).pass_at(2_500), 0.5));
        assert_eq!(task(2, 1).pass_at(3), None);
    }
}
