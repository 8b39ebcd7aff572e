//! What a user says of a trace or a span: a mark, a note, or a score of any name.

use genai_trace::{Score, ScoreValue};

/// What good and bad are scores of.
pub(crate) const MARK: &str = "mark";
/// What a text is a score of.
pub(crate) const NOTE: &str = "note";
pub(super) const GOOD: &str = "good";
pub(super) const BAD: &str = "bad";

/// As the command line has it: `good`, `note TEXT`, `relevance 0.8`.
pub(crate) fn said(name: &str, value: Option<&str>) -> Result<Score, String> {
    if name.trim().is_empty() {
        return Err(format!(
            "the name of a score is {name:?}: expected `good`, `bad`, `note` or what is scored"
        ));
    }
    if let Some(value) = value.filter(|value| value.trim().is_empty()) {
        return Err(match name {
            NOTE => format!("the text of a note is {value:?}: expected a word at least"),
            name => format!("the value of {name:?} is {value:?}: expected a number or a word"),
        });
    }
    Ok(match (name, value) {
        (GOOD, None) => mark(true),
        (BAD, None) => mark(false),
        (GOOD | BAD, Some(value)) => {
            return Err(format!(
                "{name} stands alone, not with {value:?}: a reason goes behind --comment"
            ));
        }
        (NOTE, Some(text)) => Score::new(NOTE, ScoreValue::Nothing).explanation(text),
        (MARK, Some(_)) => return Err("a mark is said as `good` or `bad` alone".to_owned()),
        (name, Some(value)) => match value.parse::<f64>() {
            Ok(number) if number.is_finite() => Score::new(name, number),
            Ok(_) => return Err(format!("{value} is no score: expected a number or a word")),
            Err(_) => Score::new(name, value),
        },
        (name, None) => {
            return Err(format!(
                "{name:?} lacks a value: expected a number or a word behind it, or `good`, `bad` or `note TEXT` instead"
            ));
        }
    })
}

/// That it is good, or bad.
pub(crate) fn mark(is_good: bool) -> Score {
    Score::new(MARK, is_good).label(if is_good { GOOD } else { BAD })
}
