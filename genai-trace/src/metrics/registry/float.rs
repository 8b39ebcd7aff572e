//! A float that several threads change.

use std::sync::atomic::{AtomicU64, Ordering};

/// A float that several threads change, 0 at first.
#[derive(Debug, Default)]
pub(super) struct AtomicFloat {
    bits: AtomicU64,
}

impl AtomicFloat {
    pub(super) fn get(&self) -> f64 {
        f64::from_bits(self.bits.load(Ordering::Relaxed))
    }

    pub(super) fn set(&self, value: f64) {
        self.bits.store(value.to_bits(), Ordering::Relaxed);
    }

    pub(super) fn add(&self, amount: f64) {
        let mut old = self.bits.load(Ordering::Relaxed);
        loop {
            let new = (f64::from_bits(old) + amount).to_bits();
            let swap =
                self.bits
                    .compare_exchange_weak(old, new, Ordering::Relaxed, Ordering::Relaxed);
            match swap {
                Ok(_) => return,
                Err(now) => old = now,
            }
        }
    }
}
