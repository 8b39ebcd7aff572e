//! Numbers that sums are made of: tokens and costs, whatever the attribute is called.

use genai_trace::Value;
use genai_trace_semconv::attribute;

use super::flaw::Flaw;
use super::rules;
use crate::span::{Amount, COSTS, whole};

/// What the number in an attribute stands for, where that is tokens or dollars.
pub(super) fn amount(key: &str) -> Option<Amount> {
    let is_usage = key.starts_with("gen_ai.usage.") && key.ends_with("tokens");
    Amount::of(key).or(is_usage.then_some(Amount::Tokens))
}

/// What is wrong with such a number.
pub(super) fn flaw(key: &str, value: &Value, amount: Amount) -> Option<Flaw> {
    let number = match value {
        Value::Int(_) | Value::Float(_) => value.as_float(),
        _ => None,
    };
    let (rule, allowed) = match (amount, number) {
        (Amount::Tokens, Some(number)) if number < 0.0 => (&rules::TOKENS_NEGATIVE, "0 or more"),
        (Amount::Tokens, Some(number))
            if matches!(value, Value::Int(_)) || whole(number).is_some() =>
        {
            return None;
        }
        (Amount::Tokens, _) => (&rules::NUMBER_EXPECTED, "a whole number"),
        (Amount::Dollars, Some(number)) if COSTS.contains(&number) => return None,
        (Amount::Dollars, Some(_)) => (&rules::COST_IMPOSSIBLE, "0 to 1000000000000 dollars"),
        (Amount::Dollars, None) => (&rules::NUMBER_EXPECTED, "a number"),
    };
    let said = serde_json::to_value(value).unwrap_or_default();
    let message = match rule.id == rules::TOKENS_NEGATIVE.id {
        true => format!("{key} is {said}"),
        false => format!("{key} is {said}, expected {allowed}"),
    };
    let flaw = Flaw::new(rule, message).said(said).allowed(allowed);
    Some(match attribute(key) {
        Some(_) => flaw.section("attribute", key),
        None => flaw,
    })
}
