//! Which runs are asked for.

use std::collections::HashSet;
use std::io;
use std::str::FromStr;
use std::sync::Arc;

use super::ids::Beginning;
use super::names::{Name, Names};
use super::run::Seen;
use super::search::{Wanted, in_names};
use super::store::Store;
use crate::reading::Moment;

/// So many runs are given at once, unless said.
const LIMIT: usize = 100;
/// More are not.
const MOST: usize = 10_000;
/// A shorter text is looked for only in names: it is in nearly all that is said.
const SHORTEST_TEXT: usize = 3;
/// Fewer digits begin the ids of too many traces, and of too many spans, of which a trace has hundreds: as many as are
/// shown of an id mean nobody else's.
const FEWEST_OF_TRACE: usize = 4;
const FEWEST_OF_SPAN: usize = 8;

/// Which runs are asked for.
#[derive(Debug)]
pub(super) struct Filter {
    text: Option<String>,
    tool: Option<String>,
    model: Option<String>,
    agent: Option<String>,
    has_errors: bool,
    is_live: bool,
    min_cost: Option<f64>,
    max_cost: Option<f64>,
    min_ms: Option<f64>,
    max_ms: Option<f64>,
    since: Option<Moment>,
    until: Option<Moment>,
    /// Attributes with their values.
    attributes: Vec<Wanted>,
    pub(super) limit: usize,
    pub(super) offset: usize,
}

/// A filter, with the names that it looks for.
#[derive(Debug)]
pub(super) struct Sieve<'a> {
    filter: &'a Filter,
    text: Option<Vec<bool>>,
    tool: Option<Vec<bool>>,
    model: Option<Vec<bool>>,
    agent: Option<Vec<bool>>,
    /// The traces with each of the attributes.
    with_attributes: Vec<Arc<HashSet<u128>>>,
    /// The traces that say the text somewhere.
    with_text: Arc<HashSet<u128>>,
    /// The text as the beginning of the id of a trace, and of a span.
    of_trace: Option<Beginning>,
    of_span: Option<Beginning>,
}

impl Filter {
    /// What the parameters of a request say; empty ones say nothing.
    pub(super) fn of(parameters: &[(String, String)]) -> Result<Self, String> {
        let mut filter = Self {
            text: None,
            tool: None,
            model: None,
            agent: None,
            has_errors: false,
            is_live: false,
            min_cost: None,
            max_cost: None,
            min_ms: None,
            max_ms: None,
            since: None,
            until: None,
            attributes: Vec::new(),
            limit: LIMIT,
            offset: 0,
        };
        for (key, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
            match key.as_str() {
                "text" => filter.text = Some(value.to_lowercase()),
                "tool" => filter.tool = Some(value.clone()),
                "model" => filter.model = Some(value.clone()),
                "agent" => filter.agent = Some(value.clone()),
                "errors" => filter.has_errors = truth(key, value)?,
                "live" => filter.is_live = truth(key, value)?,
                "min_cost" => filter.min_cost = Some(number(key, value)?),
                "max_cost" => filter.max_cost = Some(number(key, value)?),
                "min_ms" => filter.min_ms = Some(number(key, value)?),
                "max_ms" => filter.max_ms = Some(number(key, value)?),
                "since" => filter.since = Some(parsed(key, value)?),
                "until" => filter.until = Some(parsed(key, value)?),
                "limit" => filter.limit = parsed::<usize>(key, value)?.min(MOST),
                "offset" => filter.offset = parsed(key, value)?,
                "attribute" => filter.attributes.push(pair(value)?),
                _ => return Err(format!("there is no parameter {key:?}")),
            }
        }
        Ok(filter)
    }

    /// Looks in what is known for the names, and in the files for what is said.
    pub(super) fn sieve(&self, store: &Store) -> io::Result<Sieve<'_>> {
        let names = &store.index.names;
        let those = |wanted: &Option<String>| wanted.as_ref().map(|wanted| called(names, wanted));
        let find = |wanted: &Wanted| store.searches.find(&store.parts, wanted);
        let with_attributes: io::Result<Vec<_>> = self.attributes.iter().map(find).collect();
        let long = self
            .text
            .as_ref()
            .filter(|text| text.len() >= SHORTEST_TEXT);
        let with_text = long.map(|text| find(&Wanted::Text(text.clone())));
        Ok(Sieve {
            filter: self,
            text: self.text.as_ref().map(|text| names.those(in_names(text))),
            tool: those(&self.tool),
            model: those(&self.model),
            agent: those(&self.agent),
            with_attributes: with_attributes?,
            with_text: with_text.transpose()?.unwrap_or_default(),
            of_trace: self.beginning(FEWEST_OF_TRACE),
            of_span: self.beginning(FEWEST_OF_SPAN),
        })
    }

    fn beginning(&self, fewest: usize) -> Option<Beginning> {
        Beginning::of(self.text.as_deref()?, fewest)
    }
}

/// The names that are `wanted`, else those that have it in them.
fn called(names: &Names, wanted: &str) -> Vec<bool> {
    let same = names.those(|name| name == wanted);
    match same.contains(&true) {
        true => same,
        false => {
            let wanted = wanted.to_lowercase();
            names.those(|name| name.to_lowercase().contains(&wanted))
        }
    }
}

