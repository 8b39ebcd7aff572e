//! A lock for what one thread uses nearly alone.

use std::cell::UnsafeCell;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::Duration;

#[cfg(loom)]
use loom::sync::atomic::{AtomicBool, Ordering};
#[cfg(not(loom))]
use std::sync::atomic::{AtomicBool, Ordering};

/// A lock for what one thread uses nearly alone: taken by one exchange and given back by one store,
/// where a mutex needs two exchanges and looks for panics. Others hold it for as long as they exchange a
/// buffer or add counts up, and so whoever finds it taken lets other threads run and looks again.
pub(crate) struct Latch<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

#[allow(unsafe_code)]
// SAFETY: the value is reached by one thread at a time, as by a mutex.
unsafe impl<T: Send> Sync for Latch<T> {}
// As a mutex is whose poison is passed over.
impl<T> UnwindSafe for Latch<T> {}
impl<T> RefUnwindSafe for Latch<T> {}

/// The value, until this is dropped by the thread that took it.
pub(crate) struct Latched<'a, T>(&'a Latch<T>, PhantomData<*mut T>);

impl<T> Latch<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            taken: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// Waits for the value.
    #[inline(always)]
    pub(crate) fn lock(&self) -> Latched<'_, T> {
        match self.try_lock() {
            Some(latched) => latched,
            None => self.wait(),
        }
    }

    #[inline(always)]
    fn try_lock(&self) -> Option<Latched<'_, T>> {
        // Who finds it free sees what was done before it was given back.
        let (free, taken) = (false, true);
        self.taken
            .compare_exchange(free, taken, Ordering::Acquire, Ordering::Relaxed)
            .ok()
            .map(|_| Latched(self, PhantomData))
    }

    #[cold]
    fn wait(&self) -> Latched<'_, T> {
        let mut looks = 0_u32;
        loop {
            pause(looks);
            if let Some(latched) = self.try_lock() {
                return latched;
            }
            looks = looks.saturating_add(1);
        }
    }
}

/// Waits a little: who has the value mostly gives it back before the system could do anything. After
/// some looks it lets other threads run, later also those of a lower priority, one of which may have it.
fn pause(looks: u32) {
    match looks {
        0..SPINS => std::hint::spin_loop(),
        SPINS..200 => std::thread::yield_now(),
        _ => std::thread::sleep(Duration::from_micros(50)),
    }
}

/// So many looks take about as long as one call of the system.
const SPINS: u32 = 100;

impl<T> Deref for Latched<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        #[allow(unsafe_code)]
        // SAFETY: `taken` was exchanged from false to true for this guard, and nobody else gets one
        // before it is dropped.
        unsafe {
            &*self.0.value.get()
        }
    }
}

impl<T> DerefMut for Latched<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        #[allow(unsafe_code)]
        // SAFETY: as above, and the guard is borrowed alone.
        unsafe {
            &mut *self.0.value.get()
        }
    }
}

impl<T> Drop for Latched<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        // Who takes it next sees what was done.
        self.0.taken.store(false, Ordering::Release);
    }
}

impl<T: fmt::Debug> fmt::Debug for Latch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Latch").field(&*self.lock()).finish()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn threads_that_add_at_once_lose_nothing() {
        let sum = Latch::new(0_u64);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..20_000).for_each(|_| *sum.lock() += 1));
            }
        });
        assert_eq!(*sum.lock(), 80_000);
    }

    #[test]
    fn a_panic_inside_gives_it_back() {
        let latch = Latch::new(1);
        let panicked = std::panic::catch_unwind(|| {
            let _inside = latch.lock();
            std::panic::resume_unwind(Box::new(()));
        });
        assert!(panicked.is_err());
        assert_eq!(*latch.lock(), 1);
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use loom::cell::UnsafeCell;
    use loom::sync::Arc;

    use super::{Latch, Latched};

    /// Adds one, if the latch is free; how much it has added. Whoever waits is not modelled: loom lets
    /// it look for ever.
    fn add(latch: &Latch<UnsafeCell<u64>>) -> u64 {
        let Some(inside) = latch.try_lock() else {
            return 0;
        };
        #[allow(unsafe_code)]
        // SAFETY: loom itself says where two threads are here at once, which is the test.
        inside.with_mut(|value| unsafe { *value += 1 });
        1
    }

    #[test]
    fn loom_one_thread_at_a_time_has_the_value_and_sees_what_the_last_one_did() {
        loom::model(|| {
            let latch = Arc::new(Latch::new(UnsafeCell::new(0_u64)));
            let other = loom::thread::spawn({
                let latch = Arc::clone(&latch);
                move || add(&latch) + add(&latch)
            });
            let added = add(&latch) + add(&latch);
            let all = added + other.join().unwrap_or_default();
            #[allow(unsafe_code)]
            // SAFETY: as above.
            let sum = |inside: Latched<'_, UnsafeCell<u64>>| inside.with(|value| unsafe { *value });
            assert_eq!(latch.try_lock().map(sum), Some(all));
        });
    }
}
