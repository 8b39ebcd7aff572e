//! A span as commands see it, whoever has written it.

mod brief;
mod facts;
mod foreign;
mod kind;
mod modern;
mod spelling;

pub(crate) use self::brief::Brief;
pub(crate) use self::facts::Facts;
pub(crate) use self::foreign::{records, records_of};
pub(crate) use self::kind::Kind;
pub(crate) use self::modern::modernize;

/// The trace that a record belongs to.
pub(crate) fn id_of(record: &genai_trace::SpanRecord) -> u128 {
    u128::from_be_bytes(record.trace_id.to_bytes())
}
