//! Whose turn it is to write: one of those that write to a store, and the others wait.

use std::hash::{BuildHasher, RandomState};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

/// A writer that waits asks again within this time, however long it has waited. SQLite's own waiting asks the more rarely
/// the longer it lasts, so that those who came last go first, and under load some never have their turn.
const LONGEST_PAUSE_MICROS: u64 = 8_000;

/// Begins to write as soon as nobody else does, or fails when `patience` is at its end.
pub(super) fn begin(store: &Connection, patience: Duration) -> rusqlite::Result<Transaction<'_>> {
    when_not_busy(patience, || {
        // It will write: to find out later that others do would be too late to wait for them.
        Transaction::new_unchecked(store, TransactionBehavior::Immediate)
    })
}

/// Does `work` until it finds nobody in its way, or `patience` is at its end.
pub(super) fn when_not_busy<T>(
    patience: Duration,
    mut work: impl FnMut() -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let until = Instant::now() + patience;
    loop {
        match work() {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && Instant::now() < until =>
            {
                thread::sleep(pause());
            }
            done => return done,
        }
    }
}

/// Another one each time, so that those who wait do not ask in step.
fn pause() -> Duration {
    let random = RandomState::new().hash_one(()) % LONGEST_PAUSE_MICROS;
    Duration::from_micros(random + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy() -> rusqlite::Error {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        rusqlite::Error::SqliteFailure(code, None)
    }

    #[test]
    fn who_finds_others_in_the_way_asks_again_until_they_have_gone() {
        let mut asked = 0;
        let done = when_not_busy(Duration::from_secs(60), || {
            asked += 1;
            match asked {
                5 => Ok("done"),
                _ => Err(busy()),
            }
        });
        assert_eq!(done.unwrap(), "done");
    }

    #[test]
    fn patience_has_an_end_and_other_errors_need_none() {
        assert_eq!(
            when_not_busy::<()>(Duration::from_millis(20), || Err(busy())),
            Err(busy())
        );
        let mut asked = 0;
        let other = when_not_busy::<()>(Duration::from_secs(60), || {
            asked += 1;
            Err(rusqlite::Error::InvalidQuery)
        });
        assert_eq!((other, asked), (Err(rusqlite::Error::InvalidQuery), 1));
    }
}
