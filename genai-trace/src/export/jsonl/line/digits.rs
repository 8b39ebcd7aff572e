//! Digits of the times in a line.

/// Nanoseconds of a second.
pub(super) const SECOND: u64 = 1_000_000_000;

/// The pairs of digits from 00 to 99; what is behind them is never read.
const PAIRS: [[u8; 2]; 128] = {
    let mut pairs = [[b'0'; 2]; 128];
    let mut number = 0;
    while number < 100 {
        // Nothing but `while` and an index runs in a constant.
        #[allow(clippy::indexing_slicing, clippy::cast_possible_truncation)]
        {
            pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        }
        number += 1;
    }
    pairs
};

/// Writes the nine digits of `nanos`, which are less than a second.
///
/// The number is taken as a fraction with 32 bits behind the point, of which each multiplication by a
/// hundred brings the next two digits before it. The fraction is too large by at most 9 of 2^32 parts,
/// and never too small; 10^8 times that is less than the last digit (the way of James Anhalt).
#[inline]
pub(super) fn put_nanos(nanos: u64, place: &mut [u8; 9]) {
    const FRACTION: u64 = (1 << 32) - 1;
    /// 2^57 divided by 10^8, and rounded up.
    const SCALE: u64 = 1_441_151_881;
    let mut rest = ((nanos * SCALE) >> 25) + 1;
    let (first, pairs) = place.split_at_mut(1);
    for digit in first {
        *digit = PAIRS.get(digit_pair(rest)).map_or(0, |[_, last]| *last);
    }
    let (pairs, _) = pairs.as_chunks_mut::<2>();
    for pair in pairs {
        rest = (rest & FRACTION) * 100;
        *pair = PAIRS.get(digit_pair(rest)).copied().unwrap_or_default();
    }
}

/// What stands before the point; the mask shows the compiler that it lies in the table.
#[inline]
#[allow(clippy::cast_possible_truncation)]
const fn digit_pair(number: u64) -> usize {
    (number >> 32) as usize & 127
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(number: u64) -> String {
        let mut place = [0; 9];
        put_nanos(number, &mut place);
        String::from_utf8(place.to_vec()).unwrap()
    }

    #[test]
    fn nanoseconds_have_nine_digits() {
        // All numbers were tried once; these are the ends of every place, and one in 9,973.
        let ends = (0..9).flat_map(|digits| {
            let power = 10_u64.pow(digits);
            (1..10).flat_map(move |times| [power * times - 1, power * times, power * times + 1])
        });
        let last = SECOND - 1;
        for number in ends.chain((0..SECOND).step_by(9_973)).chain([last]) {
            assert_eq!(nanos(number), format!("{number:09}"));
        }
    }
}
