//! JSON values: read within limits, and their parts where they have the type that is expected.

mod limits;
mod parse;
mod serialize;
mod surrogates;

pub(crate) use self::limits::Limits;
pub(crate) use self::parse::from_slice;
pub(crate) use self::serialize::from_serialize;

use serde_json::Value as Json;

/// The text at `key`.
pub(super) fn text(body: &Json, key: &str) -> Option<String> {
    body.get(key).and_then(Json::as_str).map(str::to_owned)
}

/// The text at `key`, where it is not empty: some providers write an empty one for what they do not say.
pub(super) fn said<'a>(body: &'a Json, key: &str) -> Option<&'a str> {
    let text = body.get(key).and_then(Json::as_str)?;
    (!text.is_empty()).then_some(text)
}

/// The object at `key`.
pub(super) fn object<'a>(body: &'a Json, key: &str) -> Option<&'a Json> {
    body.get(key).filter(|value| value.is_object())
}

/// The whole number at `key`, from 0 to what the conventions' integers hold; a float without a fraction
/// is one as well.
pub(super) fn count(body: &Json, key: &str) -> Option<u64> {
    let number = body.get(key)?;
    let whole = number.as_u64().or_else(|| {
        let float = number.as_f64()?;
        // Exact: beyond 2^53 a float has no fraction, and no count is that large.
        (float.fract() == 0.0 && (0.0..9_007_199_254_740_992.0).contains(&float))
            .then_some(float as u64)
    });
    whole.filter(|whole| i64::try_from(*whole).is_ok())
}

/// The integer at `key`; a float without a fraction is one as well.
pub(super) fn integer(body: &Json, key: &str) -> Option<i64> {
    let number = body.get(key)?;
    number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        // Exact: see `count`.
        (float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0).then_some(float as i64)
    })
}

/// `Some(true)` where `key` is true.
pub(super) fn truth(body: &Json, key: &str) -> Option<bool> {
    body.get(key).and_then(Json::as_bool).filter(|truth| *truth)
}

/// The number at `key`.
pub(super) fn number(body: &Json, key: &str) -> Option<f64> {
    body.get(key).and_then(Json::as_f64)
}

/// The text or the texts at `key`; none where anything else is among them.
pub(super) fn texts(body: &Json, key: &str) -> Option<Vec<String>> {
    match body.get(key)? {
        Json::String(one) => Some(vec![one.clone()]),
        Json::Array(all) => all
            .iter()
            .map(|one| one.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

/// The list at `key`, empty where there is none.
pub(super) fn list<'a>(body: &'a Json, key: &str) -> &'a [Json] {
    body.get(key)
        .and_then(Json::as_array)
        .map_or(&[], Vec::as_slice)
}
