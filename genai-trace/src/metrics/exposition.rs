//! From measures to families: the views applied to what was counted.

use super::cell::Cell;
use super::exemplars::{Exemplar, Exemplars};
use super::family::{Buckets, LabelSet, MetricFamily, OVERFLOW_LABEL, Shown, Value};
use super::histogram::Projection;
use super::labels::Labels;
use super::number::Number;
use super::registry::Registry;
use super::shard::Shard;
use super::source::Source;
use super::view::{Distribution, Level, Part, Scale, Shows, View};
use super::views::{Views, own};
use crate::content::ContentCounts;
use crate::order;
use crate::recorder::report::ExporterReport;

/// Everything that an exposition shows, at one moment.
#[derive(Debug)]
pub(crate) struct Snapshot<'a> {
    /// All threads' shards, merged.
    pub(crate) shard: &'a Shard,
    pub(crate) views: &'a [Views],
    pub(crate) registry: &'a Registry,
    pub(crate) exporters: &'a [ExporterTotals<'a>],
    /// What became of events, by exporter.
    pub(crate) events: &'a [ExporterReport],
    /// What became of data points, by exporter.
    pub(crate) data_points: &'a [ExporterReport],
    pub(crate) content: ContentCounts,
    pub(crate) drain_busy_ns: u64,
    pub(crate) exemplars: Option<&'a Exemplars>,
}

/// What one exporter did so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExporterTotals<'a> {
    pub(crate) name: &'a str,
    /// Spans written.
    pub(crate) written: u64,
    /// Spans that could not be written.
    pub(crate) failed: u64,
    /// Spans that found no room in its queue.
    pub(crate) queue_full: u64,
    /// Spans that were left in its queue at shutdown.
    pub(crate) left_at_shutdown: u64,
    /// Attempts to write that failed.
    pub(crate) errors: u64,
}

/// The families of `snapshot` that have something to show, by name.
pub(crate) fn collect(snapshot: &Snapshot<'_>) -> Vec<MetricFamily> {
    let mut families: Vec<MetricFamily> = Vec::new();
    for view in views(snapshot) {
        match families.iter_mut().find(|family| family.name == view.name) {
            Some(family) => show(view, snapshot, family),
            None => {
                let mut family = MetricFamily::new(view.name, view.help, view.shows.kind());
                show(view, snapshot, &mut family);
                families.push(family);
            }
        }
    }
    if snapshot.views.contains(&Views::Default) {
        own::add_families(snapshot, &mut families);
    }
    // None has a name of those above.
    families.append(&mut snapshot.registry.families());
    families.retain(|family| !family.series.is_empty());
    families.iter_mut().for_each(MetricFamily::settle);
    order::sort_by(&mut families, |one, other| one.name.cmp(&other.name));
    families
}

/// The views of all chosen sets; one that stands in several sets is shown once.
fn views(snapshot: &Snapshot<'_>) -> Vec<&'static View> {
    let mut views: Vec<&View> = Vec::new();
    for view in snapshot.views.iter().flat_map(|set| set.table()) {
        if !views.contains(&view) {
            views.push(view);
        }
    }
    views
}

/// Adds what was counted for `view`.
fn show(view: &View, snapshot: &Snapshot<'_>, family: &mut MetricFamily) {
    let shard = snapshot.shard;
    match view.shows {
        Shows::Counter(parts) => {
            for (part, labels, cell) in admitted(parts, shard) {
                if let Some(count) = cell.count(labels, part.measure) {
                    let number = match part.measure.decimals() {
                        0 => Number::Count(count),
                        decimals => Number::Decimal {
                            units: count,
                            decimals,
                        },
                    };
                    family.add(
                        label_set(part.labels, part.fixed, labels),
                        Value::Single(number),
                    );
                }
            }
        }
        Shows::Gauge(parts) => {
            for part in parts {
                for (labels, open) in levels(part.measure, shard) {
                    if part.admits(&labels) {
                        family.add(
                            label_set(part.labels, part.fixed, &labels),
                            Value::Single(Number::Level(open)),
                        );
                    }
                }
            }
        }
        Shows::Histogram(scale, parts) => {
            for (part, labels, cell) in admitted(parts, shard) {
                if let Some(counted) = cell.distribution(part.measure, scale) {
                    family.add(
                        label_set(part.labels, part.fixed, labels),
                        in_unit_of(scale, counted, exemplars(snapshot, part, scale, labels)),
                    );
                }
            }
        }
    }
}

/// Each part with the series that it takes in.
fn admitted<'a, M: Copy>(
    parts: &'static [Part<M>],
    shard: &'a Shard,
) -> impl Iterator<Item = (&'static Part<M>, &'a Labels, &'a Cell)> {
    parts.iter().flat_map(|part| {
        let series = shard.series().iter();
        series
            .filter(|(labels, _)| part.admits(labels))
            .map(move |(labels, cell)| (part, labels, cell))
    })
}

fn levels(level: Level, shard: &Shard) -> Vec<(Labels, i64)> {
    match level {
        Level::Open => shard.flow().open().collect(),
        Level::OpenByName => shard.flow().open_by_name().collect(),
    }
}

/// The spans that stand for the durations of a series.
fn exemplars(
    snapshot: &Snapshot<'_>,
    part: &Part<Distribution>,
    scale: Scale,
    labels: &Labels,
) -> Vec<Option<Exemplar>> {
    match snapshot.exemplars {
        Some(exemplars) if part.measure == Distribution::Duration => {
            let series = snapshot.shard.series().iter();
            let all = series.map(|(labels, _)| labels);
            exemplars.of(labels, all, scale.bounds)
        }
        _ => Vec::new(),
    }
}

fn in_unit_of(scale: Scale, counted: Projection, exemplars: Vec<Option<Exemplar>>) -> Value {
    let shown = |units| Number::Decimal {
        units,
        decimals: scale.decimals,
    };
    let bounds = scale.bounds.iter().map(|bound| shown(*bound));
    Value::Histogram(Buckets {
        upto: bounds.zip(counted.cumulative.iter().copied()).collect(),
        sum: shown(counted.sum),
        count: counted.count,
        exponential: counted.exponential,
        exemplars: exemplars
            .into_iter()
            .map(|exemplar| {
                let exemplar = exemplar?;
                let value = shown(exemplar.duration_ns);
                Some(Shown { exemplar, value })
            })
            .collect(),
    })
}

/// The labels that a part of a view shows for a series, with the part's own one. Where a name had no
/// room, all names give way to the overflow label; only the part's own label stays, without which
/// unlike numbers would add up.
fn label_set(
    shown: &[(&'static str, Source)],
    fixed: Option<(&'static str, &'static str)>,
    labels: &Labels,
) -> LabelSet {
    let mut set = LabelSet::new();
    if shown
        .iter()
        .any(|(_, source)| source.has_overflowed(labels))
    {
        set.push((OVERFLOW_LABEL.into(), "true".into()));
    } else {
        for (label, source) in shown {
            if let Some(value) = source.value(labels) {
                set.push(((*label).into(), value));
            }
        }
    }
    if let Some((label, value)) = fixed {
        set.push((label.into(), value.into()));
    }
    set
}
