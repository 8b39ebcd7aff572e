//! Which names metrics and labels may have.

use super::error::MetricError;
use crate::metrics::kind::MetricKind;
use crate::metrics::views::{self, own};

/// Endings that a histogram gives to its series.
const HISTOGRAM_ENDINGS: [&str; 3] = ["_bucket", "_count", "_sum"];

/// Labels with a value of their own for each user, conversation or call.
const UNBOUNDED: [&str; 12] = [
    "user_id",
    "enduser_id",
    "conversation_id",
    "session_id",
    "trace_id",
    "span_id",
    "request_id",
    "response_id",
    "message_id",
    "call_id",
    "run_id",
    "thread_id",
];

/// Checks the name and the help of a family.
pub(super) fn check_family(name: &str, help: &str, kind: MetricKind) -> Result<(), MetricError> {
    let refused = |reason| {
        Err(MetricError::Name {
            name: name.escape_debug().to_string(),
            kind,
            reason,
        })
    };
    if !is_name(name, |first| first == ':') {
        return refused("is no prometheus name (letters, digits, `_` and `:`, no digit first)");
    }
    if views::is_built_in(name) || name.starts_with(own::PREFIX) {
        return refused("is the name of a built-in metric");
    }
    if HISTOGRAM_ENDINGS.iter().any(|end| name.ends_with(end)) {
        return refused(
            "must not end in `_bucket`, `_count` or `_sum`, which series of histograms do",
        );
    }
    match (kind, name.ends_with("_total")) {
        (MetricKind::Counter, false) => refused("must end in `_total`"),
        (MetricKind::Gauge | MetricKind::Histogram, true) => {
            refused("must not end in `_total`, which counters do")
        }
        _ if help.trim().is_empty() => refused("needs a help text"),
        _ => Ok(()),
    }
}

/// The name of a label of `family` as Prometheus spells it, with underscores for dots.
pub(super) fn check_label(family: &str, label: &str) -> Result<String, MetricError> {
    let label = label.replace('.', "_");
    let refused = |label: &str, reason| {
        Err(MetricError::Label {
            name: family.to_owned(),
            label: label.escape_debug().to_string(),
            reason,
        })
    };
    if !is_name(&label, |_| false) {
        return refused(
            &label,
            "is no prometheus label (letters, digits and `_`, no digit first)",
        );
    }
    if label.starts_with("__") || label == "le" || label == "quantile" {
        return refused(&label, "is reserved");
    }
    let lower = label.to_ascii_lowercase();
    if UNBOUNDED.iter().any(|id| ends_in_word(&lower, id)) {
        return refused(&label, "is not allowed, label values must be bounded");
    }
    Ok(label)
}

/// Whether `name` consists of letters, digits and underscores, and what `also` allows.
fn is_name(name: &str, also: fn(char) -> bool) -> bool {
    let starts_well = |first: char| !first.is_ascii_digit();
    name.chars().next().is_some_and(starts_well)
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || also(c))
}

/// Whether `name` is `word` or ends in `_` and `word`.
fn ends_in_word(name: &str, word: &str) -> bool {
    name.strip_suffix(word)
        .is_some_and(|before| before.is_empty() || before.ends_with('_'))
}
