//! Which exporters get which traces.

use std::sync::Arc;

use super::attribute_rule::AttributeRule;
use crate::config::InitError;
use crate::export::view::SpanView;
use crate::record::Value;

/// Where traces with an attribute go: [`Builder::route`](crate::Builder::route).
///
/// A trace with a span that carries the attribute goes to the exporters that the route names, and to
/// no other. These get nothing else: the rest of the traces goes to the exporters that no route
/// names. Where several routes fit a trace the one that was given first counts.
///
/// A trace goes as a whole, once it has ended, as [`TailSampling`](crate::TailSampling) says of its
/// decision, and with its `decision_wait` and `max_bytes`, 30 s and 16 MiB unless said. Set the
/// attribute early: of a trace that was sent off before it came, what ends from then on takes the
/// route.
///
/// ```
/// use genai_trace::{MemoryExporter, Route, Telemetry, span};
///
/// let (strict, usual) = (MemoryExporter::new(), MemoryExporter::new());
/// let telemetry = Telemetry::builder()
///     .memory(&usual)
///     .exporter_as("strict", strict.clone())
///     .route(Route::traces_with("app.pii", true).only_to(["strict"]))
///     .install()?;
/// span("turn").run(|| span("ask_name").attr("app.pii", &true).run(|| {}));
/// span("turn").run(|| {});
/// drop(telemetry);
/// assert_eq!((strict.spans().len(), usual.spans().len()), (2, 1));
/// # Ok::<(), genai_trace::InitError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a route counts once it is given to the builder"]
pub struct Route {
    rule: AttributeRule,
    exporters: Vec<String>,
}

impl Route {
    /// The route of traces with a span that carries this attribute; [`only_to`](Self::only_to) says
    /// where to.
    pub fn traces_with(key: impl Into<String>, value: impl Into<Value>) -> Self {
        Self {
            rule: AttributeRule {
                key: key.into(),
                value: value.into(),
            },
            exporters: Vec::new(),
        }
    }

    /// Names the exporters that get them: those that were given a name by
    /// [`exporter_as`](crate::Builder::exporter_as), or their own, as `jsonl`.
    pub fn only_to<N: Into<String>>(mut self, exporters: impl IntoIterator<Item = N>) -> Self {
        self.exporters.extend(exporters.into_iter().map(Into::into));
        self
    }
}

/// For each exporter whether it gets the spans.
pub(crate) type Destination = Arc<[bool]>;

/// The routes, checked.
#[derive(Debug, Default)]
pub(super) struct Routes {
    routes: Vec<(AttributeRule, Destination)>,
    /// Where everything else goes; none where that is everywhere.
    rest: Option<Destination>,
}

impl Routes {
    /// The routes to exporters of these names.
    pub(super) fn checked(routes: Vec<Route>, exporters: &[String]) -> Result<Self, InitError> {
        if routes.is_empty() {
            return Ok(Self::default());
        }
        let mut rest = vec![true; exporters.len()];
        let mut checked = Vec::new();
        for route in routes {
            if route.rule.key.is_empty() {
                let value = "traces_with(\"\", ..)".to_owned();
                return Err(refused(value, "the name of an attribute".to_owned()));
            }
            if route.exporters.is_empty() {
                let value = format!("traces_with({:?}, ..)", route.rule.key);
                return Err(refused(value, "only_to with an exporter".to_owned()));
            }
            let mut to = vec![false; exporters.len()];
            for name in &route.exporters {
                let index = find(name, exporters)?;
                for (places, goes) in [(&mut to, true), (&mut rest, false)] {
                    if let Some(place) = places.get_mut(index) {
                        *place = goes;
                    }
                }
            }
            checked.push((route.rule, to.into()));
        }
        Ok(Self {
            routes: checked,
            rest: Some(rest.into()),
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.routes.len()
    }

    /// The first route that a span alone fits, of those before `known`.
    pub(super) fn of(&self, span: &SpanView<'_>, known: Option<usize>) -> Option<usize> {
        let before = known.unwrap_or(self.routes.len());
        let mut routes = self.routes.iter().take(before);
        routes.position(|(rule, _)| rule.fits(span)).or(known)
    }

    /// Where `route` leads to; without one, the rest.
    pub(super) fn destination(&self, route: Option<usize>) -> Option<Destination> {
        let route = route.and_then(|route| self.routes.get(route));
        route.map_or_else(|| self.rest.clone(), |(_, to)| Some(Arc::clone(to)))
    }
}

fn find(name: &str, exporters: &[String]) -> Result<usize, InitError> {
    let mut found = exporters.iter().enumerate().filter(|(_, one)| *one == name);
    match (found.next(), found.next()) {
        (Some((index, _)), None) => Ok(index),
        (Some(_), Some(_)) => Err(refused(
            format!("only_to({name:?})"),
            "a name that one exporter has: give each its own by exporter_as".to_owned(),
        )),
        (None, _) => {
            let known: Vec<_> = exporters.iter().map(|name| format!("{name:?}")).collect();
            let value = format!("only_to({name:?})");
            Err(refused(value, format!("one of {}", known.join(", "))))
        }
    }
}

fn refused(value: String, expected: String) -> InitError {
    InitError::Setting {
        name: "route",
        value,
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(route: Route) -> String {
        let exporters = ["jsonl", "strict", "memory", "memory"].map(str::to_owned);
        let checked = Routes::checked(vec![route], &exporters);
        checked.unwrap_err().to_string()
    }

    #[test]
    fn every_route_that_leads_nowhere_is_named_with_what_is_allowed() {
        let route = Route::traces_with("app.pii", true);
        let mistakes = [
            route.clone(),
            Route::traces_with("", true).only_to(["strict"]),
            route.clone().only_to(["strikt"]),
            route.only_to(["memory"]),
        ]
        .map(refusal);
        assert_eq!(
            mistakes.join("\n"),
            "\
route(traces_with(\"app.pii\", ..)): expected only_to with an exporter
route(traces_with(\"\", ..)): expected the name of an attribute
route(only_to(\"strikt\")): expected one of \"jsonl\", \"strict\", \"memory\", \"memory\"
route(only_to(\"memory\")): expected a name that one exporter has: give each its own by exporter_as"
        );
    }
}
