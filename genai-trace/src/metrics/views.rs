//! The sets of views: which names the measures are shown under.

mod agent;
mod chat;
mod default;
mod gen_ai_1_41;
mod http;
mod llm;
mod mcp;
pub(super) mod own;

use std::fmt;
use std::str::FromStr;

use super::view::View;
use crate::span::operation::Operation;

/// Calls that generate something.
const INFERENCE: &[Operation] = &[
    Operation::Chat,
    Operation::TextCompletion,
    Operation::GenerateContent,
];
/// Every call of a model.
const MODEL_CALLS: &[Operation] = &[
    Operation::Chat,
    Operation::TextCompletion,
    Operation::GenerateContent,
    Operation::Embeddings,
];
const EMBEDDINGS: &[Operation] = &[Operation::Embeddings];
const TOOL: &[Operation] = &[Operation::Tool];
const WORKFLOW: &[Operation] = &[Operation::Workflow];
/// Agents inside this process.
const AGENT: &[Operation] = &[Operation::Agent];
const EVERY_AGENT: &[Operation] = &[Operation::Agent, Operation::RemoteAgent];

/// A set of metric names; every set shows the same exact measures in its own words.
///
/// A set parses from the word that `GENAI_TRACE_VIEWS` uses for it, and prints as that word.
///
/// ```
/// use genai_trace::Views;
///
/// assert_eq!("gen_ai_1_41".parse(), Ok(Views::GenAi1_41));
/// assert_eq!(Views::Default.to_string(), "default");
/// assert_eq!(
///     "grafana".parse::<Views>().unwrap_err().to_string(),
///     "unknown view set `grafana`, expected one of `default`, `agent`, `chat`, `llm`, `gen_ai_1_41`",
/// );
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Views {
    /// `tools_called_total`, `tool_latency_ms`, the names of the newest GenAI conventions, and the
    /// toolkit's own `genai_trace_*`. Word: `default`.
    #[default]
    Default,
    /// `agent_requests_total` and others about runs of agents, by agent and model. Word: `agent`.
    Agent,
    /// `chat_requests_total` and others about runs, by provider and model. Word: `chat`.
    Chat,
    /// `llm_requests_count_total` and others about single model calls. Word: `llm`.
    Llm,
    /// The names of the GenAI conventions 1.41, which many dashboards still read, such as
    /// `gen_ai_client_token_usage`. Word: `gen_ai_1_41`.
    GenAi1_41,
}

impl Views {
    /// Every set.
    pub const ALL: [Views; 5] = [
        Views::Default,
        Views::Agent,
        Views::Chat,
        Views::Llm,
        Views::GenAi1_41,
    ];

    /// The word for the set in the environment.
    pub const fn as_str(self) -> &'static str {
        match self {
            Views::Default => "default",
            Views::Agent => "agent",
            Views::Chat => "chat",
            Views::Llm => "llm",
            Views::GenAi1_41 => "gen_ai_1_41",
        }
    }

    /// The views of the set.
    pub(super) const fn table(self) -> &'static [View] {
        match self {
            Views::Default => default::VIEWS,
            Views::Agent => agent::VIEWS,
            Views::Chat => chat::VIEWS,
            Views::Llm => llm::VIEWS,
            Views::GenAi1_41 => gen_ai_1_41::VIEWS,
        }
    }
}

impl fmt::Display for Views {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Views {
    type Err = UnknownViews;

    fn from_str(word: &str) -> Result<Views, UnknownViews> {
        Views::ALL
            .into_iter()
            .find(|views| views.as_str() == word)
            .ok_or_else(|| UnknownViews(word.to_owned()))
    }
}

/// The error of parsing a word that names no set of views; it holds that word.
///
/// ```
/// let error = "Chat".parse::<genai_trace::Views>().unwrap_err();
/// assert!(error.to_string().starts_with("unknown view set `Chat`"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownViews(String);

impl fmt::Display for UnknownViews {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Views::ALL.map(|views| format!("`{views}`")).join(", ");
        write!(
            f,
            "unknown view set `{}`, expected one of {known}",
            self.0.escape_debug()
        )
    }
}

impl std::error::Error for UnknownViews {}

/// Whether a built-in family, of whatever set, has this name.
pub(super) fn is_built_in(name: &str) -> bool {
    Views::ALL
        .into_iter()
        .flat_map(Views::table)
        .any(|view| view.name == name)
}

#[cfg(test)]
mod tests {
    use genai_trace_semconv::{Instrument, METRICS, Requirement};

    use super::*;
    use crate::metrics::bounds;
    use crate::metrics::source::Source;
    use crate::metrics::view::{Distribution, Part, Shows};

