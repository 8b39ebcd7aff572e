//! What is taken of the baggage that comes with a trace.

use super::{InitError, Reader, refused};
use crate::propagate::baggage::Allowed;

impl Reader<'_> {
    /// `GENAI_TRACE_BAGGAGE`: a list of keys. `GENAI_TRACE_BAGGAGE_ON_SPANS`: whether spans say them. None is passed
    /// on where `OTEL_PROPAGATORS` leaves baggage out.
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
        let is_passed_on = self.passes_baggage()?;
        match allowed.bad_key() {
            None if !is_passed_on => Ok(Allowed::default()),
            None => Ok(allowed),
            Some(key) => Err(refused(NAME, key, Allowed::EXPECTED)),
        }
    }

    /// `OTEL_PROPAGATORS`: the formats of the W3C, of which that for baggage may be left out. Others are refused: whoever
    /// asks for them has services that would not find each other.
    fn passes_baggage(&self) -> Result<bool, InitError> {
        const NAME: &str = "OTEL_PROPAGATORS";
        const EXPECTED: &str = "tracecontext, or tracecontext,baggage: there are no others";
        let Some(said) = self.text(NAME)? else {
            return Ok(true);
        };
        let said = said.to_ascii_lowercase();
        let words = said.split(',').map(str::trim);
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let is_known = |word: &&str| matches!(*word, "tracecontext" | "baggage");
        if !words.contains(&"tracecontext") || !words.iter().all(is_known) {
            return Err(refused(NAME, said, EXPECTED));
        }
        Ok(words.contains(&"baggage"))
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn read(propagators: &str) -> Result<Allowed, InitError> {
        let lookup = |name: &str| {
            Some(OsString::from(match name {
                "OTEL_PROPAGATORS" => propagators,
                "GENAI_TRACE_BAGGAGE" => "session.id",
                _ => return None,
            }))
        };
        Reader(&lookup).baggage()
    }

    #[test]
    fn baggage_may_be_left_out_of_the_propagators_and_no_other_is_there() {
        for said in ["", "tracecontext,baggage", "Baggage, TraceContext,"] {
            assert_eq!(read(said).unwrap().keys, ["session.id"], "{said:?}");
        }
        assert!(read("tracecontext").unwrap().keys.is_empty());
        let refusals = ["b3", "tracecontext,b3", "none", "baggage"]
            .map(|said| read(said).unwrap_err().to_string());
        assert_eq!(
            refusals[0],
            "OTEL_PROPAGATORS is \"b3\": expected tracecontext, or tracecontext,baggage: there are no others"
        );
    }
}
