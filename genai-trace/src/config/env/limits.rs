//! The limits of a span, as the variables of the OpenTelemetry specification say them.

use std::ops::RangeInclusive;

use super::Reader;
use crate::config::InitError;
use crate::span::limits::SpanLimits;

/// Every integer that the specification has its variables take; 0 keeps nothing.
const LIMIT: RangeInclusive<u64> = 0..=2_147_483_647;

impl Reader<'_> {
    /// The limits. A variable of a span's, an event's or a link's attributes goes before the general
    /// one.
    pub(super) fn limits(&self) -> Result<SpanLimits, InitError> {
        let attributes = self.limit("OTEL_ATTRIBUTE_COUNT_LIMIT")?;
        let value_length = self.limit("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT")?;
        let mut limits = SpanLimits::default();
        type Set = fn(SpanLimits, u32) -> SpanLimits;
        let said: [(&str, Option<u32>, Set); 6] = [
            (
                "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
                attributes,
                SpanLimits::attribute_count,
            ),
            (
                "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
                value_length,
                SpanLimits::attribute_value_length,
            ),
            ("OTEL_SPAN_EVENT_COUNT_LIMIT", None, SpanLimits::event_count),
            ("OTEL_SPAN_LINK_COUNT_LIMIT", None, SpanLimits::link_count),
            (
                "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
                attributes,
                SpanLimits::attribute_per_event_count,
            ),
            (
                "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
                attributes,
                SpanLimits::attribute_per_link_count,
            ),
        ];
        for (name, general, set) in said {
            if let Some(limit) = self.limit(name)?.or(general) {
                limits = set(limits, limit);
            }
        }
        Ok(limits)
    }

    fn limit(&self, name: &'static str) -> Result<Option<u32>, InitError> {
        let limit = self.number(name, LIMIT)?;
        Ok(limit.and_then(|limit| u32::try_from(limit).ok()))
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn limits(variables: &[(&str, &str)]) -> Result<SpanLimits, InitError> {
        let lookup = |name: &str| {
            let said = variables.iter().find(|(variable, _)| *variable == name);
            said.map(|(_, value)| OsString::from(value))
        };
        Reader(&lookup).limits()
    }

    #[test]
    fn without_a_variable_limits_are_the_defaults() {
        assert_eq!(limits(&[]).unwrap(), SpanLimits::default());
        assert_eq!(
            limits(&[("OTEL_ATTRIBUTE_COUNT_LIMIT", "")]).unwrap(),
            SpanLimits::default()
        );
    }

    #[test]
    fn a_general_limit_holds_wherever_attributes_have_none_of_their_own() {
        let said = limits(&[
            ("OTEL_ATTRIBUTE_COUNT_LIMIT", "7"),
            ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "0"),
            ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "9"),
            ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "2147483647"),
            ("OTEL_SPAN_EVENT_COUNT_LIMIT", "3"),
            ("OTEL_SPAN_LINK_COUNT_LIMIT", " 4 "),
        ]);
        assert_eq!(
            said.unwrap(),
            SpanLimits::default()
                .attribute_count(7)
                .attribute_value_length(2_147_483_647)
                .event_count(3)
                .link_count(4)
                .attribute_per_event_count(0)
                .attribute_per_link_count(7)
        );
    }

    #[test]
    fn every_limit_that_means_nothing_is_named_with_what_is_allowed() {
        for (name, value) in [
            ("OTEL_ATTRIBUTE_COUNT_LIMIT", "many"),
            ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "-1"),
            ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "1.5"),
            ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "1k"),
            ("OTEL_SPAN_EVENT_COUNT_LIMIT", "2147483648"),
            ("OTEL_SPAN_LINK_COUNT_LIMIT", "0x10"),
            ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "none"),
            ("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "infinity"),
        ] {
            assert_eq!(
                limits(&[(name, value)]).unwrap_err().to_string(),
                format!("{name} is {value:?}: expected an integer from 0 to 2147483647")
            );
        }
    }
}
