//! Things put in order, by one sort for all of them.
//!
//! The sorts of the standard library are compiled anew for each type and each comparison, some 12 KB
//! of a program every time. Nothing here is sorted where it would be felt.

use std::cmp::Ordering;

/// Sorts by `key`; what is equal stays as it stood.
pub(crate) fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |one, other| key(one).cmp(&key(other)));
}

/// Sorts by `compare`; what is equal stays as it stood.
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    // Most of it is.
    if items.is_sorted_by(|one, other| compare(one, other).is_le()) {
        return;
    }
    let places = sorted(
        items.len(),
        &|one, other| match (items.get(one), items.get(other)) {
            (Some(one), Some(other)) => compare(one, other),
            _ => Ordering::Equal,
        },
    );
    arrange(places, &mut |one, other| items.swap(one, other));
}

/// The places of `count` things in their order.
fn sorted(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    // Stable all the same: what is equal stands by its place.
    places.sort_unstable_by(|one, other| compare(*one, *other).then_with(|| one.cmp(other)));
    places
}

/// Puts each thing where it belongs, when `from` says for each place which one belongs there.
fn arrange(mut from: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    for start in 0..from.len() {
        // Each ring of places is gone round once: a place that is done comes from itself.
        let mut place = start;
        while let Some(next) = from
            .get_mut(place)
            .map(|from| std::mem::replace(from, place))
            && next != start
        {
            swap(place, next);
            place = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::collection::vec;
    use proptest::proptest;

    proptest! {
        #[test]
        fn the_order_is_that_of_the_standard_librarys_stable_sort(numbers in vec(0_u8..20, 0..80)) {
            let things: Vec<_> = numbers.into_iter().enumerate().map(|(at, key)| (key, at)).collect();
            let mut stable = things.clone();
            stable.sort_by_key(|(key, _)| *key);
            let mut ours = things;
            sort_by_key(&mut ours, |(key, _)| *key);
            assert_eq!(ours, stable);
        }
    }
}
