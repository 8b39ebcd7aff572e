//! Metrics as those of OTLP: what was collected, with what has changed since the last time where that is asked.

use std::sync::Arc;
use std::time::Instant;

use genai_trace_semconv::SCHEMA_URL;
use opentelemetry_proto::tonic::metrics::v1::{
    self as proto, AggregationTemporality, ExponentialHistogram, ExponentialHistogramDataPoint,
    Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, Sum,
    exponential_histogram_data_point, metric::Data, number_data_point,
};
use prost::Message;

use super::NAME;
use super::deltas::Deltas;
use super::metric_name::Spelling;
use super::options::{OtlpHistogramAggregation, OtlpTemporality};
use super::request::Item;
use super::sending::Sending;
use super::settings::Settings;
use crate::metrics::exponential;
use crate::metrics::{Buckets, LabelSet, MetricFamily, MetricKind, Number, Value};
use crate::record::Attributes;
use crate::recorder::tally::SharedTally;
use crate::sys::clock;

/// So many data points stand in one metric of a request: a request can be split between metrics.
const MOST_POINTS: usize = 1000;

/// Sends metrics by OTLP.
pub(crate) struct OtlpMetrics {
    sending: Sending,
    temporality: OtlpTemporality,
    aggregation: OtlpHistogramAggregation,
    /// When counting began.
    began: u64,
    deltas: Deltas,
    tally: Arc<SharedTally>,
}

/// From when to when a data point is about.
#[derive(Clone, Copy)]
struct Span {
    start: u64,
    end: u64,
    /// When metrics were collected last: spans that stand for values are of the time since.
    since: u64,
}

impl OtlpMetrics {
    pub(crate) fn new(
        settings: Settings,
        temporality: OtlpTemporality,
        aggregation: OtlpHistogramAggregation,
    ) -> Self {
        let began = now();
        Self {
            sending: Sending::new(settings),
            temporality,
            aggregation,
            began,
            deltas: Deltas::since(began),
            tally: Arc::new(SharedTally::new(NAME)),
        }
    }

    /// What becomes of the data points.
    pub(crate) fn tally(&self) -> Arc<SharedTally> {
        Arc::clone(&self.tally)
    }

    /// Has what was collected sent.
    pub(crate) fn export(
        &mut self,
        collect: impl FnOnce() -> Vec<MetricFamily>,
        resource: &Arc<Attributes>,
    ) {
        // Before they are collected, so that what comes meanwhile counts as new the next time.
        let end = now();
        let since = self.deltas.turn(end);
        let (mut metrics, mut points) = (Vec::new(), 0_u64);
        for family in collect() {
            let is_delta = self.temporality.is_delta(&family);
            let (start, temporality) = match is_delta {
                true => (since, AggregationTemporality::Delta),
                false => (self.began, AggregationTemporality::Cumulative),
            };
            let spelling = Spelling::of(&family);
            let kind = family.kind;
            let series = match is_delta {
                true => self.deltas.of(family),
                false => family.series,
            };
            for series in series.chunks(MOST_POINTS) {
                points = points.saturating_add(u64::try_from(series.len()).unwrap_or(u64::MAX));
                let data = data(
                    kind,
                    self.aggregation,
                    &spelling,
                    series,
                    temporality.into(),
                    Span { start, end, since },
                );
                metrics.push(Metric {
                    name: spelling.name.to_string(),
                    description: spelling.description.to_string(),
                    unit: spelling.unit.to_owned(),
                    data: Some(data),
                    ..Metric::default()
                });
            }
        }
        let mut items = metrics.iter().map(|metric| Item {
            resource,
            scope: None,
            schema_url: SCHEMA_URL,
            body: metric.encode_to_vec(),
        });
        self.tally.settle(points, self.sending.add(&mut items));
        self.tally.settle(0, self.sending.report());
    }

    pub(crate) fn flush(&mut self, until: Instant) {
        self.tally.settle(0, self.sending.flush(until));
    }

    pub(crate) fn end(&mut self, until: Instant) {
        self.tally.settle(0, self.sending.end(until));
    }
}

fn now() -> u64 {
    clock::now().saturating_add_signed(clock::offset())
}

