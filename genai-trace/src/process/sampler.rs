//! Whether a trace is recorded, decided when it begins.

use std::fmt;

use super::probability::Probability;
use crate::config::InitError;
use crate::span::ids::TraceId;

/// Whether a trace is recorded, decided when it begins: [`Builder::sampler`](crate::Builder::sampler).
///
/// A span that is sampled out runs, and counts in every metric, as any other; it only leaves no
/// record. The sampler is asked for a span without a parent in this process; below one, spans do as
/// their parent does. Metrics therefore stay exact, whatever is sampled.
///
/// The decision depends on the trace id alone, as OpenTelemetry's [consistent probability
/// sampling](https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/) has
/// it: processes with the same ratio keep the same traces. Spans that were kept with a ratio below 1
/// carry it as `sampling.probability`: a sum over them, each divided by its own, estimates the whole.
///
/// ```
/// use genai_trace::{Sampler, Telemetry};
///
/// let telemetry = Telemetry::builder()
///     .sampler(Sampler::parent_based(Sampler::trace_id_ratio(0.1)))
///     .install()?;
/// # drop(telemetry);
/// # std::fs::remove_file("traces.jsonl").ok();
/// # Ok::<(), genai_trace::InitError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampler {
    ratio: f64,
    /// A remote parent's flag goes before the ratio.
    is_parent_based: bool,
}

impl Default for Sampler {
    /// `parent_based(always_on())`, as OpenTelemetry has it.
    fn default() -> Self {
        Self::parent_based(Self::always_on())
    }
}

impl Sampler {
    /// Records every trace, also one whose remote parent was sampled out.
    pub const fn always_on() -> Self {
        Self::trace_id_ratio(1.0)
    }

    /// Records no trace: for a program that wants only metrics.
    pub const fn always_off() -> Self {
        Self::trace_id_ratio(0.0)
    }

    /// Records this share of the traces, from 0 to 1, whatever a remote parent says. Outside that
    /// range [`install`](crate::Builder::install) fails.
    pub const fn trace_id_ratio(ratio: f64) -> Self {
        Self {
            ratio,
            is_parent_based: false,
        }
    }

    /// Records what a remote parent has recorded, by the flag of its `traceparent`, and asks `root`
    /// where there is none.
    pub const fn parent_based(root: Sampler) -> Self {
        Self {
            ratio: root.ratio,
            is_parent_based: true,
        }
    }

    /// The sampler, checked.
    pub(crate) fn checked(self) -> Result<Head, InitError> {
        let probability = Probability::new(self.ratio).ok_or_else(|| InitError::Setting {
            name: "sampler",
            value: self.to_string(),
            expected: "a ratio from 0 to 1".to_owned(),
        })?;
        Ok(Head {
            probability,
            is_parent_based: self.is_parent_based,
        })
    }
}

impl fmt::Display for Sampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_parent_based {
            true => write!(f, "parent_based(trace_id_ratio({}))", self.ratio),
            false => write!(f, "trace_id_ratio({})", self.ratio),
        }
    }
}

/// A sampler that was checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    probability: Probability,
    is_parent_based: bool,
}

impl Head {
    /// Whether a trace is kept whose remote parent, where there is one, was sampled or not; with
    /// what probability, where this process has decided it. `own` is the ratio of the callsite, which
    /// goes before the sampler's.
    pub(crate) fn decide(
        self,
        trace: TraceId,
        remote: Option<bool>,
        own: Option<Probability>,
    ) -> Option<Probability> {
        let probability = match (own, remote) {
            (Some(own), _) => own,
            (None, Some(is_sampled)) if self.is_parent_based => {
                return is_sampled.then_some(Probability::ONE);
            }
            _ => self.probability,
        };
        probability.keeps(trace).then_some(probability)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(sampler: Sampler, remote: Option<bool>, own: Option<f64>) -> Option<f64> {
        // Kept with a ratio of 0.1 and more.
        let trace = "000000000000000000e7000000000000".parse().unwrap();
        let own = own.and_then(Probability::new);
        let kept = sampler.checked().unwrap().decide(trace, remote, own);
        kept.map(Probability::get)
    }

    #[test]
    fn a_sampler_keeps_by_its_ratio() {
        assert_eq!(decide(Sampler::always_on(), None, None), Some(1.0));
        assert_eq!(decide(Sampler::always_off(), None, None), None);
        assert_eq!(decide(Sampler::trace_id_ratio(0.1), None, None), Some(0.1));
        assert_eq!(decide(Sampler::trace_id_ratio(0.09), None, None), None);
    }

    #[test]
    fn only_a_parent_based_one_heeds_a_remote_parent() {
        let ratio = Sampler::trace_id_ratio(0.1);
        for is_sampled in [true, false] {
            assert_eq!(decide(ratio, Some(is_sampled), None), Some(0.1));
        }
        let based = Sampler::parent_based(Sampler::always_off());
        assert_eq!(decide(based, Some(true), None), Some(1.0));
        assert_eq!(decide(Sampler::default(), Some(false), None), None);
        assert_eq!(decide(based, None, None), None);
    }

    #[test]
    fn the_ratio_of_a_callsite_goes_before_the_sampler() {
        assert_eq!(decide(Sampler::always_off(), None, Some(0.5)), Some(0.5));
        assert_eq!(decide(Sampler::always_on(), None, Some(0.05)), None);
        assert_eq!(
            decide(Sampler::default(), Some(false), Some(1.0)),
            Some(1.0)
        );
    }

    #[test]
    fn a_ratio_outside_0_to_1_is_named() {
        let error = Sampler::parent_based(Sampler::trace_id_ratio(1.5)).checked();
        assert_eq!(
            error.unwrap_err().to_string(),
            "sampler(parent_based(trace_id_ratio(1.5))): expected a ratio from 0 to 1"
        );
        assert!(Sampler::trace_id_ratio(f64::NAN).checked().is_err());
    }
}
