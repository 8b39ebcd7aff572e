//! Where prices are, and whether spans say what they cost.

use std::path::PathBuf;

use super::{Reader, refused};
use crate::config::InitError;
use crate::prices::Prices;

impl Reader<'_> {
    /// Where prices are: in a file, or, for the word `builtin`, in the data of the feature `prices`.
    pub(super) fn prices(&self) -> Result<Option<Prices>, InitError> {
        const NAME: &str = "GENAI_TRACE_PRICES";
        let Some(value) = (self.0)(NAME).filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        if value != "builtin" {
            return Ok(Some(Prices::from_file(PathBuf::from(value))?));
        }
        match Prices::of_build() {
            Some(prices) => Ok(Some(prices)),
            None => Err(refused(
                NAME,
                "builtin",
                "the path of a table of prices: the feature `prices` is not in this build",
            )),
        }
    }
}
