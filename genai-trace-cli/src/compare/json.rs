//! What differs between two values of JSON, member by member.

use serde_json::Value as Json;

/// A place where two values differ, and what stands there.
#[derive(Debug, PartialEq)]
pub(super) struct Difference {
    /// A JSON pointer; empty for the whole.
    pub(super) at: String,
    pub(super) a: Option<String>,
    pub(super) b: Option<String>,
}

/// What differs between two texts, as JSON where both are: members that are objects themselves are looked into.
pub(super) fn differences(a: &str, b: &str) -> Vec<Difference> {
    let mut found = Vec::new();
    match (
        serde_json::from_str::<Json>(a),
        serde_json::from_str::<Json>(b),
    ) {
        (Ok(one), Ok(other)) => compare(String::new(), &one, &other, &mut found),
        _ if a != b => found.push(Difference {
            at: String::new(),
            a: Some(a.to_owned()),
            b: Some(b.to_owned()),
        }),
        _ => {}
    }
    found
}

fn compare(at: String, a: &Json, b: &Json, found: &mut Vec<Difference>) {
    match (a, b) {
        (Json::Object(ones), Json::Object(others)) => {
            for (key, one) in ones {
                let at = format!("{at}/{}", escaped(key));
                match others.get(key) {
                    Some(other) => compare(at, one, other, found),
                    None => found.push(difference(at, Some(one), None)),
                }
            }
            for (key, other) in others {
                if !ones.contains_key(key) {
                    let at = format!("{at}/{}", escaped(key));
                    found.push(difference(at, None, Some(other)));
                }
            }
        }
        (Json::Array(ones), Json::Array(others)) if ones.len() == others.len() => {
            for (place, (one, other)) in ones.iter().zip(others).enumerate() {
                compare(format!("{at}/{place}"), one, other, found);
            }
        }
        (one, other) if one == other => {}
        (one, other) => found.push(difference(at, Some(one), Some(other))),
    }
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn difference(at: String, a: Option<&Json>, b: Option<&Json>) -> Difference {
    let said = |value: &Json| match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    Difference {
        at,
        a: a.map(said),
        b: b.map(said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_that_differ_are_named_by_where_they_stand() {
        let found = differences(
            r#"{"call":{"path":"a.rs","lines":3,"x/y":1},"same":[1]}"#,
            r#"{"call":{"path":"b.rs","x/y":2},"same":[1],"new":null}"#,
        );
        let found: Vec<_> = found
            .iter()
            .map(|one| (one.at.as_str(), one.a.as_deref(), one.b.as_deref()))
            .collect();
        assert_eq!(
            found,
            [
                ("/call/lines", Some("3"), None),
                ("/call/path", Some("a.rs"), Some("b.rs")),
                ("/call/x~1y", Some("1"), Some("2")),
                ("/new", None, Some("null")),
            ]
        );
    }

    #[test]
    fn texts_that_are_no_json_are_compared_as_they_are() {
        assert!(differences("plain", "plain").is_empty());
        assert!(differences("{\"a\": 1}", "{\"a\":1}").is_empty());
        assert_eq!(differences("plain", "other").len(), 1);
    }
}
