//! Queries of PromQL over the metrics of views.

use super::super::view::{Part, Shows, View};
use super::super::views::Views;

/// What is chosen above the panels.
const CHOSEN: &str = "job=~\"$job\"";

/// A view, whose name and labels queries are made of, or two that count different operations.
#[derive(Clone, Copy)]
pub(super) struct Metric(&'static View, Option<&'static View>);

impl Metric {
    /// The view of this name.
    pub(super) fn of(views: Views, name: &str) -> Self {
        let found = views.table().iter().find(|view| view.name == name);
        let found = found.unwrap_or_else(|| panic!("the set {views} has no view {name}"));
        Self(found, None)
    }

    /// Both as one. No series of one may have the labels of one of the other.
    pub(super) fn and(self, other: Metric) -> Self {
        Self(self.0, Some(other.0))
    }

    /// What it says per second, by `labels`.
    pub(super) fn rate(self, labels: &[&str]) -> String {
        self.over("rate", "", "", labels, "$__rate_interval")
    }

    /// The same of what carries `only`, such as `error_type!=""`.
    pub(super) fn rate_of(self, only: &str, labels: &[&str]) -> String {
        self.over("rate", "", only, labels, "$__rate_interval")
    }

    /// What a histogram has added up per second, by `labels`.
    pub(super) fn sum_rate(self, labels: &[&str]) -> String {
        self.over("rate", "_sum", "", labels, "$__rate_interval")
    }

    /// By how much a counter has grown in an hour, by `labels`: exactly, and with what it began with, which `increase`
    /// does not see. A counter that has gone back has begun anew, and one that was not there is new, unless its process
    /// was not there either: that may have counted for long before Prometheus looked.
    pub(super) fn growth_of_an_hour(self, labels: &[&str]) -> String {
        self.check(labels);
        let counter = format!("{}{{{CHOSEN}}}", self.0.name);
        // What a process has said last counts although it has ended since.
        let now = format!("last_over_time({counter}[15s])");
        let before = format!("last_over_time({counter}[1h] offset 15s)");
        let process = format!("genai_trace_spans_total{{{CHOSEN}}}");
        // One second less than an hour has 240 quarters of a minute, both ends included.
        format!(
            "{} (sum_over_time(({now} - ({before} * ({before} <= bool {now}) or {now} * 0 unless on (job, instance) \
             ({process} unless {process} offset 15s)))[59m59s:15s]))",
            sum(labels)
        )
    }

    /// How often a histogram has counted per second, by `labels`.
    pub(super) fn count_rate(self, only: &str, labels: &[&str]) -> String {
        self.over("rate", "_count", only, labels, "$__rate_interval")
    }

    /// The value below which `quantile` of what a histogram has counted lies, by `labels`.
    pub(super) fn quantile(self, quantile: f64, labels: &[&str]) -> String {
        let labels = ["le"].iter().chain(labels).copied().collect::<Vec<_>>();
        let rate = self.over("rate", "_bucket", "", &labels, "$__rate_interval");
        format!("histogram_quantile({quantile}, {rate})")
    }

    /// What it says now, by `labels`.
    pub(super) fn now(self, labels: &[&str]) -> String {
        self.check(labels);
        format!("{} ({}{{{CHOSEN}}})", sum(labels), self.0.name)
    }

    fn over(self, function: &str, part: &str, only: &str, labels: &[&str], time: &str) -> String {
        self.check(labels);
        let only = match only {
            "" => String::new(),
            only => {
                let label = only.split(['=', '!']).next().unwrap_or_default();
                self.check(&[label]);
                format!(", {only}")
            }
        };
        let views = [Some(self.0), self.1];
        let of_each = views.into_iter().flatten().map(|view| {
            let name = view.name;
            format!("{function}({name}{part}{{{CHOSEN}{only}}}[{time}])")
        });
        let all = of_each.collect::<Vec<_>>().join(" or ");
        format!("{} ({all})", sum(labels))
    }

    /// That every part of the views has the labels.
    fn check(self, labels: &[&str]) {
        for view in [Some(self.0), self.1].into_iter().flatten() {
            let parts: Vec<Vec<&str>> = match view.shows {
                Shows::Counter(parts) => parts.iter().map(labels_of).collect(),
                Shows::Gauge(parts) => parts.iter().map(labels_of).collect(),
                Shows::Histogram(_, parts) => parts.iter().map(labels_of).collect(),
            };
            for label in labels.iter().filter(|label| **label != "le") {
                let is_there = parts.iter().all(|labels| labels.contains(label));
                assert!(is_there, "{} has no label {label}", view.name);
            }
        }
    }
}

fn labels_of<M>(part: &Part<M>) -> Vec<&'static str> {
    let fixed = part.fixed.map(|(label, _)| label);
    let labels = part.labels.iter().map(|(label, _)| *label);
    labels.chain(fixed).collect()
}

/// A counter about the recording itself, which is no view.
pub(super) fn own(name: &str, label: &str) -> String {
    assert!(
        super::own_names().any(|own| own == name),
        "there is no metric {name}"
    );
    format!("sum by ({label}) (rate({name}{{{CHOSEN}}}[$__rate_interval]))")
}

/// `part` of `whole`, where no part counts as none of it, since a counter that has never counted is not there; nothing
/// where there is no whole.
pub(super) fn share(part: &str, whole: &str) -> String {
    format!("({part} or {whole} * 0) / ({whole} > 0)")
}

/// All of `sums`, each without labels; one that is not there counts as none.
pub(super) fn total(sums: &[String]) -> String {
    let each = sums.iter().map(|sum| format!("({sum} or vector(0))"));
    format!("({})", each.collect::<Vec<_>>().join(" + "))
}

/// Spans that were lost: before they reached an exporter, and those that it could not write, where there is one.
pub(super) fn lost_spans() -> String {
    let counters = [
        "genai_trace_spans_dropped_total",
        "genai_trace_export_failed_spans_total",
    ];
    total(&counters.map(|name| format!("sum ({name}{{{CHOSEN}}})")))
}

fn sum(labels: &[&str]) -> String {
    match labels {
        [] => "sum".to_owned(),
        labels => format!("sum by ({})", labels.join(", ")),
    }
}
