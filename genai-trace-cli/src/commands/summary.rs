//! `genai-trace summary`

use clap::Args;
use genai_trace::{SpanRecord, summarize};

use crate::content::InPlaceOfGaps;
use crate::one_trace::OneTrace;
use crate::pricing::spent;
use crate::said::lay_in;
use crate::span::{Brief, modernize};
use crate::tree::Tree;

/// Where a summary looks for what a call cost.
const COST: &str = "llm.cost.usd";

/// Tells a run in a few words, for a model that is to explain it or to go on with it.
///
/// What it was asked and answered, what it used and cost, what failed or was denied, what it did again and again, what
/// took longest, and its calls in their order as far as there is room.
///
/// Exits with 0, and with 2 where there is no such trace.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    of: OneTrace,
    /// About how long it may be; a token is taken for three bytes
    #[arg(long, value_name = "TOKENS", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(20..))]
    max_tokens: u32,
}

pub(crate) fn run(arguments: &Arguments) -> Result<String, String> {
    let (_, spans) = arguments.of.read(InPlaceOfGaps::Nothing)?;
    // Each span once, as `show` has it.
    let mut spans = Tree::new(spans).spans;
    for span in &mut spans {
        price(span);
        modernize(span);
        lay_in(span);
    }
    let most = usize::try_from(arguments.max_tokens).unwrap_or(usize::MAX);
    Ok(summarize(&spans, &[], most))
}

/// Says what a call cost where it does not say that itself, or in other words, as the other commands have it.
fn price(span: &mut SpanRecord) {
    if let Some(dollars) = spent(&Brief::of(span)).dollars() {
        span.attributes.insert(COST, dollars);
    }
}
