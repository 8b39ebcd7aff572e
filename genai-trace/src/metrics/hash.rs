//! A fast hasher for the small, bounded maps of this module.
//!
//! The standard hasher costs more than all the rest of counting a span. What it guards against,
//! keys chosen to collide, can do little harm here: every map has a fixed upper size.

use std::hash::{BuildHasherDefault, Hasher};

/// Makes a [`Mix`] for each hash.
pub(crate) type Mixing = BuildHasherDefault<Mix>;

/// An odd number without a pattern in its bits.
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// Folds words together by wide multiplication.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mix(u64);

impl Mix {
    fn fold(&mut self, word: u64) {
        let wide = u128::from(self.0 ^ word ^ SEED) * u128::from(SEED.rotate_left(23));
        self.0 = (wide as u64) ^ ((wide >> 64) as u64);
    }
}

impl Hasher for Mix {
    /// Short texts are read as two words that overlap, so that no byte is read alone.
    fn write(&mut self, bytes: &[u8]) {
        self.fold(bytes.len() as u64);
        let (words, _) = bytes.as_chunks::<8>();
        for word in words {
            self.fold(u64::from_le_bytes(*word));
        }
        if let Some(last) = bytes.last_chunk::<8>() {
            self.fold(u64::from_le_bytes(*last));
        } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
            let high = u64::from(u32::from_le_bytes(*first)) << 32;
            self.fold(high | u64::from(u32::from_le_bytes(*last)));
        } else {
            let word = bytes
                .iter()
                .fold(0, |word, byte| word << 8 | u64::from(*byte));
            self.fold(word);
        }
    }

    fn write_isize(&mut self, value: isize) {
        self.fold(value as u64);
    }

    fn write_usize(&mut self, value: usize) {
        self.fold(value as u64);
    }

    fn write_u16(&mut self, value: u16) {
        self.fold(u64::from(value));
    }

    fn write_u8(&mut self, value: u8) {
        self.fold(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.fold(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.fold(value);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Mixing;
    use std::collections::HashSet;
    use std::hash::BuildHasher;

    #[test]
    fn short_and_long_texts_spread_over_both_ends_of_the_hash() {
        let hash = |text: &str| Mixing::default().hash_one(text);
        let texts: Vec<String> = (0..4096)
            .map(|n| "x".repeat(n % 19) + &n.to_string())
            .collect();
        let low: HashSet<u64> = texts.iter().map(|text| hash(text) & 0xfff).collect();
        let high: HashSet<u64> = texts.iter().map(|text| hash(text) >> 52).collect();
        // Of 4096 balls thrown into 4096 boxes, about 2589 boxes get one.
        assert!(low.len() > 2400, "{}", low.len());
        assert!(high.len() > 2400, "{}", high.len());
    }
}