    fn every_view() -> impl Iterator<Item = &'static View> {
        Views::ALL.into_iter().flat_map(Views::table)
    }

    #[test]
    fn names_end_as_their_kind_and_unit_ask() {
        for view in every_view() {
            let counter = matches!(view.shows, Shows::Counter(_));
            assert_eq!(view.name.ends_with("_total"), counter, "{}", view.name);
            assert!(view.help.ends_with('.'), "{}", view.name);
            if let Shows::Histogram(scale, parts) = view.shows {
                let timed = parts.iter().all(|part| {
                    matches!(
                        part.measure,
                        Distribution::Duration | Distribution::FirstChunk | Distribution::ChunkGap
                    )
                });
                let decimals = match view.name {
                    name if name.ends_with("_seconds") => 9,
                    name if name.ends_with("_ms") => 6,
                    _ => 0,
                };
                assert_eq!(scale.decimals, decimals, "{}", view.name);
                assert_eq!(timed, decimals > 0, "{}", view.name);
            }
        }
    }

    #[test]
    fn every_bound_of_a_view_is_counted_apart() {
        for view in every_view() {
            let Shows::Histogram(scale, parts) = view.shows else {
                continue;
            };
            for part in parts {
                let counted: Vec<u64> = match part.measure {
                    Distribution::Duration | Distribution::FirstChunk | Distribution::ChunkGap => {
                        bounds::DURATIONS.concat()
                    }
                    Distribution::InputTokens | Distribution::OutputTokens => {
                        bounds::TOKENS.to_vec()
                    }
                    Distribution::InferenceCalls | Distribution::ToolCalls => {
                        bounds::CALLS.to_vec()
                    }
                };
                assert!(scale.bounds.is_sorted_by(|a, b| a < b), "{}", view.name);
                for bound in scale.bounds {
                    assert!(counted.contains(bound), "{} {bound}", view.name);
                }
            }
        }
    }

    /// The name that Prometheus gives what the conventions call `name`.
    fn underscored(name: &str) -> String {
        name.replace('.', "_")
    }

    #[test]
    fn the_default_set_spells_the_conventions() {
        for view in Views::Default.table() {
            if !view.name.starts_with("gen_ai_") {
                continue;
            }
            let metric = METRICS.iter().find(|metric| {
                let end = match (metric.instrument, metric.unit) {
                    (Instrument::Counter, _) => "_total",
                    (_, "s") => "_seconds",
                    _ => "",
                };
                underscored(metric.name) + end == view.name
            });
            let metric = metric.unwrap_or_else(|| panic!("{} is no metric", view.name));
            let labels: Vec<&str> = match view.shows {
                Shows::Histogram(scale, parts) => {
                    let unit = 10_u64.pow(scale.decimals) as f64;
                    let bounds = metric
                        .buckets
                        .iter()
                        .map(|bound| (bound * unit).round() as u64);
                    assert!(bounds.eq(scale.bounds.iter().copied()), "{}", view.name);
                    parts.iter().flat_map(labels).collect()
                }
                Shows::Counter(parts) => parts.iter().flat_map(labels).collect(),
                Shows::Gauge(_) => Vec::new(),
            };
            for label in labels {
                let known = |known: &Requirement| underscored(known.attribute) == label;
                assert!(metric.attributes.iter().any(known), "{} {label}", view.name);
            }
        }
    }

    fn labels<M>(part: &Part<M>) -> impl Iterator<Item = &'static str> {
        let fixed = part.fixed.map(|(label, _)| label);
        part.labels.iter().map(|(label, _)| *label).chain(fixed)
    }

    #[test]
    fn labels_are_named_once_in_each_part() {
        fn check<M>(name: &str, parts: &[Part<M>]) {
            for part in parts {
                let mut names: Vec<&str> = part.labels.iter().map(|(label, _)| *label).collect();
                names.extend(part.fixed.map(|(label, _)| label));
                let before = names.len();
                names.sort_unstable();
                names.dedup();
                assert_eq!(names.len(), before, "{name}");
                let sources: Vec<Source> = part.labels.iter().map(|(_, from)| *from).collect();
                for (place, source) in sources.iter().enumerate() {
                    assert!(
                        !sources.iter().skip(place + 1).any(|s| s == source),
                        "{name}"
                    );
                }
            }
        }
        for view in every_view() {
            match view.shows {
                Shows::Counter(parts) => check(view.name, parts),
                Shows::Gauge(parts) => check(view.name, parts),
                Shows::Histogram(_, parts) => check(view.name, parts),
            }
        }
    }

    #[test]
    fn every_set_parses_from_its_own_word() {
        for views in Views::ALL {
            assert_eq!(views.to_string().parse(), Ok(views));
        }
        assert_eq!("Chat".parse::<Views>(), Err(UnknownViews("Chat".into())));
    }
}