impl Sieve<'_> {
    /// Whether a run with these spans, in the order of their numbers, and those that are open is asked for.
    pub(super) fn holds(&self, id: u128, run: &Seen<'_>, spans: &[u64]) -> bool {
        let filter = self.filter;
        let summary = &*run.summary;
        let is_one = |those: &Option<Vec<bool>>, names: &[Name]| {
            those
                .as_ref()
                .is_none_or(|those| names.iter().any(|name| name.is_of(those)))
        };
        let is_tool = |those: &Option<Vec<bool>>| {
            those
                .as_ref()
                .is_none_or(|those| summary.tools.iter().any(|(name, _)| name.is_of(those)))
        };
        let within = |value: Option<f64>, least: Option<f64>, most: Option<f64>| {
            (least.is_none() && most.is_none())
                || value.is_some_and(|value| {
                    least.is_none_or(|least| value >= least)
                        && most.is_none_or(|most| value <= most)
                })
        };
        (!filter.has_errors || summary.errors > 0)
            && (!filter.is_live || !run.open.is_empty())
            && filter
                .since
                .is_none_or(|since| summary.start >= since.unix_nano())
            && filter
                .until
                .is_none_or(|until| summary.start < until.unix_nano())
            && within(Some(run.milliseconds()), filter.min_ms, filter.max_ms)
            && within(summary.cost(), filter.min_cost, filter.max_cost)
            && is_tool(&self.tool)
            && is_one(&self.model, &summary.models)
            && is_one(&self.agent, &summary.agents)
            && self.has_text(id, run, spans)
            && self
                .with_attributes
                .iter()
                .all(|traces| traces.contains(&id))
    }

    /// The span of a run whose id begins with the text; none where the run's own does.
    pub(super) fn span(&self, id: u128, run: &Seen<'_>, spans: &[u64]) -> Option<u64> {
        let of_span = self.of_span?;
        if self.of_trace.is_some_and(|begin| begin.is_of_trace(id)) {
            return None;
        }
        let open = run.open.iter();
        let open = open.map(|span| u64::from_be_bytes(span.span_id.to_bytes()));
        let ended = of_span.in_order(spans).iter().copied();
        ended.chain(open).find(|span| of_span.is_of_span(*span))
    }

    fn has_text(&self, id: u128, run: &Seen<'_>, spans: &[u64]) -> bool {
        let Some(those) = &self.text else {
            return true;
        };
        let summary = &*run.summary;
        let one = [summary.service, summary.session, summary.task];
        let root = summary.root.map(|root| root.name);
        let tools = summary.tools.iter().map(|(tool, _)| *tool);
        let several = summary.agents.iter().chain(&summary.models).copied();
        let mut all = one
            .into_iter()
            .chain([root])
            .flatten()
            .chain(tools)
            .chain(several);
        self.with_text.contains(&id)
            || all.any(|name| name.is_of(those))
            || self.of_trace.is_some_and(|begin| begin.is_of_trace(id))
            || self.span(id, run, spans).is_some()
    }
}

fn truth(key: &str, value: &str) -> Result<bool, String> {
    match value {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(format!("{key} is {value:?}: expected 1 or 0")),
    }
}

fn number(key: &str, value: &str) -> Result<f64, String> {
    match value.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(format!("{key} is {value:?}: expected a number")),
    }
}

fn parsed<T: FromStr<Err: std::fmt::Display>>(key: &str, value: &str) -> Result<T, String> {
    value
        .parse()
        .map_err(|error| format!("{key} is {value:?}: {error}"))
}

fn pair(value: &str) -> Result<Wanted, String> {
    match value.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok(Wanted::Attribute {
            key: key.to_owned(),
            value: value.to_owned(),
        }),
        _ => Err(format!("attribute is {value:?}: expected KEY=VALUE")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(key: &str, value: &str) -> String {
        Filter::of(&[(key.to_owned(), value.to_owned())]).unwrap_err()
    }

    #[test]
    fn a_wrong_parameter_is_named_with_what_is_allowed() {
        assert_eq!(wrong("errors", "x"), "errors is \"x\": expected 1 or 0");
        assert_eq!(
            wrong("min_cost", "NaN"),
            "min_cost is \"NaN\": expected a number"
        );
        assert_eq!(
            wrong("limit", "-1"),
            "limit is \"-1\": invalid digit found in string"
        );
        assert_eq!(
            wrong("attribute", "a"),
            "attribute is \"a\": expected KEY=VALUE"
        );
        assert!(wrong("since", "soon").starts_with("since is \"soon\": expected a time ago"));
        assert_eq!(wrong("colour", "red"), "there is no parameter \"colour\"");
        assert!(Filter::of(&[("errors".to_owned(), String::new())]).is_ok());
    }

    #[test]
    fn a_name_that_is_there_is_meant_alone_and_a_part_of_one_means_all_that_have_it() {
        let names = Names::default();
        let (mini, large) = (names.keep("gpt-4o-mini"), names.keep("gpt-4o"));
        let is = |wanted: &str, name: Name| name.is_of(&called(&names, wanted));
        assert!(is("gpt-4o", large) && !is("gpt-4o", mini));
        assert!(is("GPT", large) && is("GPT", mini));
        assert!(is("mini", mini) && !is("mini", large));
    }
}
