//! Ids that are said by their first digits: which runs and spans have them.

use std::collections::HashSet;

use serde::Serialize;

use super::run::{Run, run};
use super::store::Store;

/// Fewer digits are the beginning of too much.
const FEWEST: usize = 4;
/// So many of each are named.
const MOST: usize = 20;
const DIGITS_OF_TRACE: usize = 32;
const DIGITS_OF_SPAN: usize = 16;

/// The first digits of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Beginning {
    value: u128,
    digits: usize,
}

/// What begins with the digits that somebody said.
#[derive(Debug, Serialize)]
pub(super) struct Meant {
    traces: Vec<Run>,
    all_traces: usize,
    spans: Vec<OfSpan>,
    all_spans: usize,
}

#[derive(Debug, Serialize)]
struct OfSpan {
    trace_id: String,
    span_id: String,
}

impl Beginning {
    /// None where a text is no beginning of an id, or one of fewer digits than `fewest`.
    pub(super) fn of(text: &str, fewest: usize) -> Option<Self> {
        let digits = text.len();
        let is_one = (fewest..=DIGITS_OF_TRACE).contains(&digits)
            && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let value = u128::from_str_radix(text, 16).ok().filter(|_| is_one)?;
        Some(Self { value, digits })
    }

    pub(super) fn is_of_trace(self, id: u128) -> bool {
        id >> (4 * (DIGITS_OF_TRACE - self.digits)) == self.value
    }

    pub(super) fn is_of_span(self, id: u64) -> bool {
        self.digits <= DIGITS_OF_SPAN
            && u128::from(id) >> (4 * (DIGITS_OF_SPAN - self.digits)) == self.value
    }

    /// Those of `spans`, which are in the order of their numbers.
    pub(super) fn in_order(self, spans: &[u64]) -> &[u64] {
        let Some(left) = DIGITS_OF_SPAN.checked_sub(self.digits) else {
            return &[];
        };
        let value = |span: &u64| u128::from(*span) >> (4 * left);
        let from = spans.partition_point(|span| value(span) < self.value);
        let to = spans.partition_point(|span| value(span) <= self.value);
        spans.get(from..to).unwrap_or_default()
    }
}

/// The runs and the spans whose ids begin so.
pub(super) fn meant(store: &Store, text: &str) -> Result<Meant, String> {
    let Some(beginning) = Beginning::of(text, FEWEST) else {
        return Err(format!(
            "{text:?} is no beginning of an id: expected {FEWEST} to {DIGITS_OF_TRACE} hexadecimal digits"
        ));
    };
    let open = store.in_flight.all();
    let mut traces = HashSet::new();
    let mut spans = HashSet::new();
    {
        let state = store.index.read();
        for (id, trace) in &state.traces {
            if beginning.is_of_trace(*id) {
                traces.insert(*id);
            }
            let found = beginning.in_order(trace.spans());
            spans.extend(found.iter().map(|span| (*id, *span)));
        }
    }
    for (id, all) in &*open {
        if beginning.is_of_trace(*id) {
            traces.insert(*id);
        }
        let all = all
            .iter()
            .map(|span| u64::from_be_bytes(span.span_id.to_bytes()));
        spans.extend(
            all.filter(|span| beginning.is_of_span(*span))
                .map(|span| (*id, span)),
        );
    }
    let mut of_traces: Vec<u128> = traces.into_iter().collect();
    let mut of_spans: Vec<(u128, u64)> = spans.into_iter().collect();
    of_traces.sort_unstable();
    of_spans.sort_unstable();
    let named = of_spans.iter().take(MOST);
    Ok(Meant {
        all_traces: of_traces.len(),
        all_spans: of_spans.len(),
        traces: of_traces
            .iter()
            .take(MOST)
            .filter_map(|id| run(store, *id))
            .collect(),
        spans: named
            .map(|(trace, span)| OfSpan {
                trace_id: format!("{trace:032x}"),
                span_id: format!("{span:016x}"),
            })
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_digits_are_those_of_an_id_and_no_others_are() {
        let of = |text: &str| Beginning::of(text, 4);
        let trace = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;
        let is_of_trace = |text: &str| of(text).is_some_and(|begin| begin.is_of_trace(trace));
        for text in ["0af7", "0AF76519", "0af7651916cd43dd8448eb211c80319c"] {
            assert!(is_of_trace(text), "{text}");
        }
        for text in [
            "af76",
            "0af8",
            "0af",
            "0af7x",
            "",
            "0af7651916cd43dd8448eb211c80319c0",
        ] {
            assert!(!is_of_trace(text), "{text}");
        }
        let spans = [0, 0x00f0_67aa_0ba9_02b7, 0x00f0_67aa_0ba9_02b8, u64::MAX];
        let in_order = |text: &str| of(text).map(|begin| begin.in_order(&spans).to_vec());
        assert_eq!(in_order("00f067aa"), Some(spans[1..3].to_vec()));
        assert_eq!(in_order("00f067aa0ba902b8"), Some(vec![spans[2]]));
        assert_eq!(in_order("ffffffff"), Some(vec![u64::MAX]));
        assert_eq!(in_order("67aa0ba9"), Some(vec![]));
        assert_eq!(in_order("0000000000000000f"), Some(vec![]));
        for span in spans {
            for text in ["00f067aa", "ffff", "0000", "00f067aa0ba902b8"] {
                let begin = of(text).unwrap();
                let is_found = begin.in_order(&spans).contains(&span);
                assert_eq!(begin.is_of_span(span), is_found, "{text} {span:x}");
            }
        }
    }
}
