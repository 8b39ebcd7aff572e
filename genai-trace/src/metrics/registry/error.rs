//! What can be wrong with a metric.

use std::fmt;

use crate::metrics::kind::MetricKind;

/// Why a metric or a series of it was refused; each variant holds the name that was at fault.
///
/// ```
/// use genai_trace::{MemoryExporter, MetricError, Telemetry};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let telemetry = Telemetry::builder()
///     .memory(&MemoryExporter::new())
///     .install()?;
/// let registry = telemetry.registry();
/// registry.gauge("queue_depth", "Questions that wait.")?;
/// let error = registry.histogram("queue_depth", "Questions.", &[1.0]).unwrap_err();
/// assert!(matches!(&error, MetricError::OtherKind { name, .. } if name == "queue_depth"));
/// assert_eq!(error.to_string(), "`queue_depth` is a gauge already, not a histogram");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum MetricError {
    /// The name or the help of a family cannot be shown.
    Name {
        /// The name that was given.
        name: String,
        /// The kind that was asked for.
        kind: MetricKind,
        /// What is wrong, after the name.
        reason: &'static str,
    },
    /// The name is registered as another kind.
    OtherKind {
        /// The name of the family.
        name: String,
        /// The kind that it has.
        registered: MetricKind,
        /// The kind that was asked for.
        asked: MetricKind,
    },
    /// The name is registered as a histogram with other bounds.
    OtherBounds {
        /// The name of the family.
        name: String,
    },
    /// A bound of a histogram is not finite or does not increase.
    Bound {
        /// The name of the family.
        name: String,
        /// The bound at fault.
        bound: f64,
    },
    /// The name of a label cannot be shown, or has values without limit.
    Label {
        /// The name of the family.
        name: String,
        /// The label at fault, with underscores for dots.
        label: String,
        /// What is wrong, after the label.
        reason: &'static str,
    },
    /// A label is given twice.
    LabelTwice {
        /// The name of the family.
        name: String,
        /// The label at fault, with underscores for dots.
        label: String,
    },
}

impl fmt::Display for MetricError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MetricError::Name { name, kind, reason } => write!(f, "{kind} `{name}` {reason}"),
            MetricError::OtherKind {
                name,
                registered,
                asked,
            } => write!(f, "`{name}` is a {registered} already, not a {asked}"),
            MetricError::OtherBounds { name } => {
                write!(f, "histogram `{name}` is registered with other bounds")
            }
            MetricError::Bound { name, bound } if bound.is_finite() => {
                write!(f, "histogram `{name}`: bound {bound} does not increase")
            }
            MetricError::Bound { name, bound } => {
                write!(f, "histogram `{name}`: bound {bound} is not finite")
            }
            MetricError::Label {
                name,
                label,
                reason,
            } => write!(f, "metric `{name}`: label `{label}` {reason}"),
            MetricError::LabelTwice { name, label } => {
                write!(f, "metric `{name}`: label `{label}` is given twice")
            }
        }
    }
}

impl std::error::Error for MetricError {}
