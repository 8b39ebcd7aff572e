//! Whether a span leaves a record, and with what probability: one word in its frame.

use crate::process::probability::Probability;
use crate::process::sampler::Head;
use crate::span::ids::TraceId;

/// Whether a span leaves a record: 0 where it does for certain, which is all that most ever are.
///
/// Else the bits of the probability as a float, of which below 1 the highest two are free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sampling(u64);

const OUT: u64 = 1 << 63;
/// It is still to be decided, or comes from another process.
const OPEN: u64 = 1 << 62;
/// With `OPEN`: there is a parent in another process.
const REMOTE: u64 = 1;
/// With `REMOTE`: it is in this process all the same, and another library's.
#[cfg(feature = "opentelemetry")]
const NEIGHBOUR: u64 = 2;

impl Sampling {
    /// Leaves a record for certain.
    pub(crate) const CERTAIN: Self = Self(0);
    /// Leaves none.
    const OUT: Self = Self(OUT);
    /// Has no parent.
    pub(super) const OF_ROOT: Self = Self(OPEN);

    /// As a span of another process was: all that is known is its flag.
    pub(crate) const fn of_remote(is_sampled: bool) -> Self {
        Self(OPEN | REMOTE | if is_sampled { 0 } else { OUT })
    }

    /// As a span of another library was, in this process.
    #[cfg(feature = "opentelemetry")]
    pub(crate) const fn of_neighbour(is_sampled: bool) -> Self {
        Self(Self::of_remote(is_sampled).0 | NEIGHBOUR)
    }

    /// Whether it is that of a span of another process.
    #[cfg(feature = "opentelemetry")]
    pub(crate) const fn is_remote(self) -> bool {
        self.0 & (OPEN | REMOTE | NEIGHBOUR) == OPEN | REMOTE
    }

    const fn kept(probability: Probability) -> Self {
        match probability.get() {
            1.0.. => Self::CERTAIN,
            below => Self(below.to_bits()),
        }
    }

    /// Whether it leaves no record.
    #[inline]
    pub(crate) const fn is_out(self) -> bool {
        self.0 & OUT != 0
    }

    /// Whether nothing is to be said of it at the end.
    #[inline]
    pub(super) const fn is_certain(self) -> bool {
        self.0 == 0
    }

    /// Whether spans below do as it does, and nothing is to be said of them at the end.
    #[inline]
    pub(super) const fn is_simple(self) -> bool {
        matches!(self, Self::CERTAIN | Self::OUT)
    }

    /// Whether a span below begins what this process knows of a trace.
    #[inline]
    pub(super) const fn is_open(self) -> bool {
        self.0 & OPEN != 0
    }

    /// With what probability it leaves a record.
    pub(super) const fn probability(self) -> Probability {
        match self.0 {
            0 => Probability::ONE,
            bits => Probability::of_bits(bits & !(OUT | OPEN)),
        }
    }

    /// What becomes of a span below, whose callsite has the ratio `own`.
    #[cold]
    pub(super) fn decide(self, trace: TraceId, own: Option<Probability>, head: Head) -> Self {
        if self.is_open() {
            let remote = (self.0 & REMOTE != 0).then_some(!self.is_out());
            let kept = head.decide(trace, remote, own);
            return kept.map_or(Self::OUT, Self::kept);
        }
        let own = own.unwrap_or(Probability::ONE);
        if self.is_out() || !own.keeps(trace) {
            return Self::OUT;
        }
        Self::kept(self.probability().and(own))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::sampler::Sampler;

    #[test]
    fn a_word_holds_a_decision_and_every_probability() {
        for ratio in [1e-300, 0.1, 0.5, 1.0 - f64::EPSILON / 2.0] {
            let kept = Sampling::kept(Probability::new(ratio).unwrap());
            assert!(!kept.is_out() && !kept.is_open() && !kept.is_certain());
            assert_eq!(kept.probability().get(), ratio);
        }
        assert!(Sampling::kept(Probability::ONE).is_certain());
        assert!(Sampling::OUT.is_out() && !Sampling::OUT.is_open());
        assert!(Sampling::of_remote(false).is_out());
        assert!(Sampling::of_remote(true).is_open() && !Sampling::of_remote(true).is_out());
    }

    #[test]
    fn a_child_is_kept_only_where_its_parent_is() {
        // Kept with a ratio of 0.1 and more.
        let trace = "000000000000000000e7000000000000".parse().unwrap();
        let head = Sampler::always_on().checked().unwrap();
        let ratio = |ratio| Probability::new(ratio);
        let half = Sampling::OF_ROOT.decide(trace, ratio(0.5), head);
        assert_eq!(
            half.decide(trace, ratio(0.2), head).probability().get(),
            0.2
        );
        assert_eq!(half.decide(trace, ratio(1.0), head), half);
        assert!(half.decide(trace, ratio(0.05), head).is_out());
        assert!(Sampling::OUT.decide(trace, ratio(1.0), head).is_out());
    }
}
