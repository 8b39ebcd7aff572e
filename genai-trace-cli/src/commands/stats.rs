//! `genai-trace stats`

mod group;
mod percentiles;
mod tasks;

use std::collections::{BTreeMap, HashSet};

use clap::Args;
use serde_json::{Map, Value as Json, json};

use self::group::{Group, Grouping};
use crate::input::Reading;
use crate::reading::Input;
use crate::span::Brief;
use crate::text::{Align, count, moment, table};

/// Says how often, how long, how well and for how much: by tool, model, agent, day or variant of an experiment.
///
/// Percentiles are those of the calls that were recorded; beyond 65,536 calls of one kind they are within half a per
/// cent. A cost with a + behind it lacks calls whose price nobody knows.
///
/// By task: a span with `task.id` is an attempt, which has succeeded where it, or one of those below it, says
/// `task.completed`; what it says itself goes before the others. pass@k is how likely one of k attempts succeeds; tool_f1 how far the tools that were called are
/// those of `task.expected_tools`.
///
/// A span that stands twice in the files counts once, by the first record of its end in the order of the files.
///
/// Exits with 0, and with 2 where there is nothing to read.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// One table instead of those of tools, models and agents
    #[arg(long, value_enum, value_name = "WHAT")]
    by: Option<Grouping>,
    /// Only this tool, model, agent, day or variant; * stands for anything
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// How many attempts pass@k is about; as many as every task has unless said
    #[arg(short, value_name = "K", value_parser = clap::value_parser!(u64).range(1..))]
    k: Option<u64>,
    /// Prints one JSON document instead of tables
    #[arg(long)]
    json: bool,
}

/// What one thread has seen.
#[derive(Default)]
struct Seen {
    spans: u64,
    errors: u64,
    traces: HashSet<u128>,
    /// The first beginning and the last end.
    time: Option<(u64, u64)>,
    groups: BTreeMap<(Grouping, String), Group>,
}

impl Seen {
    fn add(&mut self, span: &Brief<'_>, wanted: &[Grouping]) {
        self.spans += 1;
        self.errors += u64::from(span.has_failed);
        self.traces.insert(span.trace_id);
        let (start, end) = self.time.unwrap_or((span.start, span.end));
        self.time = Some((start.min(span.start), end.max(span.end)));
        for grouping in wanted {
            grouping.key(span, &mut |key| {
                // Looked up without a copy of the name, which is mostly known.
                let known = self.groups.get_mut(&(*grouping, key.to_owned()));
                let group = match known {
                    Some(group) => group,
                    None => self.groups.entry((*grouping, key.to_owned())).or_default(),
                };
                group.add(span);
            });
        }
    }

