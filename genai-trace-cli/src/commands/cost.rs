//! `genai-trace cost`

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use genai_trace::prices::{Cost, Prices};
use serde_json::{Value as Json, json};

use crate::pricing::{Model, Used, priced};
use crate::reading::Input;
use crate::span::Brief;
use crate::text::{Align, cost, count, moment, table, visible};

/// Says what model calls cost, by model, day, conversation, user or variant of an experiment.
///
/// A call that says itself what it cost is believed, unless other prices are asked for. Calls whose price nobody knows
/// are listed behind the table with the reason: they are never counted as free.
///
/// A span that stands twice in the files counts once, by the first record of its end in the order of the files.
///
/// Exits with 0, and with 2 where there is nothing to read.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// What costs are added up by
    #[arg(long, value_enum, default_value_t = By::Model, value_name = "WHAT")]
    by: By,
    /// Prices of your own, in the form of `GENAI_TRACE_PRICES`; every call is priced anew by them
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// What it had cost with this model: `gpt-4o-mini`, or `openai/gpt-4o-mini`
    #[arg(long, value_name = "MODEL")]
    what_if: Option<Model>,
    /// Prints one JSON document instead of a table
    #[arg(long)]
    json: bool,
}

/// What costs are added up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum By {
    /// The model that was asked for
    Model,
    /// The day on which the call began, in UTC
    Day,
    /// The conversation
    Conversation,
    /// The user
    User,
    /// The variant of an experiment
    Variant,
}

/// What calls that belong together used and cost.
#[derive(Debug, Default)]
struct Sum {
    calls: u64,
    used: Used,
    cached_tokens: u64,
    /// With the other model.
    dollars_instead: f64,
    unpriced_instead: u64,
}

/// Sums, and the calls without a price by the reason.
#[derive(Debug, Default)]
struct Seen {
    sums: BTreeMap<String, Sum>,
    unknown: BTreeMap<String, u64>,
    /// The same with the other model.
    unknown_instead: BTreeMap<String, u64>,
}

impl By {
    const fn as_str(self) -> &'static str {
        match self {
            By::Model => "model",
            By::Day => "day",
            By::Conversation => "conversation",
            By::User => "user",
            By::Variant => "variant",
        }
    }

    fn key(self, span: &Brief<'_>) -> String {
        let facts = &span.facts;
        let said = match self {
            By::Model => facts.any_model(),
            By::Day => {
                let began = moment(span.start);
                return began.split(' ').next().unwrap_or_default().to_owned();
            }
            By::Conversation => facts.conversation.as_deref(),
            By::User => facts.user.as_deref(),
            By::Variant => {
                if let (Some(experiment), Some(variant)) = (&facts.experiment, &facts.variant) {
                    return format!("{experiment}: {variant}");
                }
                facts.variant.as_deref()
            }
        };
        said.unwrap_or("(not said)").to_owned()
    }
}

impl Sum {
    fn merge(&mut self, other: &Sum) {
        self.calls += other.calls;
        self.used.add(other.used);
        self.cached_tokens = self.cached_tokens.saturating_add(other.cached_tokens);
        self.dollars_instead += other.dollars_instead;
        self.unpriced_instead += other.unpriced_instead;
    }

    fn row(&self, name: &str, has_instead: bool) -> Vec<String> {
        let mut row = vec![
            visible(name),
            self.calls.to_string(),
            self.used.input_tokens.to_string(),
            self.cached_tokens.to_string(),
            self.used.output_tokens.to_string(),
            self.used.cost(),
        ];
        if has_instead {
            row.push(cost(self.dollars_instead, self.unpriced_instead));
        }
        row
    }

    fn document(&self, has_instead: bool) -> Json {
        let instead = has_instead.then_some(self.dollars_instead);
        json!({
            "calls": self.calls,
            "input_tokens": self.used.input_tokens,
            "cache_read_tokens": self.cached_tokens,
            "output_tokens": self.used.output_tokens,
            "cost_usd": self.used.dollars,
            "unpriced_calls": self.used.unpriced,
            "what_if_usd": instead,
        })
    }
}

