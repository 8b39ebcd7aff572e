//! What became of content, as the metrics show it.

/// What became of content.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ContentCounts {
    /// Whether the policy keeps content of some calls.
    pub(crate) is_asked_for: bool,
    /// Texts that were dropped because a rule has failed.
    pub(crate) redaction_failures: u64,
    /// Of a store how many messages have come to which end.
    pub(crate) stored: Option<[(&'static str, u64); 4]>,
}
