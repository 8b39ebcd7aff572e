//! The dashboards in `deploy/grafana/dashboards`, made from the views: a name or a label that no view has does not pass.
//!
//! `GENAI_TRACE_RENEW=1 cargo test -p genai-trace --lib dashboards` writes them.

mod chat;
mod overview;
mod panel;
mod query;
mod requests;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use self::panel::Panel;
use super::views::Views;
use super::{ExporterTotals, Registry, Shard, Snapshot};

/// A dashboard: a page of panels about one set of views.
struct Dashboard {
    uid: &'static str,
    title: &'static str,
    description: &'static str,
    panels: Vec<Panel>,
}

/// Panels stand beside each other as long as they fit.
const COLUMNS: u64 = 24;

impl Dashboard {
    fn json(&self) -> Json {
        let (mut x, mut y, mut row_height) = (0, 0, 0);
        let mut panels = Vec::new();
        for (id, panel) in (1_u64..).zip(&self.panels) {
            let (width, height) = panel.size();
            if x + width > COLUMNS {
                (x, y, row_height) = (0, y + row_height, 0);
            }
            let place = json!({ "x": x, "y": y, "w": width, "h": height });
            panels.push(panel.json(id, &place));
            x += width;
            row_height = row_height.max(height);
        }
        json!({
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": ["genai-trace"],
            "schemaVersion": 41,
            "editable": true,
            "graphTooltip": 1,
            "refresh": "15s",
            "time": { "from": "now-1h", "to": "now" },
            "templating": { "list": [
                {
                    "name": "datasource", "label": "Data source", "type": "datasource",
                    "query": "prometheus", "current": {},
                },
                {
                    "name": "job", "label": "Job", "type": "query", "multi": true, "includeAll": true,
                    "allValue": ".+", "refresh": 2, "current": { "text": "All", "value": "$__all" },
                    "datasource": { "type": "prometheus", "uid": "${datasource}" },
                    "query": { "query": "label_values(genai_trace_spans_total, job)", "refId": "job" },
                },
            ]},
            "panels": panels,
        })
    }
}

fn all() -> [Dashboard; 3] {
    [
        overview::dashboard(),
        requests::dashboard(),
        chat::dashboard(),
    ]
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/grafana/dashboards")
}

/// Whether this is the repository, and not the package of one crate of it.
fn is_repository() -> bool {
    let is_there = folder().exists();
    if !is_there {
        println!("skipped: no deploy/grafana/dashboards");
    }
    is_there
}

#[test]
fn the_dashboards_are_those_that_the_views_make() {
    if !is_repository() {
        return;
    }
    let renews = std::env::var_os("GENAI_TRACE_RENEW").is_some();
    let mut expected = BTreeSet::new();
    for dashboard in all() {
        let path = folder().join(format!("{}.json", dashboard.uid));
        let text = serde_json::to_string_pretty(&dashboard.json()).unwrap() + "\n";
        if renews {
            std::fs::write(&path, &text).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == text,
            "{path:?} is not what the views make: GENAI_TRACE_RENEW=1 writes it"
        );
        expected.insert(path.file_name().unwrap().to_owned());
    }
    let files = std::fs::read_dir(folder()).unwrap();
    let found: BTreeSet<_> = files.map(|file| file.unwrap().file_name()).collect();
    assert_eq!(found, expected);
}

/// Names that a text of Prometheus may say: those of the views, and of histograms what they are made of.
fn known_names() -> BTreeSet<String> {
    let of_views = Views::ALL.into_iter().flat_map(|views| views.table());
    let mut known = BTreeSet::new();
    for view in of_views {
        match view.shows.kind() {
            super::MetricKind::Histogram => known
                .extend(["_bucket", "_count", "_sum"].map(|part| format!("{}{part}", view.name))),
            _ => _ = known.insert(view.name.to_owned()),
        }
    }
    known.extend(own_names());
    known
}

/// The families about the recording itself, which are shown also where nothing was recorded.
fn own_names() -> impl Iterator<Item = String> {
    let text = super::text::render(&Snapshot {
        shard: &Shard::default(),
        views: &[Views::Default],
        registry: &Registry::default(),
        exporters: &[ExporterTotals {
            name: "jsonl",
            written: 0,
            failed: 0,
            queue_full: 0,
            left_at_shutdown: 0,
            errors: 0,
        }],
        events: &[],
        data_points: &[],
        content: Default::default(),
        drain_busy_ns: 0,
        exemplars: None,
    });
    let names = text.lines().filter_map(|line| {
        let name = line.strip_prefix("# TYPE ")?.split(' ').next()?;
        Some(name.to_owned())
    });
    names.collect::<Vec<_>>().into_iter()
}

#[test]
fn rules_name_metrics_that_there_are() {
    if !is_repository() {
        return;
    }
    let rules = folder().join("../../prometheus/rules.yml");
    let text = std::fs::read_to_string(rules).unwrap();
    let known = known_names();
    let ours = [
        "gen_ai_",
        "genai_trace_",
        "agent_",
        "chat_",
        "llm_",
        "tool_",
        "tools_",
    ];
    let suffixes = ["_total", "_bucket", "_count", "_sum", "_active", "_spans"];
    let is_name_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let mut named = 0;
    for word in text.split(|c| !is_name_part(c)) {
        let is_metric = ours.iter().any(|front| word.starts_with(front))
            && suffixes.iter().any(|end| word.ends_with(end))
            && !word.contains(':');
        if is_metric {
            named += 1;
            assert!(
                known.contains(word),
                "rules.yml names {word}, which is no metric"
            );
        }
    }
    assert!(named > 10, "{named}");
}