impl Seen {
    fn add(&mut self, span: &Brief<'_>, arguments: &Arguments, prices: &Prices) {
        let facts = &span.facts;
        let said = facts
            .cost
            .filter(|_| arguments.prices.is_none() && span.kind().calls_a_model());
        let found = priced(prices, span, None);
        // What failed before anything was used has no price, but may have cost something all the same.
        if found.is_none() && said.is_none() {
            return;
        }
        let found = found.unwrap_or(Cost::Free);
        let dollars = said.or(found.usd());
        let sum = self.sums.entry(arguments.by.key(span)).or_default();
        sum.calls += 1;
        sum.used.add(Used {
            input_tokens: facts.input_tokens.unwrap_or(0),
            output_tokens: facts.output_tokens.unwrap_or(0),
            dollars: dollars.unwrap_or(0.0),
            unpriced: u64::from(dollars.is_none()),
        });
        sum.cached_tokens = sum
            .cached_tokens
            .saturating_add(facts.cache_read_tokens.unwrap_or(0));
        if let (Cost::Unknown(why), None) = (&found, dollars) {
            *self.unknown.entry(why.to_string()).or_default() += 1;
        }
        let Some(model) = &arguments.what_if else {
            return;
        };
        // What used nothing had cost nothing.
        let instead = priced(prices, span, Some(model)).unwrap_or(Cost::Free);
        sum.dollars_instead += instead.usd().unwrap_or(0.0);
        if let Cost::Unknown(why) = &instead {
            sum.unpriced_instead += 1;
            *self.unknown_instead.entry(why.to_string()).or_default() += 1;
        }
    }

    fn merge(&mut self, other: Seen) {
        for (name, sum) in other.sums {
            self.sums.entry(name).or_default().merge(&sum);
        }
        for (why, calls) in other.unknown {
            *self.unknown.entry(why).or_default() += calls;
        }
        for (why, calls) in other.unknown_instead {
            *self.unknown_instead.entry(why).or_default() += calls;
        }
    }

    fn total(&self) -> Sum {
        let mut total = Sum::default();
        self.sums.values().for_each(|sum| total.merge(sum));
        total
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<String, String> {
    let prices = match &arguments.prices {
        Some(file) => Prices::from_file(file).map_err(|error| error.to_string())?,
        None => Prices::builtin(),
    };
    let (parts, reading) = arguments.input.each_span(Seen::default, |seen, span| {
        seen.add(span, arguments, &prices)
    })?;
    let mut seen = Seen::default();
    parts.into_iter().for_each(|part| seen.merge(part));
    let has_instead = arguments.what_if.is_some();
    if arguments.json {
        let sums = seen.sums.iter();
        let by: serde_json::Map<String, Json> = sums
            .map(|(name, sum)| (name.clone(), sum.document(has_instead)))
            .collect();
        let document = json!({
            "by": arguments.by.as_str(),
            "groups": by,
            "total": seen.total().document(has_instead),
            "unknown": seen.unknown,
            "what_if_unknown": has_instead.then_some(&seen.unknown_instead),
            "bad_lines": reading.bad_lines(),
            "bad_spans": reading.bad_spans(),
            "duplicate_spans": reading.again,
            "open_spans": reading.open,
        });
        return Ok(format!("{document}\n"));
    }
    Ok(text(&seen, arguments))
}

fn text(seen: &Seen, arguments: &Arguments) -> String {
    if seen.sums.is_empty() {
        return "no calls of models\n".to_owned();
    }
    let instead = arguments
        .what_if
        .as_ref()
        .map(|model| format!("with {model}"));
    let mut heads = vec![(arguments.by.as_str(), Align::Left)];
    let numbers = ["calls", "in", "cached", "out", "cost"];
    heads.extend(numbers.map(|head| (head, Align::Right)));
    heads.extend(instead.as_deref().map(|head| (head, Align::Right)));
    let mut sums: Vec<(&str, &Sum)> = seen.sums.iter().map(|(name, sum)| (&**name, sum)).collect();
    if arguments.by != By::Day {
        sums.sort_by(|(_, one), (_, other)| other.used.dollars.total_cmp(&one.used.dollars));
    }
    let has_instead = instead.is_some();
    let mut rows: Vec<_> = sums
        .iter()
        .map(|(name, sum)| sum.row(name, has_instead))
        .collect();
    if rows.len() > 1 {
        rows.push(seen.total().row("all", has_instead));
    }
    let mut out = table(&heads, &rows);
    for (why, calls) in &seen.unknown {
        out += &unknown(*calls, "", why);
    }
    let with = instead.map_or_else(String::new, |instead| format!(" {instead}"));
    for (why, calls) in &seen.unknown_instead {
        out += &unknown(*calls, &with, why);
    }
    out
}

fn unknown(calls: u64, with: &str, why: &str) -> String {
    let calls = count(calls, "call");
    format!("{calls} of unknown cost{with}: {}\n", visible(why))
}