    fn merge(&mut self, other: Seen) {
        self.spans += other.spans;
        self.errors += other.errors;
        self.traces.extend(other.traces);
        self.time = match (self.time, other.time) {
            (Some((start, end)), Some((from, to))) => Some((start.min(from), end.max(to))),
            (one, other) => one.or(other),
        };
        for (key, group) in other.groups {
            self.groups.entry(key).or_default().merge(group);
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<String, String> {
    if arguments.by == Some(Grouping::Task) {
        let wanted = pattern(arguments)?;
        return tasks::run(
            &arguments.input,
            wanted.as_ref(),
            arguments.k,
            arguments.json,
        );
    }
    if arguments.k.is_some() {
        return Err("-k is about tasks: it goes with --by task".to_owned());
    }
    let wanted = match arguments.by {
        Some(one) => vec![one],
        None => vec![Grouping::Tool, Grouping::Model, Grouping::Agent],
    };
    let (parts, reading) = arguments
        .input
        .each_span(Seen::default, |seen, span| seen.add(span, &wanted))?;
    let mut seen = Seen::default();
    parts.into_iter().for_each(|part| seen.merge(part));
    if let Some(pattern) = pattern(arguments)? {
        seen.groups.retain(|(_, name), _| pattern.matches(name));
    }
    let minutes = seen.time.map_or(0.0, |(start, end)| {
        std::time::Duration::from_nanos(end.saturating_sub(start)).as_secs_f64() / 60.0
    });
    if arguments.json {
        return Ok(format!("{}\n", document(seen, minutes, &reading)));
    }
    Ok(text(seen, &wanted, minutes))
}

/// What the name of a tool, model, .. has to be like.
fn pattern(arguments: &Arguments) -> Result<Option<glob::Pattern>, String> {
    let pattern = arguments.name.as_ref().map(|name| {
        let pattern = glob::Pattern::new(name);
        pattern.map_err(|error| format!("--name {name:?} is no pattern: {error}"))
    });
    pattern.transpose()
}

fn document(seen: Seen, minutes: f64, reading: &Reading) -> Json {
    let mut by: BTreeMap<Grouping, Map<String, Json>> = BTreeMap::new();
    for ((grouping, name), group) in seen.groups {
        let group = group.document(minutes);
        by.entry(grouping).or_default().insert(name, group);
    }
    let mut document = Map::new();
    let facts = [
        ("spans", seen.spans.into()),
        ("traces", seen.traces.len().into()),
        ("errors", seen.errors.into()),
        ("start_unix_nano", json!(seen.time.map(|(start, _)| start))),
        ("end_unix_nano", json!(seen.time.map(|(_, end)| end))),
        ("bad_lines", reading.bad_lines().into()),
        ("bad_spans", reading.bad_spans().into()),
        ("duplicate_spans", reading.again.into()),
        ("open_spans", reading.open.into()),
    ];
    let groups = by
        .into_iter()
        .map(|(grouping, groups)| (grouping.plural(), Json::Object(groups)));
    for (key, value) in facts.into_iter().chain(groups) {
        document.insert(key.to_owned(), value);
    }
    Json::Object(document)
}

fn text(seen: Seen, wanted: &[Grouping], minutes: f64) -> String {
    let Some((start, end)) = seen.time else {
        return "no spans\n".to_owned();
    };
    let mut out = format!(
        "{} in {}, {}, {} to {} UTC\n",
        count(seen.spans, "span"),
        count(
            u64::try_from(seen.traces.len()).unwrap_or(u64::MAX),
            "trace"
        ),
        count(seen.errors, "error"),
        moment(start),
        moment(end)
    );
    let mut groups = seen.groups;
    for grouping in wanted {
        let mut rows = Vec::new();
        for ((_, name), group) in groups.extract_if(.., |(of, _), _| of == grouping) {
            rows.push((group.order(*grouping), group.row(&name, *grouping, minutes)));
        }
        if rows.is_empty() {
            continue;
        }
        rows.sort();
        let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
        out.push('\n');
        out.push_str(&table(&heads(*grouping), &rows));
    }
    out
}

fn heads(grouping: Grouping) -> Vec<(&'static str, Align)> {
    let mut heads = vec![(grouping.as_str(), Align::Left)];
    let numbers = [
        "calls", "per min", "errors", "p50", "p90", "p95", "p99", "max",
    ];
    heads.extend(numbers.map(|head| (head, Align::Right)));
    if grouping.has_tokens() {
        heads.extend(["in", "out", "cost"].map(|head| (head, Align::Right)));
    }
    heads
}

impl Grouping {
    /// The word for one of them.
    fn as_str(self) -> &'static str {
        match self {
            Grouping::Tool => "tool",
            Grouping::Model => "model",
            Grouping::Agent => "agent",
            Grouping::Day => "day",
            Grouping::Variant => "variant",
            Grouping::Task => "task",
        }
    }

    const fn plural(self) -> &'static str {
        match self {
            Grouping::Tool => "tools",
            Grouping::Model => "models",
            Grouping::Agent => "agents",
            Grouping::Day => "days",
            Grouping::Variant => "variants",
            Grouping::Task => "tasks",
        }
    }
}
