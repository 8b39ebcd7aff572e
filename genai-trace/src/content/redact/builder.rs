//! A redactor in the making.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use regex::Regex;

use super::error::RedactError;
use super::key_path::KeyRule;
use super::rule::Rule;
use super::{Hook, Redactor, Rules, standard};
use crate::content::mark;

/// The name of the rule for keys, which has no pattern.
pub(super) const KEY: &str = "key";

/// A redactor in the making: the standard rules, unless they are left out, and those of your own, which
/// come first.
#[derive(Default)]
#[must_use = "nothing is redacted before `build`"]
pub struct RedactorBuilder {
    rules: Vec<(String, String)>,
    keys: Vec<String>,
    hooks: Vec<Hook>,
    without: Vec<String>,
}

impl RedactorBuilder {
    /// Puts `[REDACTED:name]` in the place of whatever `pattern` finds in a text: names, addresses, numbers of
    /// customers. The pattern is a regular expression of the crate `regex`.
    pub fn rule(mut self, name: impl Into<String>, pattern: impl Into<String>) -> Self {
        self.rules.push((name.into(), pattern.into()));
        self
    }

    /// Puts `[REDACTED:key]` in the place of whatever stands in JSON under this path, whole. The path is
    /// compared with the end of where a value is, without case: `customer.name` fits
    /// `arguments.order.customer.name`. `*` is any one key: `*.ssn`, `customer.*`. Places in lists do not
    /// count.
    pub fn key(mut self, path: impl Into<String>) -> Self {
        self.keys.push(path.into());
        self
    }

    /// Lets `look` see every text before the rules do, with its path, as in `arguments.customer.name`. What
    /// it returns takes the place of the text, and the rules see that. A panic drops the text.
    pub fn hook(
        mut self,
        look: impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.hooks.push(Box::new(look));
        self
    }

    /// Leaves out the standard rule of this name, as it stands in its marks: `phone`, `email`, `key` ...
    pub fn without(mut self, name: impl Into<String>) -> Self {
        self.without.push(name.into());
        self
    }

    /// Makes the redactor.
    ///
    /// # Errors
    /// A rule's name or pattern, the path of a key, or the name of a standard rule means nothing.
    pub fn build(self) -> Result<Redactor, RedactError> {
        let is_known = |name: &String| standard::words().any(|known| known == name);
        if let Some(unknown) = self.without.iter().find(|name| !is_known(name)) {
            return Err(RedactError::UnknownRule(unknown.clone()));
        }
        let is_left_out = |word: &str| self.without.iter().any(|without| without == word);
        let own = self.rules.iter().map(|(name, pattern)| own(name, pattern));
        let standard = standard::rules().filter(|rule| {
            let word = rule.as_ref().map_or("", Rule::word);
            !is_left_out(word)
        });
        Ok(Redactor(Arc::new(Rules {
            texts: own.chain(standard).collect::<Result<_, _>>()?,
            keys: self
                .keys
                .iter()
                .map(|path| KeyRule::new(path))
                .collect::<Result<_, _>>()?,
            has_secret_keys: !is_left_out(KEY),
            hooks: self.hooks,
            failures: AtomicU64::new(0),
        })))
    }
}

fn own(name: &str, pattern: &str) -> Result<Rule, RedactError> {
    if !mark::is_word(name) {
        return Err(RedactError::Name(name.to_owned()));
    }
    let regex = Regex::new(pattern).map_err(|error| RedactError::Pattern {
        rule: name.to_owned(),
        reason: error.to_string(),
    })?;
    Ok(Rule::pattern(name, regex))
}

impl fmt::Debug for RedactorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedactorBuilder")
            .field("rules", &self.rules)
            .field("keys", &self.keys)
            .field("without", &self.without)
            .finish_non_exhaustive()
    }
}
