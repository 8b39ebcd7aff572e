//! What became of content that was to be stored.

/// What became of content that was to be stored, message by message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContentStoreReport {
    /// What was handed to the folder or the sink.
    pub stored: u64,
    /// What had been put before.
    pub known: u64,
    /// What found no room in the queue.
    pub dropped: u64,
    /// What could not be written.
    pub failed: u64,
    /// What kept it from being written, the last time.
    pub last_error: Option<String>,
}

impl ContentStoreReport {
    /// How many have come to which end.
    pub(crate) const fn outcomes(&self) -> [(&'static str, u64); 4] {
        [
            ("stored", self.stored),
            ("known", self.known),
            ("dropped", self.dropped),
            ("failed", self.failed),
        ]
    }
}
