//! What is personal or secret goes out of content before it is kept.

mod api_key;
mod argument;
mod builder;
mod card;
mod error;
mod key_path;
mod named;
mod number;
mod pass;
mod phone;
mod rule;
mod standard;

use std::borrow::Cow;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use serde_json::Value;

pub use self::builder::RedactorBuilder;
pub use self::error::RedactError;
use self::key_path::{KeyRule, Path};
use self::pass::Pass;
use self::rule::Rule;
use super::blob::is_blob;
use super::mark;

/// A user's own look at a text: its path, the text, and what is to stand in its place.
type Hook = Box<dyn Fn(&str, &str) -> Option<String> + Send + Sync>;

/// What stands in the place of a value whose rule has failed.
const FAILED: &str = "[REDACTED:failed]";

/// Takes out of texts and JSON what is personal or secret, and puts `[REDACTED:email]` and the like in
/// its place.
///
/// The standard rules find e-mail addresses, phone numbers in their international forms and those that
/// have a form of their own, US social security numbers, numbers of cards (with a valid check digit),
/// keys of the usual shapes (OpenAI, Anthropic, AWS, GitHub, GitLab, Google, Slack, Stripe, xAI, Groq,
/// Hugging Face ...), JSON web tokens, private keys, credentials in headers and URLs, and among the arguments
/// of commands (`--password`, `curl -u`). The whole value goes
/// whose key in JSON says that it is secret: `password`, `api_key`, `authorization`, `ssn` ... in any
/// spelling, at any depth, also in JSON that is a text in JSON, and where name and value stand side by side:
/// `{"name": "DB_PASSWORD", "value": ..}`.
///
/// Names and addresses have no shape: say them by a rule of your own, or look at each text yourself.
///
/// ```
/// use genai_trace::content::Redactor;
/// use serde_json::json;
///
/// let redactor = Redactor::builder()
///     .rule("customer", r"(?i)\bada lovelace\b")
///     .key("arguments.customer.name")
///     .hook(|path, text| (path == "arguments.note" && text.len() > 100).then(|| "too long".to_owned()))
///     .build()?;
/// let mut arguments = json!({"to": "Ada Lovelace <ada@example.com>", "password": 1234, "n": 3});
/// redactor.redact_json("arguments", &mut arguments);
/// assert_eq!(
///     arguments,
///     json!({"to": "[REDACTED:customer] <[REDACTED:email]>", "password": "[REDACTED:key]", "n": 3})
/// );
/// # Ok::<(), genai_trace::content::RedactError>(())
/// ```
///
/// The rules look at keys of JSON as well, unless they are plain words of `a-z` and `_`. Base64 of 256 characters
/// or more is not searched. A hook that
/// panics drops the text ([`failures`](Redactor::failures)). Time is linear in the size of the content.
#[derive(Clone)]
pub struct Redactor(Arc<Rules>);

/// What a redactor looks for.
struct Rules {
    texts: Vec<Rule>,
    keys: Vec<KeyRule>,
    hooks: Vec<Hook>,
    /// Whether values go whose keys say that they are secret.
    has_secret_keys: bool,
    failures: AtomicU64,
}

impl Redactor {
    /// The standard rules, and nothing else.
    ///
    /// # Errors
    /// None that a program could run into: the standard rules are valid.
    pub fn standard() -> Result<Self, RedactError> {
        // Compiled once: telemetry may be installed again and again in tests.
        static STANDARD: LazyLock<Result<Redactor, RedactError>> =
            LazyLock::new(|| Redactor::builder().build());
        STANDARD.clone()
    }

    /// The standard rules, to which others may be added.
    pub fn builder() -> RedactorBuilder {
        RedactorBuilder::default()
    }

    /// Redacts a text. Where nothing is found it is borrowed. Where the text is JSON its keys are looked
    /// at as well.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match Pass::new(self).text(&mut Path::new(""), text) {
            Some(redacted) => Cow::Owned(redacted),
            None => Cow::Borrowed(text),
        }
    }

    /// Redacts every text and number in `value`. Its path begins with `root`: for the arguments of a tool
    /// that is `arguments`.
    pub fn redact_json(&self, root: &str, value: &mut Value) {
        Pass::new(self).value(&mut Path::new(root), value, 0);
    }

    /// Redacts a text whose path is `root`.
    pub(super) fn redact_at(&self, root: &str, text: &str) -> Option<String> {
        Pass::new(self).text(&mut Path::new(root), text)
    }

    /// How many texts were dropped because a hook has panicked, or because rules of your own found
    /// something again and again in what they had put there.
    pub fn failures(&self) -> u64 {
        self.0.failures.load(Ordering::Relaxed)
    }

    fn fail(&self) -> String {
        self.0.failures.fetch_add(1, Ordering::Relaxed);
        FAILED.to_owned()
    }

    /// Lets the hooks look at a text, the first that has something to put there.
    fn hooked(&self, path: &Path<'_>, text: &str) -> Option<String> {
        if self.0.hooks.is_empty() || text == FAILED {
            return None;
        }
        let path = path.to_string();
        let look = || self.0.hooks.iter().find_map(|hook| hook(&path, text));
        catch_unwind(AssertUnwindSafe(look)).unwrap_or_else(|_| Some(self.fail()))
    }

    /// Applies the rules for texts once; none where nothing is found.
    fn apply_rules(&self, text: &str) -> Option<String> {
        if is_blob(text) {
            return None;
        }
        let mut redacted: Option<String> = None;
        for rule in &self.0.texts {
            if let Some(next) = rule.apply(redacted.as_deref().unwrap_or(text)) {
                redacted = Some(next);
            }
        }
        redacted
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.texts.iter().map(|rule| rule.word()).collect();
        f.debug_struct("Redactor")
            .field("rules", &names)
            .field("keys", &self.0.keys)
            .field("hooks", &self.0.hooks.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
