//! A probability of being kept, and what it says of a trace.
//!
//! The same trace is kept everywhere, or nowhere: the low 56 bits of its id are its randomness R, and
//! it is kept where R is at least the rejection threshold T = (1 - p) * 2^56
//! ([OpenTelemetry, consistent probability
//! sampling](https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/)).

use crate::span::ids::TraceId;

/// How many values the randomness of a trace has.
const RANDOMNESS: u64 = 1 << 56;

/// A probability of being kept, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Probability(f64);

impl Probability {
    pub(crate) const ONE: Self = Self(1.0);

    /// The probability `ratio`; none where that is outside 0 to 1, or no number.
    pub(crate) fn new(ratio: f64) -> Option<Self> {
        // Without the sign of a negative zero.
        (0.0..=1.0).contains(&ratio).then_some(Self(ratio.abs()))
    }

    /// The nearest probability there is to `ratio`: what is no number keeps everything, so that a
    /// mistake loses nothing.
    pub(crate) fn nearest(ratio: f64) -> Self {
        match ratio.is_nan() {
            true => Self::ONE,
            false => Self(ratio.clamp(0.0, 1.0).abs()),
        }
    }

    /// The probability that [`get`](Self::get) gave as these bits.
    pub(crate) const fn of_bits(bits: u64) -> Self {
        Self(f64::from_bits(bits))
    }

    pub(crate) const fn get(self) -> f64 {
        self.0
    }

    pub(crate) fn is_certain(self) -> bool {
        self.0 >= 1.0
    }

    /// The smaller of the two: what is kept with both, since both look at the same randomness.
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }

    /// What remains where of what this one keeps `other` is kept.
    pub(crate) fn thinned(self, other: Self) -> Self {
        Self(self.0 * other.0)
    }

    /// Whether it keeps the trace.
    pub(crate) fn keeps(self, trace: TraceId) -> bool {
        randomness(trace) >= self.threshold()
    }

    /// As `2^56 - p * 2^56`: so the smallest ratios lose no digit.
    fn threshold(self) -> u64 {
        // At most 2^56, which both types hold.
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss
        )]
        let kept = (self.0 * RANDOMNESS as f64).round() as u64;
        RANDOMNESS.saturating_sub(kept)
    }
}

fn randomness(trace: TraceId) -> u64 {
    let [.., a, b, c, d, e, f, g] = trace.to_bytes();
    u64::from_be_bytes([0, a, b, c, d, e, f, g])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(randomness: u64) -> TraceId {
        TraceId::from_bytes((0xFF << 120 | u128::from(randomness)).to_be_bytes()).unwrap()
    }

    #[test]
    fn a_trace_is_kept_where_its_randomness_reaches_the_rejection_threshold() {
        for (ratio, threshold) in [(0.5, 1_u64 << 55), (0.25, 3 << 54), (1.0, 0)] {
            let probability = Probability::new(ratio).unwrap();
            assert!(probability.keeps(trace(threshold)), "{ratio}");
            if threshold > 0 {
                assert!(!probability.keeps(trace(threshold - 1)), "{ratio}");
            }
        }
        assert!(!Probability::new(0.0).unwrap().keeps(trace(RANDOMNESS - 1)));
    }

    #[test]
    fn only_the_low_56_bits_are_random() {
        let half = Probability::new(0.5).unwrap();
        let id: TraceId = "ffffffffffffffffff00000000000000".parse().unwrap();
        assert!(!half.keeps(id));
        let id: TraceId = "00000000000000000080000000000000".parse().unwrap();
        assert!(half.keeps(id));
    }

    #[test]
    fn what_a_small_ratio_keeps_a_larger_one_keeps_as_well() {
        let [small, large] = [0.01, 0.1].map(|ratio| Probability::new(ratio).unwrap());
        let mut kept = 0;
        for number in 0..10_000_u64 {
            // Odd multiples of the golden ratio spread evenly over the 56 bits.
            let trace = trace(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 8);
            assert!(large.keeps(trace) || !small.keeps(trace));
            kept += u32::from(large.keeps(trace));
        }
        assert!((950..1050).contains(&kept), "{kept}");
    }

    #[test]
    fn a_ratio_that_is_none_has_no_probability() {
        for ratio in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert_eq!(Probability::new(ratio), None);
        }
        assert_eq!(Probability::nearest(f64::NAN), Probability::ONE);
        assert_eq!(Probability::nearest(7.0), Probability::ONE);
        assert_eq!(Probability::nearest(-7.0), Probability(0.0));
    }
}
