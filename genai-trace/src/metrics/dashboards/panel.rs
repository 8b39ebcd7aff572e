//! One panel of a dashboard, as Grafana has it.

use serde_json::{Value as Json, json};

/// One panel.
pub(super) struct Panel {
    kind: Kind,
    title: &'static str,
    description: &'static str,
    unit: &'static str,
    /// Queries, each with what its series are called.
    queries: Vec<(String, &'static str)>,
    is_stacked: bool,
    has_exemplars: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lines,
    /// One number.
    Stat,
}

impl Panel {
    pub(super) fn lines(title: &'static str, unit: &'static str) -> Self {
        Self::new(Kind::Lines, title, unit)
    }

    pub(super) fn stat(title: &'static str, unit: &'static str) -> Self {
        Self::new(Kind::Stat, title, unit)
    }

    const fn new(kind: Kind, title: &'static str, unit: &'static str) -> Self {
        Self {
            kind,
            title,
            description: "",
            unit,
            queries: Vec::new(),
            is_stacked: false,
            has_exemplars: false,
        }
    }

    pub(super) const fn described(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    /// Adds a query, whose series are called by `legend`.
    pub(super) fn query(mut self, query: String, legend: &'static str) -> Self {
        self.queries.push((query, legend));
        self
    }

    /// Series stand upon each other: they are parts of a whole.
    pub(super) const fn stacked(mut self) -> Self {
        self.is_stacked = true;
        self
    }

    /// Spans that stand for buckets are shown, and lead to their traces.
    pub(super) const fn with_exemplars(mut self) -> Self {
        self.has_exemplars = true;
        self
    }

    /// Width and height, in the units of Grafana.
    pub(super) const fn size(&self) -> (u64, u64) {
        match self.kind {
            Kind::Lines => (8, 8),
            Kind::Stat => (4, 4),
        }
    }

    pub(super) fn json(&self, id: u64, place: &Json) -> Json {
        let source = json!({ "type": "prometheus", "uid": "${datasource}" });
        let targets: Vec<_> = ('A'..)
            .zip(&self.queries)
            .map(|(letter, (query, legend))| {
                json!({
                    "refId": letter.to_string(), "expr": query, "legendFormat": legend, "datasource": source,
                    "exemplar": self.has_exemplars, "instant": self.kind == Kind::Stat,
                    "range": self.kind == Kind::Lines,
                })
            })
            .collect();
        let stacking = if self.is_stacked { "normal" } else { "none" };
        let (kind, options, custom) = match self.kind {
            Kind::Lines => (
                "timeseries",
                json!({
                    "legend": { "displayMode": "list", "placement": "bottom", "showLegend": true },
                    "tooltip": { "mode": "multi", "sort": "desc" },
                }),
                json!({
                    "drawStyle": "line", "lineWidth": 1, "fillOpacity": if self.is_stacked { 30 } else { 8 },
                    "showPoints": "never", "spanNulls": false, "stacking": { "mode": stacking },
                }),
            ),
            Kind::Stat => (
                "stat",
                json!({
                    "colorMode": "value", "graphMode": "none", "textMode": "auto",
                    "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
                }),
                json!({}),
            ),
        };
        json!({
            "id": id, "type": kind, "title": self.title, "description": self.description, "datasource": source,
            "gridPos": place, "targets": targets, "options": options,
            "fieldConfig": { "defaults": { "unit": self.unit, "min": 0, "custom": custom }, "overrides": [] },
        })
    }
}
