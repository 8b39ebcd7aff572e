//! What is counted by exponential buckets lies where the specification has it, and adds up.

use super::*;

/// A generator without patterns, the same in every run.
fn numbers(mut state: u64) -> impl Iterator<Item = u64> {
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
    })
}

/// Floats from `2^-bits` to `2^bits`, on both sides of zero.
fn floats(seed: u64, bits: i32) -> impl Iterator<Item = f64> {
    numbers(seed).map(move |number| {
        let part = 1.0 + (number >> 12) as f64 / (1_u64 << 52) as f64;
        let exponent = (number % (2 * bits as u64)) as i32 - bits;
        let sign = if number & 0x100 == 0 { 1.0 } else { -1.0 };
        sign * part * 2_f64.powi(exponent)
    })
}

fn of(values: impl IntoIterator<Item = f64>) -> Exponential {
    let mut counted = Exponential::default();
    values.into_iter().for_each(|value| counted.record(value));
    counted
}

/// The count of the bucket that the specification has for a value above zero, worked out by its bounds.
fn counted_at(of: &Exponential, value: f64) -> u64 {
    let factor = 2_f64.powi(-of.scale);
    let holds = |index: i32| {
        let above = (f64::from(index) * factor).exp2();
        let upto = ((f64::from(index) + 1.0) * factor).exp2();
        let near = 1e-12 * value;
        above - near < value && value <= upto + near
    };
    let places = (of.positive.first..).zip(&of.positive.counts);
    places
        .filter(|(index, _)| holds(*index))
        .map(|(_, count)| *count)
        .sum()
}

#[test]
fn powers_of_two_are_the_last_values_of_their_buckets() {
    // At the scale 0: (0.5, 1], (1, 2], (2, 4], (4, 8].
    let mut counted = of([1.0, 1.5, 2.0, 4.0, 4.1]);
    counted.merge(&Exponential {
        scale: 0,
        ..Exponential::default()
    });
    assert_eq!((counted.scale, counted.positive.first), (0, -1));
    assert_eq!(counted.positive.counts, [1, 2, 1, 1]);
    // At the scale -1: (0.25, 1], (1, 4], (4, 16].
    counted.merge(&Exponential {
        scale: -1,
        ..Exponential::default()
    });
    assert_eq!((counted.scale, counted.positive.first), (-1, -1));
    assert_eq!(counted.positive.counts, [1, 3, 1]);
}

#[test]
fn one_value_has_the_finest_bucket_and_a_thousandfold_range_needs_a_coarser_scale() {
    let one = of([1.0]);
    assert_eq!((one.scale, one.positive.first), (20, -1));
    // log2(1000) is 9.97: 16 buckets to a power of two make 160.
    let wide = of([1.001, 1000.0]);
    assert_eq!(wide.scale, 4);
    assert_eq!(wide.positive.counts.len(), 160);
    let wider = of([1.0, 1025.0]);
    assert_eq!(wider.scale, 3);
}

#[test]
fn every_value_is_counted_once_in_the_bucket_whose_bounds_hold_it() {
    for bits in [1, 3, 20, 300, 1000] {
        let values: Vec<f64> = floats(bits as u64, bits).take(3000).collect();
        let counted = of(values.iter().copied());
        assert_eq!(counted.count(), 3000, "{bits}");
        for side in [&counted.positive, &counted.negative] {
            assert!((81..=160).contains(&side.counts.len()), "{bits}");
        }
        for value in values.iter().copied().filter(|value| *value > 0.0) {
            assert!(counted_at(&counted, value) > 0, "{value} at {bits}");
        }
    }
}

#[test]
fn parts_merged_in_any_order_are_what_was_counted_as_one() {
    let parts: Vec<Vec<f64>> = [(1, 2), (2, 40), (3, 8), (4, 600), (5, 1)]
        .map(|(seed, bits)| floats(seed, bits).take(500).chain([0.0]).collect())
        .into();
    let all = of(parts.concat());
    let forwards = parts.iter().fold(Exponential::default(), |mut sum, part| {
        sum.merge(&of(part.iter().copied()));
        sum
    });
    let backwards = parts
        .iter()
        .rev()
        .fold(Exponential::default(), |mut sum, part| {
            sum.merge(&of(part.iter().copied()));
            sum
        });
    assert_eq!(forwards, all);
    assert_eq!(backwards, all);
    assert_eq!(all.zeros, 5);
}

#[test]
fn what_has_come_since_is_what_was_counted_since_at_the_scale_of_now() {
    let mut counted = of(floats(7, 4).take(1000));
    let before = counted.clone();
    let later: Vec<f64> = floats(8, 30).take(1000).chain([0.0]).collect();
    later.iter().for_each(|value| counted.record(*value));
    let since = counted.since(&before);
    let mut expected = of(later);
    expected.merge(&Exponential {
        scale: counted.scale,
        ..Exponential::default()
    });
    assert_eq!(since, expected);
    let nothing = counted.since(&counted);
    assert_eq!(nothing.count(), 0);
    assert_eq!(nothing.positive, Buckets::default());
}

#[test]
fn the_ends_of_floats_have_buckets_and_what_is_not_finite_has_none() {
    let counted = of([
        f64::MIN_POSITIVE,
        f64::MAX,
        f64::from_bits(1),
        f64::MIN,
        -f64::MIN_POSITIVE,
        0.0,
        -0.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ]);
    assert_eq!((counted.count(), counted.zeros), (7, 2));
    assert_eq!(counted.scale, -4);
    assert_eq!(counted.positive.counts.iter().sum::<u64>(), 3);
}

#[test]
fn whole_numbers_are_kept_in_each_unit_in_which_they_are_shown() {
    let mut kept = Exponentials(Some(Box::default()));
    kept.record(&[6, 9], 2_000_000_000);
    kept.record(&[6, 9], 0);
    assert_eq!(kept.in_unit(9), Some(of([2.0, 0.0])));
    assert_eq!(kept.in_unit(6), Some(of([2000.0, 0.0])));
    assert_eq!(kept.in_unit(0), None);
    let mut none = Exponentials(None);
    none.record(&[6, 9], 1);
    assert_eq!(none.in_unit(9), None);
    none.merge(&kept);
    assert_eq!(none.in_unit(9), Some(of([2.0, 0.0])));
}
