//! A log that only grows: for names, say.

use super::chain::Chain;
use super::page::HEAD_WORDS;

/// A log that only grows. Dropped, its pages go back to the pool.
#[derive(Debug)]
pub(crate) struct Log(Chain);

impl Log {
    pub(super) fn new(mut chain: Chain) -> Self {
        chain.begin([0; HEAD_WORDS]);
        Self(chain)
    }

    /// Commits `bytes` behind the others, all or none; whether there was room.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> bool {
        self.0.append(bytes)
    }
}
