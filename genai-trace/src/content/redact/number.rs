//! Numbers in JSON, as a rule for texts sees them.

use serde_json::Number;

/// The digits of a whole number, however it is kept; none of a fraction, in which nobody hides a number.
pub(super) fn digits_of(number: &Number) -> Option<String> {
    let text = number.to_string();
    let whole = text.strip_suffix(".0").unwrap_or(&text);
    let is_whole = whole.bytes().all(|byte| byte.is_ascii_digit());
    is_whole.then(|| whole.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_numbers_have_digits() {
        let digits = |json: &str| digits_of(&serde_json::from_str(json).unwrap());
        assert_eq!(
            digits("4111111111111111").as_deref(),
            Some("4111111111111111")
        );
        assert_eq!(
            digits("4111111111111111.0").as_deref(),
            Some("4111111111111111")
        );
        for json in ["0.4111111111111111", "-5", "1e300"] {
            assert_eq!(digits(json), None, "{json}");
        }
    }
}
