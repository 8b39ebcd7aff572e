//! The rules that every redactor has.

use std::ops::Range;

use regex::Regex;

use super::api_key::{aws_secret, looks_random};
use super::argument::secret_argument;
use super::builder::KEY;
use super::card::card;
use super::error::RedactError;
use super::phone::{is_phone, is_social_security_number};
use super::rule::{Check, Rule};

/// The rule for credentials in headers and URLs, which has no pattern.
const AUTHORIZATION: &str = "authorization";
/// The rules that search without a pattern.
const CARD: &str = "card";
const AWS_SECRET: &str = "aws_secret";
const ARGUMENT: &str = "argument";

/// What has a form of its own.
struct Shape {
    word: &'static str,
    /// Nothing is found in a text that this says no to.
    may_be_in: fn(&str) -> bool,
    pattern: &'static str,
    check: Check,
}

/// Secrets, the most particular first.
const SECRETS: &[Shape] = &[
    Shape {
        word: "private_key",
        may_be_in: |text| text.contains("-----BEGIN"),
        // Its body goes on to the next two hyphens, so that many beginnings without an end are one way. Without
        // an end only what can be a body goes: source code speaks of keys.
        pattern: r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:(?:[^-]|-[^-])*-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\s\\]*)",
        check: always,
    },
    Shape {
        word: "jwt",
        may_be_in: |text| text.contains("eyJ"),
        pattern: r"(?-u:\b)eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+){1,4}\.?",
        check: always,
    },
    Shape {
        word: "anthropic_key",
        may_be_in: |text| text.contains("sk-ant-"),
        pattern: r"(?-u:\b)sk-ant-[A-Za-z0-9_-]{10,}",
        check: always,
    },
    Shape {
        word: "openai_key",
        may_be_in: |text| text.contains("sk-"),
        pattern: r"(?-u:\b)sk-[A-Za-z0-9_-]{16,}",
        check: looks_random,
    },
    Shape {
        word: "aws_key",
        may_be_in: |text| text.contains("AKIA") || text.contains("ASIA"),
        pattern: r"(?-u:\b)(?:AKIA|ASIA)[A-Z0-9]{16}(?-u:\b)",
        check: always,
    },
    Shape {
        word: "github_token",
        may_be_in: |text| text.contains("gh") && text.contains('_'),
        pattern: r"(?-u:\b)(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})",
        check: always,
    },
    Shape {
        word: "slack_token",
        may_be_in: |text| {
            text.contains("xox") || text.contains("xapp-") || text.contains("hooks.slack.com")
        },
        pattern: r"(?-u:\b)(?:xox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}|hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_-]+)",
        check: always,
    },
    Shape {
        word: "google_key",
        may_be_in: |text| {
            text.contains("AIza") || text.contains("ya29.") || text.contains("GOCSPX-")
        },
        pattern: r"(?-u:\b)(?:AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,})",
        check: always,
    },
    Shape {
        word: "stripe_key",
        may_be_in: |text| {
            text.contains("k_live_") || text.contains("k_test_") || text.contains("whsec_")
        },
        pattern: r"(?-u:\b)(?:[sr]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/]{20,}=*)",
        check: always,
    },
    // xAI, Groq, Perplexity, Hugging Face, Replicate, NVIDIA, Tavily, GitLab, npm, DigitalOcean, Cerebras, Shopify,
    // PyPI, Docker, Linear, Supabase, Grafana, Notion, Vault, age; SendGrid; Databricks; bots of Telegram; webhooks
    // of Discord.
    Shape {
        word: "api_key",
        may_be_in: |text| text.contains(['-', '_', '.', ':']) || text.contains("dapi"),
        pattern: concat!(
            r"(?-u:\b)(?:(?:xai-|gsk_|pplx-|hf_|r8_|nvapi-|tvly-|glpat-|npm_|dop_v1_|csk-|shp(?:at|ca|pa|ss)_|pypi-",
            r"|dckr_pat_|lin_api_|sbp_|glsa_|glc_|ntn_|hv[sb]\.|AGE-SECRET-KEY-1)[A-Za-z0-9_-]{20,}",
            r"|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|dapi[0-9a-f]{32}(?-u:\b)",
            r"|discord(?:app)?\.com/api/webhooks/[0-9]{10,}/[A-Za-z0-9_-]{30,})",
            r"|(?:bot|(?-u:\b))[0-9]{8,10}:AA[A-Za-z0-9_-]{32,}",
        ),
        check: looks_random,
    },
];

