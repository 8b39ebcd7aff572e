//! The limits that a user sets.

use clap::Args;
use glob::Pattern;

/// What is allowed of a trace.
#[derive(Debug, Default, Args)]
pub(super) struct Limits {
    /// What a trace may cost, in dollars
    #[arg(long, value_name = "USD", value_parser = dollars)]
    pub(super) max_cost: Option<f64>,
    /// How many calls of models and tools it may make
    #[arg(long, value_name = "COUNT")]
    pub(super) max_calls: Option<u64>,
    /// How many calls of models
    #[arg(long, value_name = "COUNT")]
    pub(super) max_chat_calls: Option<u64>,
    /// How many calls of tools
    #[arg(long, value_name = "COUNT")]
    pub(super) max_tool_calls: Option<u64>,
    /// How many tokens it may use, input and output together
    #[arg(long, value_name = "COUNT")]
    pub(super) max_tokens: Option<u64>,
    /// How many turns its agents may take
    #[arg(long, value_name = "COUNT")]
    pub(super) max_turns: Option<u64>,
    /// How often in a row an agent may make the same call, with the same arguments; 4 unless said
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) max_repeats: Option<u64>,
    /// How long it may take: 500ms, 30s, 5m or 1h
    #[arg(long, value_name = "TIME", value_parser = nanoseconds)]
    pub(super) max_duration: Option<u64>,
    /// A tool that may not be called; * stands for anything
    #[arg(long, value_name = "TOOL", value_parser = pattern)]
    pub(super) forbid: Vec<Pattern>,
    /// A tool that each trace has to call
    #[arg(long, value_name = "TOOL", value_parser = pattern)]
    pub(super) require: Vec<Pattern>,
    /// No span may fail
    #[arg(long)]
    pub(super) no_errors: bool,
}

fn dollars(text: &str) -> Result<f64, String> {
    let number = text.strip_prefix('$').unwrap_or(text).parse::<f64>().ok();
    number
        .filter(|number| number.is_finite() && *number >= 0.0)
        .ok_or_else(|| "expected dollars like 0.5".to_owned())
}

fn nanoseconds(text: &str) -> Result<u64, String> {
    let split = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(split).unwrap_or((text, ""));
    let unit = match unit {
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => 0,
    };
    let number = number.parse::<u64>().ok().filter(|_| unit > 0);
    let time = number.and_then(|number| number.checked_mul(unit));
    time.ok_or_else(|| "expected a time like 500ms, 30s, 5m or 1h".to_owned())
}

fn pattern(text: &str) -> Result<Pattern, String> {
    Pattern::new(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_dollars_are_read_as_one_writes_them() {
        assert_eq!(nanoseconds("500ms"), Ok(500_000_000));
        assert_eq!(nanoseconds("5m"), Ok(300_000_000_000));
        for bad in ["", "5", "s", "-1s", "1d", "99999999999999999999s"] {
            assert!(nanoseconds(bad).is_err(), "{bad}");
        }
        assert_eq!(dollars("$0.5"), Ok(0.5));
        for bad in ["", "-1", "NaN", "inf", "1,5"] {
            assert!(dollars(bad).is_err(), "{bad}");
        }
    }
}
