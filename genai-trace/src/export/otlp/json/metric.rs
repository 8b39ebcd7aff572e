//! A metric as the JSON of OTLP.

use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Said;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogramDataPoint, HistogramDataPoint, Metric, NumberDataPoint, exemplar,
    exponential_histogram_data_point::Buckets, metric::Data,
};
use serde_json::Value as Json;

use super::{Object, float};

pub(super) fn json(metric: &Metric) -> Json {
    let mut object = Object::default();
    object.text("name", &metric.name);
    object.text("description", &metric.description);
    object.text("unit", &metric.unit);
    let mut data = Object::default();
    match &metric.data {
        Some(Data::Gauge(gauge)) => {
            data.list("dataPoints", &gauge.data_points, number);
            object.put("gauge", data.into_json());
        }
        Some(Data::Sum(sum)) => {
            data.list("dataPoints", &sum.data_points, number);
            data.put("aggregationTemporality", sum.aggregation_temporality.into());
            data.put("isMonotonic", sum.is_monotonic.into());
            object.put("sum", data.into_json());
        }
        Some(Data::Histogram(of)) => {
            data.list("dataPoints", &of.data_points, histogram);
            data.put("aggregationTemporality", of.aggregation_temporality.into());
            object.put("histogram", data.into_json());
        }
        Some(Data::ExponentialHistogram(of)) => {
            data.list("dataPoints", &of.data_points, exponential_histogram);
            data.put("aggregationTemporality", of.aggregation_temporality.into());
            object.put("exponentialHistogram", data.into_json());
        }
        // No metric of ours is any of the others.
        _ => {}
    }
    object.into_json()
}

fn number(point: &NumberDataPoint) -> Json {
    let mut object = Object::default();
    object.attributes(&point.attributes);
    times(
        &mut object,
        point.start_time_unix_nano,
        point.time_unix_nano,
    );
    match point.value {
        Some(Said::AsInt(number)) => object.put("asInt", number.to_string().into()),
        Some(Said::AsDouble(number)) => object.float("asDouble", number),
        None => {}
    }
    object.into_json()
}

fn histogram(point: &HistogramDataPoint) -> Json {
    let mut object = Object::default();
    object.attributes(&point.attributes);
    let (start, time) = (point.start_time_unix_nano, point.time_unix_nano);
    times(&mut object, start, time);
    counted(&mut object, point.count, point.sum);
    object.list("bucketCounts", &point.bucket_counts, |count| {
        count.to_string().into()
    });
    object.list("explicitBounds", &point.explicit_bounds, |bound| {
        float(*bound)
    });
    object.list("exemplars", &point.exemplars, exemplar);
    object.into_json()
}

fn exponential_histogram(point: &ExponentialHistogramDataPoint) -> Json {
    let mut object = Object::default();
    object.attributes(&point.attributes);
    let (start, time) = (point.start_time_unix_nano, point.time_unix_nano);
    times(&mut object, start, time);
    counted(&mut object, point.count, point.sum);
    object.put("scale", point.scale.into());
    object.put("zeroCount", point.zero_count.to_string().into());
    if let Some(buckets) = &point.positive {
        object.put("positive", side(buckets));
    }
    if let Some(buckets) = &point.negative {
        object.put("negative", side(buckets));
    }
    object.list("exemplars", &point.exemplars, exemplar);
    object.into_json()
}

fn side(buckets: &Buckets) -> Json {
    let mut object = Object::default();
    object.put("offset", buckets.offset.into());
    object.list("bucketCounts", &buckets.bucket_counts, |count| {
        count.to_string().into()
    });
    object.into_json()
}

fn exemplar(exemplar: &Exemplar) -> Json {
    let mut object = Object::default();
    object.nanos("timeUnixNano", exemplar.time_unix_nano);
    object.hex("spanId", &exemplar.span_id);
    object.hex("traceId", &exemplar.trace_id);
    if let Some(exemplar::Value::AsDouble(number)) = exemplar.value {
        object.float("asDouble", number);
    }
    object.into_json()
}

/// What histograms of either kind say.
fn counted(object: &mut Object, count: u64, sum: Option<f64>) {
    object.put("count", count.to_string().into());
    if let Some(sum) = sum {
        object.float("sum", sum);
    }
}

/// What is of now alone has no start.
fn times(object: &mut Object, start: u64, time: u64) {
    if start != 0 {
        object.nanos("startTimeUnixNano", start);
    }
    object.nanos("timeUnixNano", time);
}
