//! Why there is no redactor.

use std::fmt;

/// Why there is no redactor: a rule means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedactError {
    /// The name of a rule cannot stand in a mark.
    Name(String),
    /// The pattern of a rule is no regular expression.
    Pattern {
        /// The rule.
        rule: String,
        /// What is wrong with its pattern.
        reason: String,
    },
    /// There is no standard rule of this name.
    UnknownRule(String),
    /// The path of a key has no segments, or an empty one.
    KeyPath(String),
}

impl fmt::Display for RedactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(
                f,
                "the rule is called {name:?}: expected 1 to 24 of a-z and _"
            ),
            Self::Pattern { rule, reason } => {
                write!(f, "the pattern of the rule {rule:?} is none: {reason}")
            }
            Self::UnknownRule(name) => {
                let known: Vec<_> = super::standard::words().collect();
                write!(
                    f,
                    "no standard rule is called {name:?}: expected one of {}",
                    known.join(", ")
                )
            }
            Self::KeyPath(path) => write!(
                f,
                "the path of a key is {path:?}: expected keys with dots in between, * for any"
            ),
        }
    }
}

impl std::error::Error for RedactError {}
