//! A span as commands see it, whoever has written it.

mod brief;
mod facts;
mod fault;
mod foreign;
mod halves;
mod kind;
mod modern;
mod spelling;

pub(crate) use self::brief::Brief;
pub(crate) use self::facts::{COSTS, Facts, whole};
pub(crate) use self::fault::{Fault, LeftOut, PassedOver, fault};
pub(crate) use self::foreign::{events_of, records, records_of};
pub(crate) use self::kind::Kind;
pub(crate) use self::modern::modernize;
pub(crate) use self::spelling::Amount;

/// The trace that a record belongs to.
pub(crate) fn id_of(record: &genai_trace::SpanRecord) -> u128 {
    u128::from_be_bytes(record.trace_id.to_bytes())
}
