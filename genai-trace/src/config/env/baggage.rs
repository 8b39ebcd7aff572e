//! What is taken of the baggage that comes with a trace.

use super::{InitError, Reader, refused};
use crate::propagate::baggage::Allowed;

impl Reader<'_> {
    /// `GENAI_TRACE_BAGGAGE`: a list of keys. `GENAI_TRACE_BAGGAGE_ON_SPANS`: whether spans say them.
    pub(super) fn baggage(&self) -> Result<Allowed, InitError> {
        const NAME: &str = "GENAI_TRACE_BAGGAGE";
        let list = self.text(NAME)?.unwrap_or_default();
        let keys = list.split(',').map(str::trim);
        let allowed = Allowed {
            keys: keys
                .filter(|key| !key.is_empty())
                .map(str::to_owned)
                .collect(),
            on_spans: self.boolean("GENAI_TRACE_BAGGAGE_ON_SPANS")?,
        };
        match allowed.bad_key() {
            None => Ok(allowed),
            Some(key) => Err(refused(NAME, key, Allowed::EXPECTED)),
        }
    }
}
