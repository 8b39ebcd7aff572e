//! Children in any order: which of them is which of the expected.

use super::fit::{ABSENT, Fit};

/// What the differences cost if a group is the `count` children from `first` on; `fits` says how well
/// each child fits each pattern.
pub(super) fn cost(fits: &[Vec<Fit>], first: usize, count: usize) -> u32 {
    let pairs = pairs(fits, first, count);
    let absent = fits.len() + count - 2 * pairs.iter().flatten().count();
    let inside = pairs
        .iter()
        .zip(fits)
        .filter_map(|(child, fits)| fits.get((*child)?));
    let absent = u32::try_from(absent).unwrap_or(u32::MAX);
    inside.fold(absent.saturating_mul(ABSENT), |sum, fit| {
        sum.saturating_add(fit.cost)
    })
}

/// The child that each pattern takes, of the `count` children from `first` on: as many perfect pairs
/// as there can be, then those that cost least.
pub(super) fn pairs(fits: &[Vec<Fit>], first: usize, count: usize) -> Vec<Option<usize>> {
    let mut matching = Matching {
        fits,
        first,
        owners: vec![None; count],
    };
    for pattern in 0..fits.len() {
        matching.find(pattern, &mut vec![false; count]);
    }
    let mut pairs = vec![None; fits.len()];
    for (child, owner) in matching.owners.iter().enumerate() {
        if let Some(place) = owner.and_then(|owner| pairs.get_mut(owner)) {
            *place = Some(first + child);
        }
    }
    let mut rest = Vec::new();
    for (pattern, fits) in fits.iter().enumerate() {
        for (child, fit) in fits.iter().enumerate().skip(first).take(count) {
            if fit.cost < 2 * ABSENT {
                rest.push((fit.cost, pattern, child));
            }
        }
    }
    rest.sort_unstable();
    for (_, pattern, child) in rest {
        let is_taken = pairs.contains(&Some(child));
        if let Some(place @ None) = pairs.get_mut(pattern)
            && !is_taken
        {
            *place = Some(child);
        }
    }
    pairs
}

/// Perfect pairs, as many as there can be (Kuhn's way).
struct Matching<'a> {
    fits: &'a [Vec<Fit>],
    first: usize,
    /// The pattern that has each child.
    owners: Vec<Option<usize>>,
}

impl Matching<'_> {
    /// Finds a child for `pattern`, even if others have to move on to another one.
    fn find(&mut self, pattern: usize, tried: &mut [bool]) -> bool {
        for child in 0..self.owners.len() {
            let fits = self.fits.get(pattern);
            let fit = fits.and_then(|fits| fits.get(self.first + child));
            let Some(is_tried) = tried.get_mut(child) else {
                continue;
            };
            if fit.is_none_or(|fit| fit.cost > 0) || std::mem::replace(is_tried, true) {
                continue;
            }
            let owner = self.owners.get(child).copied().flatten();
            if owner.is_none_or(|owner| self.find(owner, tried)) {
                if let Some(place) = self.owners.get_mut(child) {
                    *place = Some(pattern);
                }
                return true;
            }
        }
        false
    }
}