fn data(
    kind: MetricKind,
    aggregation: OtlpHistogramAggregation,
    spelling: &Spelling<'_>,
    series: &[(LabelSet, Value)],
    aggregation_temporality: i32,
    span: Span,
) -> Data {
    match kind {
        MetricKind::Counter => Data::Sum(Sum {
            data_points: numbers(spelling, series, span),
            aggregation_temporality,
            is_monotonic: true,
        }),
        // What is of now has no start.
        MetricKind::Gauge => Data::Gauge(Gauge {
            data_points: numbers(spelling, series, Span { start: 0, ..span }),
        }),
        MetricKind::Histogram => match aggregation {
            OtlpHistogramAggregation::ExplicitBucket => Data::Histogram(Histogram {
                data_points: histograms(spelling, series, span),
                aggregation_temporality,
            }),
            OtlpHistogramAggregation::Base2ExponentialBucket => {
                Data::ExponentialHistogram(ExponentialHistogram {
                    data_points: exponential_histograms(spelling, series, span),
                    aggregation_temporality,
                })
            }
        },
    }
}

fn numbers(
    spelling: &Spelling<'_>,
    series: &[(LabelSet, Value)],
    span: Span,
) -> Vec<NumberDataPoint> {
    let points = series.iter().filter_map(|(labels, value)| {
        let Value::Single(number) = value else {
            return None;
        };
        Some(NumberDataPoint {
            attributes: spelling.attributes(labels),
            start_time_unix_nano: span.start,
            time_unix_nano: span.end,
            value: Some(number_value(*number)),
            ..NumberDataPoint::default()
        })
    });
    points.collect()
}

fn number_value(number: Number) -> number_data_point::Value {
    use number_data_point::Value::{AsDouble, AsInt};
    match number {
        Number::Count(count) => AsInt(i64::try_from(count).unwrap_or(i64::MAX)),
        Number::Level(level) => AsInt(level),
        Number::Decimal { .. } | Number::Float(_) => AsDouble(number.as_f64()),
    }
}

fn histograms(
    spelling: &Spelling<'_>,
    series: &[(LabelSet, Value)],
    span: Span,
) -> Vec<HistogramDataPoint> {
    let points = series.iter().filter_map(|(labels, value)| {
        let Value::Histogram(buckets) = value else {
            return None;
        };
        Some(HistogramDataPoint {
            attributes: spelling.attributes(labels),
            start_time_unix_nano: span.start,
            time_unix_nano: span.end,
            count: buckets.count,
            sum: Some(buckets.sum.as_f64()),
            bucket_counts: apart(buckets),
            explicit_bounds: buckets
                .upto
                .iter()
                .map(|(bound, _)| bound.as_f64())
                .collect(),
            exemplars: exemplars(buckets, span.since),
            ..HistogramDataPoint::default()
        })
    });
    points.collect()
}

fn exponential_histograms(
    spelling: &Spelling<'_>,
    series: &[(LabelSet, Value)],
    span: Span,
) -> Vec<ExponentialHistogramDataPoint> {
    let points = series.iter().filter_map(|(labels, value)| {
        let Value::Histogram(buckets) = value else {
            return None;
        };
        let counted = buckets.exponential.as_ref()?;
        Some(ExponentialHistogramDataPoint {
            attributes: spelling.attributes(labels),
            start_time_unix_nano: span.start,
            time_unix_nano: span.end,
            count: counted.count(),
            sum: Some(buckets.sum.as_f64()),
            scale: counted.scale,
            zero_count: counted.zeros,
            positive: side(&counted.positive),
            negative: side(&counted.negative),
            exemplars: exemplars(buckets, span.since),
            ..ExponentialHistogramDataPoint::default()
        })
    });
    points.collect()
}

fn side(buckets: &exponential::Buckets) -> Option<exponential_histogram_data_point::Buckets> {
    let has_some = !buckets.counts.is_empty();
    has_some.then(|| exponential_histogram_data_point::Buckets {
        offset: buckets.first,
        bucket_counts: buckets.counts.clone(),
    })
}

/// The spans that stand for buckets and were picked since then.
fn exemplars(buckets: &Buckets, since: u64) -> Vec<proto::Exemplar> {
    let shown = buckets.exemplars.iter().flatten();
    let new = shown.filter(|shown| shown.exemplar.picked >= since);
    new.map(|shown| proto::Exemplar {
        time_unix_nano: shown.exemplar.ended,
        span_id: shown.exemplar.span_id.to_bytes().to_vec(),
        trace_id: shown.exemplar.trace_id.to_bytes().to_vec(),
        value: Some(proto::exemplar::Value::AsDouble(shown.value.as_f64())),
        filtered_attributes: Vec::new(),
    })
    .collect()
}

/// How many values lie in each bucket, and in that above the last bound.
fn apart(buckets: &Buckets) -> Vec<u64> {
    let mut below = 0;
    let upto = buckets.upto.iter().map(|(_, upto)| *upto);
    upto.chain([buckets.count])
        .map(|upto| upto - std::mem::replace(&mut below, upto))
        .collect()
}

#[cfg(test)]
mod tests;
