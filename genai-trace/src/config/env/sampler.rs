//! `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`.

use super::{InitError, Reader, refused};
use crate::process::sampler::Sampler;

const NAME: &str = "OTEL_TRACES_SAMPLER";
const ARGUMENT: &str = "OTEL_TRACES_SAMPLER_ARG";

/// Those of the specification that ask a service which traces to keep.
const REMOTE: [&str; 3] = ["jaeger_remote", "parentbased_jaeger_remote", "xray"];

impl Reader<'_> {
    /// The sampler that is said. The argument counts only for one that takes it, as the specification
    /// has it.
    pub(super) fn sampler(&self) -> Result<Option<Sampler>, InitError> {
        let Some(value) = self.text(NAME)? else {
            return Ok(None);
        };
        let word = value.to_ascii_lowercase();
        let (root, is_parent_based) = match word.strip_prefix("parentbased_") {
            Some(root) => (root, true),
            None => (word.as_str(), false),
        };
        let root = match root {
            "always_on" => Sampler::always_on(),
            "always_off" => Sampler::always_off(),
            "traceidratio" => Sampler::trace_id_ratio(self.ratio()?),
            _ => return Err(refused(NAME, &value, expected(&word))),
        };
        Ok(Some(match is_parent_based {
            true => Sampler::parent_based(root),
            false => root,
        }))
    }

    /// The argument; 1 where there is none.
    fn ratio(&self) -> Result<f64, InitError> {
        let Some(value) = self.text(ARGUMENT)? else {
            return Ok(1.0);
        };
        match value.parse() {
            Ok(ratio) if (0.0..=1.0).contains(&ratio) => Ok(ratio),
            _ => Err(refused(ARGUMENT, value, "a ratio from 0 to 1")),
        }
    }
}

fn expected(word: &str) -> String {
    let known = "always_on, always_off, traceidratio, parentbased_always_on, \
        parentbased_always_off or parentbased_traceidratio";
    match REMOTE.contains(&word) {
        true => format!("{known}: no service is asked which traces to keep"),
        false => known.to_owned(),
    }
}
