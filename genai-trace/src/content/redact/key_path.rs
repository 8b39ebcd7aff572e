//! Where in JSON a value stands, and rules for that.

use std::borrow::Cow;
use std::fmt;

use super::error::RedactError;
use crate::content::secret_name::{is_secret_key, plain};

/// Where a value stands: the keys that lead to it.
#[derive(Debug)]
pub(super) struct Path<'a>(Vec<Cow<'a, str>>);

impl<'a> Path<'a> {
    pub(super) fn new(root: &'a str) -> Self {
        let root = (!root.is_empty()).then_some(Cow::Borrowed(root));
        Self(root.into_iter().collect())
    }

    /// Does `work` below `key`.
    pub(super) fn below<T>(&mut self, key: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        self.0.push(Cow::Owned(key.to_owned()));
        let done = work(self);
        self.0.pop();
        done
    }

    /// Whether the last key says that its value is secret.
    pub(super) fn is_secret(&self) -> bool {
        self.0.last().is_some_and(|key| is_secret_key(&plain(key)))
    }

    /// Whether the value is what a JSON schema says of a property.
    pub(super) fn is_property(&self) -> bool {
        self.up(1) == Some("properties")
    }

    /// Whether the value is what a JSON schema gives as an example of a property that is secret.
    pub(super) fn is_example_of_secret(&self) -> bool {
        let is_example = matches!(self.up(0), Some("const" | "default" | "enum" | "examples"));
        let is_of_secret = || self.up(1).is_some_and(|key| is_secret_key(&plain(key)));
        is_example && self.up(2) == Some("properties") && is_of_secret()
    }

    /// The key so many above the last.
    fn up(&self, levels: usize) -> Option<&str> {
        let key = self.0.iter().rev().nth(levels);
        key.map(AsRef::as_ref)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

/// A path whose values go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyRule(Vec<String>);

impl KeyRule {
    pub(super) fn new(path: &str) -> Result<Self, RedactError> {
        let segments: Vec<_> = path.split('.').map(plain).collect();
        match segments.iter().any(String::is_empty) {
            true => Err(RedactError::KeyPath(path.to_owned())),
            false => Ok(Self(segments)),
        }
    }

    /// Whether the end of `path` is this one. A key with dots in it counts as several.
    pub(super) fn fits(&self, path: &Path<'_>) -> bool {
        let mut keys = path.0.iter().rev().flat_map(|key| key.rsplit('.'));
        self.0.iter().rev().all(|segment| {
            let key = keys.next();
            key.is_some_and(|key| segment == "*" || *segment == plain(key))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(rule: &str, keys: &[&'static str]) -> bool {
        let path = Path(keys.iter().map(|key| Cow::Borrowed(*key)).collect());
        KeyRule::new(rule).unwrap().fits(&path)
    }

    #[test]
    fn a_rule_fits_the_end_of_a_path() {
        assert!(fits("customer.name", &["arguments", "Customer", "name"]));
        assert!(fits("arguments.*.name", &["arguments", "customer", "NAME"]));
        assert!(fits("customer.*", &["customer", "x"]));
        assert!(fits("*.ssn", &["arguments", "ssn"]));
        assert!(fits("user.email", &["attributes", "user.email"]));
        assert!(!fits("customer.name", &["name"]));
        assert!(!fits(
            "customer.name",
            &["arguments", "customer", "surname"]
        ));
        assert!(!fits("arguments.*.name", &["arguments", "name"]));
    }

    #[test]
    fn a_rule_without_keys_is_refused() {
        for path in ["", ".", "a..b", "a."] {
            assert_eq!(
                KeyRule::new(path),
                Err(RedactError::KeyPath(path.to_owned()))
            );
        }
    }

    #[test]
    fn a_path_is_shown_with_dots() {
        let mut path = Path::new("arguments");
        let shown = path.below("customer", |path| {
            path.below("name", |path| path.to_string())
        });
        assert_eq!(shown, "arguments.customer.name");
        assert_eq!(path.to_string(), "arguments");
    }
}
