//! Blocks that several threads read at once, and of which each has its turn in the order of the files.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Whose turn it is.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    now: Mutex<u64>,
    passed: Condvar,
}

/// The turn of a block, which comes when those before it have had theirs. It is passed on where it goes, also with a
/// thread that has failed.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    number: u64,
}

impl Turns {
    /// The turn of the block of this number, from 0. Every number must be asked for, by threads that get them in order.
    pub(crate) const fn turn(&self, number: u64) -> Turn<'_> {
        Turn {
            turns: self,
            number,
        }
    }
}

impl Turn<'_> {
    /// Waits for the turn, does `work`, and passes it on.
    pub(crate) fn take<T>(self, work: impl FnOnce() -> T) -> T {
        drop(self.wait());
        work()
    }

    fn wait(&self) -> MutexGuard<'_, u64> {
        let now = self.turns.now.lock();
        let now = now.unwrap_or_else(PoisonError::into_inner);
        let is_early = |now: &mut u64| *now < self.number;
        let now = self.turns.passed.wait_while(now, is_early);
        now.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.wait() += 1;
        self.turns.passed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn turns_come_in_order_whichever_thread_is_ready_first_and_also_where_one_fails() {
        let turns = Turns::default();
        let next = AtomicU64::new(0);
        let taken = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= 1_000 {
                            return;
                        }
                        let failed = std::panic::catch_unwind(|| {
                            let turn = turns.turn(number);
                            assert!(number % 100 != 7, "it is meant to fail");
                            if number.is_multiple_of(3) {
                                thread::yield_now();
                            }
                            turn.take(|| taken.lock().unwrap().push(number));
                        });
                        assert_eq!(failed.is_err(), number % 100 == 7);
                    }
                });
            }
        });
        let expected: Vec<u64> = (0..1_000).filter(|number| number % 100 != 7).collect();
        assert_eq!(taken.into_inner().unwrap(), expected);
    }
}
