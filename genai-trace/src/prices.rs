//! What a model call cost, from what it used.
//!
//! A [`Cost`] has three states: priced, free, and unknown with the reason. What is unknown is never
//! shown as `$0.00`. Prices come from a table of the user's own ([`Prices::from_file`]), and behind it,
//! with the feature `prices`, from the data of the crate `genai-prices`, of which [`data_date`] says how
//! old they are.
//!
//! # The table
//!
//! A JSON file: a list of entries, of which the first that fits a call holds. `GENAI_TRACE_PRICES` names it,
//! or [`Builder::prices`](crate::Builder::prices).
//!
//! ```json
//! {"prices": [
//!   {"provider": "ollama", "free": true},
//!   {"provider": "openai", "model": "gpt-4o*", "input": 2.5, "cache_read": 1.25, "output": 10,
//!    "until": "2026-07-01"},
//!   {"model": "acme-large", "input": 3, "output": 15, "from": "2026-07-01",
//!    "above": [{"input_tokens": 200000, "input": 6, "output": 22.5}]}
//! ]}
//! ```
//!
//! - `provider` and `model` name whom the entry is for; `*` stands for any run of characters, case does
//!   not matter, and without the key it is for all. The model that answered is looked for first, then
//!   the one that was asked for; each also without the prefix of a gateway (`openai/`).
//! - Prices are in US dollars for a million tokens: `input`, `cache_read`, `cache_write`, `cache_write_1h`,
//!   `input_audio`, `input_image`, `cache_read_audio`, `cache_read_image`, `output`, `reasoning`,
//!   `output_audio`, `output_image`; `request` is in dollars for a call. Without a price of its own an hour
//!   in the cache costs `cache_write`, reasoning costs `output`, and sound and images cost what text of
//!   their place costs. Anything else without a price makes the cost unknown.
//! - `above` lists what holds instead where a call has more input tokens than `input_tokens`, cached ones
//!   included; the price of the whole call changes, not of what lies above.
//! - `from` and `until` are days in UTC; the call has to begin at `from` or later and before `until`.
//! - `free` says that a call costs nothing.

#[cfg_attr(not(feature = "prices"), path = "prices/no_builtin.rs")]
mod builtin;
mod call;
mod class;
mod cost;
mod day;
mod error;
mod portions;
mod said;
mod table;
mod unpriced;

use std::path::Path;
use std::sync::Arc;

pub use self::call::Call;
pub use self::class::PriceClass;
pub(crate) use self::cost::PICO_DECIMALS;
pub use self::cost::{Breakdown, Cost};
pub use self::error::PricesError;
pub(crate) use self::said::Said;
pub use self::unpriced::Unpriced;

use self::portions::Portions;
use self::table::Table;

/// Of which day the data of the feature `prices` are: the newest on which they say that a price was
/// looked up. None without the feature.
///
/// ```
/// assert_eq!(genai_trace::prices::data_date().is_some(), cfg!(feature = "prices"));
/// ```
pub const fn data_date() -> Option<&'static str> {
    builtin::DATA_DATE
}

/// Where prices are looked up. A clone is the same prices.
///
/// ```
/// use genai_trace::prices::{Call, Prices};
/// use genai_trace::provider::Usage;
///
/// # let folder = std::env::temp_dir().join(format!("genai-trace-prices-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let file = folder.join("prices.json");
/// # std::fs::write(&file, r#"{"prices": [{"model": "acme-large", "input": 3, "output": 15}]}"#)?;
/// let prices = Prices::from_file(&file)?;
/// let usage = Usage { input: Some(250), output: Some(130), ..Usage::default() };
/// let cost = prices.cost(&Call::new(&usage).provider("acme").request_model("acme-large"));
/// assert_eq!(cost.to_string(), "$0.002700");
/// let cost = prices.cost(&Call::new(&usage).request_model("acme-small"));
/// assert!(cost.to_string().starts_with("unknown: no price for model \"acme-small\""));
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Prices {
    table: Option<Arc<Table>>,
}

/// What is to be known of costs while spans are recorded.
#[derive(Clone, Debug)]
pub(crate) struct Costs {
    pub(crate) prices: Prices,
    /// Spans of model calls are to say what they cost.
    pub(crate) on_spans: bool,
}

/// What a unit of a class costs, in billionths of a billionth of a dollar, else what has no price.
type Rate = Result<u64, PriceClass>;

impl Prices {
    /// The data of the feature `prices` alone.
    ///
    /// The first call reads them, which takes some ten milliseconds.
    #[cfg(feature = "prices")]
    pub fn builtin() -> Self {
        builtin::load();
        Self { table: None }
    }

    /// The table in the file at `path`, and behind it, with the feature `prices`, the data of that.
    ///
    /// # Errors
    /// The file cannot be read, or says something that means nothing: the error names the entry, the key,
    /// the value, and what is allowed.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, PricesError> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|source| PricesError::File {
            path: path.to_owned(),
            source,
        })?;
        let table = Table::parse(&text).map_err(|fault| fault.within(path))?;
        builtin::load();
        Ok(Self {
            table: Some(Arc::new(table)),
        })
    }

    /// The data that this build has without a table; none without the feature `prices`.
    pub(crate) fn of_build() -> Option<Self> {
        builtin::load().then_some(Self { table: None })
    }

    /// What `call` cost.
    pub fn cost(&self, call: &Call<'_>) -> Cost {
        let portions = match Portions::of(call.usage) {
            Some(portions) => portions,
            None => return Cost::Unknown(Unpriced::NoUsage),
        };
        // An entry for all models is for a call that names none, too.
        let names = call.models().chain([""]);
        let mut entries = names.filter_map(|model| self.table.as_ref()?.find(call, model));
        let cost = match entries.next() {
            Some(entry) => portions.cost(&mut |class| entry.rate(class, portions.input_tokens())),
            None => of_build(call, &portions),
        };
        cost.unwrap_or_else(Cost::Unknown)
    }
}

/// What `call` cost by the data of the feature `prices`.
fn of_build(call: &Call<'_>, portions: &Portions) -> Result<Cost, Unpriced> {
    let mut why = Unpriced::NoModel;
    for model in call.models() {
        match builtin::cost(call, model, portions) {
            Ok(cost) => return Ok(cost),
            // What the first name lacks is said, unless a later one has it.
            Err(reason) if why == Unpriced::NoModel => why = reason,
            Err(_) => {}
        }
    }
    Err(why)
}

#[cfg(test)]
mod tests;
