//! How many tokens a text is about.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Estimates how many tokens a text is, for the arguments and results of tools, which nobody counts.
#[derive(Clone)]
pub(crate) struct TokenEstimator(Arc<dyn Fn(&str) -> u64 + Send + Sync>);

impl TokenEstimator {
    pub(crate) fn new(estimate: impl Fn(&str) -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(estimate))
    }

    /// About how many tokens `text` is; none where the estimator panics.
    pub(crate) fn tokens(&self, text: &str) -> Option<u64> {
        catch_unwind(AssertUnwindSafe(|| (self.0)(text))).ok()
    }
}

impl fmt::Debug for TokenEstimator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenEstimator").finish_non_exhaustive()
    }
}
