//! What is shown of a value in its place: `#[capture(hash)]`, `#[capture(last4)]`.

use serde::Serialize;

use super::REDACTED;

/// Below so many characters nothing is shown of a text.
const SHORTEST: usize = 8;

/// The SHA-256 of `value`: of a text as it is, of anything else as JSON. The same value has the same
/// hash, so that spans can be found by it.
///
/// A hash hides what cannot be guessed. Who can go through all phone numbers finds the one that has
/// this hash. Without the feature `redact` there is no hash, and `[REDACTED]` instead.
///
/// ```
/// # #[cfg(feature = "redact")]
/// assert!(genai_trace::content::hash("ada").starts_with("sha256:fdee430"));
/// ```
#[cfg(feature = "redact")]
pub fn hash<T: Serialize + ?Sized>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => super::digest::reference_of(text.as_bytes()),
        Ok(value) => super::digest::reference_of(value.to_string().as_bytes()),
        Err(_) => REDACTED.to_owned(),
    }
}

/// `[REDACTED]`: there is no hash without the feature `redact`.
#[cfg(not(feature = "redact"))]
pub fn hash<T: Serialize + ?Sized>(_value: &T) -> String {
    REDACTED.to_owned()
}

/// The last characters of `value` behind `[REDACTED]`: four, but never more than a quarter of it, and
/// none of fewer than eight. A text is taken as it is, a number by its digits, anything else is
/// not shown at all.
///
/// ```
/// use genai_trace::content::last4;
///
/// assert_eq!(last4("4111 1111 1111 1234"), "[REDACTED]1234");
/// assert_eq!(last4("12345678"), "[REDACTED]78");
/// assert_eq!(last4("1234567"), "[REDACTED]");
/// ```
pub fn last4<T: Serialize + ?Sized>(value: &T) -> String {
    let text = match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(serde_json::Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let count = text.chars().count();
    let shown = match count < SHORTEST {
        true => 0,
        false => (count / 4).min(4),
    };
    let last = text.chars().skip(count - shown);
    REDACTED.chars().chain(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_more_than_a_quarter_is_shown() {
        for (value, shown) in [
            ("", "[REDACTED]"),
            ("1234567", "[REDACTED]"),
            ("12345678", "[REDACTED]78"),
            ("123456789abc", "[REDACTED]abc"),
            ("0123456789abcdef", "[REDACTED]cdef"),
            ("0123456789abcdefghijklmnop", "[REDACTED]mnop"),
            ("ääääääääääääöööü", "[REDACTED]öööü"),
        ] {
            assert_eq!(last4(value), shown);
        }
        assert_eq!(last4(&1_234_567_890_123_456_u64), "[REDACTED]3456");
        assert_eq!(last4(&["a long list of words"]), "[REDACTED]");
    }

    #[cfg(feature = "redact")]
    #[test]
    fn the_same_value_has_the_same_hash() {
        assert_eq!(hash("a"), hash(&String::from("a")));
        assert_ne!(hash("a"), hash("b"));
        assert_eq!(hash("a").len(), "sha256:".len() + 64);
        assert_eq!(hash(&[1, 2]), hash("[1,2]"));
    }

    #[cfg(not(feature = "redact"))]
    #[test]
    fn without_the_feature_nothing_is_shown_for_a_hash() {
        assert_eq!(hash("a"), "[REDACTED]");
    }
}
