//! Which exporter's spans are spelt how.

use super::{InitError, Reader, refused};
use crate::profile::Profile;

impl Reader<'_> {
    /// `GENAI_TRACE_PROFILE`: a list of `exporter=profile`.
    pub(super) fn profiles(&self) -> Result<Vec<(String, Profile)>, InitError> {
        const NAME: &str = "GENAI_TRACE_PROFILE";
        let list = self.text(NAME)?.unwrap_or_default();
        let words = list.split(',').map(str::trim);
        words
            .filter(|word| !word.is_empty())
            .map(|word| {
                let (exporter, profile) = word.split_once('=').unwrap_or((word, ""));
                match profile.trim().parse() {
                    Ok(profile) => Ok((exporter.trim().to_owned(), profile)),
                    Err(_) => Err(refused(
                        NAME,
                        word,
                        format!(
                            "a list of exporter=profile, with a profile {}",
                            Profile::expected()
                        ),
                    )),
                }
            })
            .collect()
    }
}