/// What says who somebody is.
const PERSONAL: &[Shape] = &[
    Shape {
        word: "email",
        may_be_in: |text| text.contains('@') || text.contains("%40"),
        pattern: r"[\w.%+'-]+(?:@|%40)[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}",
        check: is_email,
    },
    Shape {
        word: "ssn",
        may_be_in: has_digits,
        pattern: r"(?-u:\b)[0-9]{3}-[0-9]{2}-[0-9]{4}(?-u:\b)|(?i-u:\b(?:ssn|social security)(?: number| no\.?)?)[ :#=]{0,3}(?:is |was )?[0-9]{3}[ -]?[0-9]{2}[ -]?[0-9]{4}(?-u:\b)",
        check: is_social_security_number,
    },
    Shape {
        word: "phone",
        may_be_in: has_digits,
        pattern: concat!(
            // With + and the country: +44 20 7946 0958.
            r"\+[1-9](?:[ ./()\x{a0}-]{0,2}[0-9]){7,14}",
            // With 00 and the country: 0044 20 7946 0958.
            r"|(?-u:\b)00[1-9][0-9]{0,2}(?:[ ./()-]{1,2}[0-9]{1,5}){2,5}(?-u:\b)",
            // North America: (415) 555-2671, 1-415-555-2671.
            r"|(?:\([2-9][0-9]{2}\) ?|(?-u:\b)(?:1[. -])?[2-9][0-9]{2}[.-])[2-9][0-9]{2}[. -][0-9]{4}(?-u:\b)",
            // France: 06 12 34 56 78.
            r"|(?-u:\b)0[1-9](?:[ .-][0-9]{2}){4}(?-u:\b)",
            // Three groups, the first with a zero: 020 7946 0958.
            r"|(?-u:\b)0[1-9][0-9]{1,3}[ /-][0-9]{3,4}[ -][0-9]{3,4}(?-u:\b)",
        ),
        check: is_phone,
    },
];

/// The names of the rules.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    let word = |shape: &Shape| shape.word;
    [KEY, AUTHORIZATION]
        .into_iter()
        .chain(SECRETS.iter().map(word))
        .chain([AWS_SECRET, ARGUMENT, CARD])
        .chain(PERSONAL.iter().map(word))
}

/// The rules for texts, in the order in which they are applied: what is part of something larger comes
/// after it.
pub(super) fn rules() -> impl Iterator<Item = Result<Rule, RedactError>> {
    [
        Rule::scrub(AUTHORIZATION),
        Rule::search(AWS_SECRET, aws_secret),
    ]
    .into_iter()
    .map(Ok)
    .chain(SECRETS.iter().map(rule))
    .chain([
        Ok(Rule::search(ARGUMENT, secret_argument)),
        Ok(Rule::search(CARD, card)),
    ])
    .chain(PERSONAL.iter().map(rule))
}

fn rule(shape: &Shape) -> Result<Rule, RedactError> {
    let regex = Regex::new(shape.pattern).map_err(|error| RedactError::Pattern {
        rule: shape.word.to_owned(),
        reason: error.to_string(),
    })?;
    Ok(Rule::shape(shape.word, regex, shape.may_be_in, shape.check))
}

fn always(_text: &str, _found: &Range<usize>) -> bool {
    true
}

/// Whether there are as many digits as the shortest number that is looked for.
fn has_digits(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit);
    digits.take(8).count() == 8
}

/// Not the name of a picture, `icon@2x.png`, nor a version, `tool@1.2.3-beta.rc`.
fn is_email(text: &str, found: &Range<usize>) -> bool {
    let email = text.get(found.clone()).unwrap_or_default();
    let domain = email.rsplit_once('@').map_or(email, |(_, domain)| domain);
    let last = domain.rsplit('.').next().unwrap_or_default();
    let is_file = ["png", "jpg", "jpeg", "gif", "svg", "webp"]
        .iter()
        .any(|ending| last.eq_ignore_ascii_case(ending));
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    let is_version = domain.split('.').take(2).all(is_number);
    !is_file && !is_version
}
