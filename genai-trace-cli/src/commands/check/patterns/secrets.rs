//! Keys and tokens by their shapes.

use std::sync::LazyLock;

use regex::Regex;

use super::encoded;

/// What keys of this kind are like; examples in documents are none.
static SECRET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
        r"|\bgh[pousr]_[A-Za-z0-9]{36,}",
        r"|\bgithub_pat_[A-Za-z0-9_]{50,}",
        r"|\bglpat-[A-Za-z0-9_-]{20,}",
        r"|\bsk-[A-Za-z0-9_-]{20,}",
        r"|\bsk_live_[A-Za-z0-9]{24,}",
        r"|\bxox[abprs]-[A-Za-z0-9-]{20,}",
        r"|\bAIza[0-9A-Za-z_-]{35}",
        r"|\bhf_[A-Za-z0-9]{30,}",
        r"|\bnpm_[A-Za-z0-9]{36}",
        r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
        r"|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    ))
    .ok()
});

/// A key in a text, said by how it begins and how long it is: findings are read by many.
pub(super) fn plain(text: &str) -> Option<String> {
    let pattern = SECRET.as_ref()?;
    let found = pattern.find_iter(text).map(|found| found.as_str());
    let secret = found.into_iter().find(|secret| is_real(secret))?;
    let front: String = secret.chars().take(4).collect();
    Some(format!("{front}… of {} characters", secret.chars().count()))
}

/// The same in what base 64 in the text stands for.
pub(super) fn encoded(text: &str) -> Option<String> {
    encoded::texts(text).find_map(|text| plain(&text))
}

/// Whether a key is more than an example: `sk-learn-contrib-extras-more` and `AKIAIOSFODNN7EXAMPLE` are not.
fn is_real(secret: &str) -> bool {
    if secret.starts_with("-----") {
        return true;
    }
    let lower = secret.to_ascii_lowercase();
    let is_example = ["example", "xxxx", "1234567890", "placeholder", "redacted"]
        .iter()
        .any(|word| lower.contains(word));
    let has_digit = secret.bytes().any(|byte| byte.is_ascii_digit());
    let longest = secret.split(['-', '_', '.']).map(str::len).max();
    has_digit && longest >= Some(10) && !is_example
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Put together here, so that no scanner takes them for real.
    fn keys() -> Vec<String> {
        let random = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5hJ7k";
        vec![
            format!("AKIA{}", "J4KLM5NOP6QRS7TU"),
            format!("ghp_{}", &random[..36]),
            format!("sk-ant-api03-{random}"),
            format!("xoxb-{}", &random[..30]),
            format!("AIza{}", &random[..35]),
            format!("-----BEGIN RSA {}-----", "PRIVATE KEY"),
            format!("eyJ{0}.eyJ{0}.{0}", &random[..20]),
        ]
    }

    #[test]
    fn keys_are_found_and_never_said() {
        for key in keys() {
            let found = plain(&format!("use {key} for it")).unwrap_or_default();
            assert!(!found.is_empty(), "{key}");
            assert!(!found.contains(&key), "{found}");
        }
    }

    #[test]
    fn examples_and_names_are_no_keys() {
        for text in [
            "AKIAIOSFODNN7EXAMPLE",
            "sk-learn-contrib-extras-and-more",
            "sk-xxxxxxxxxxxxxxxxxxxxxxxx",
            "ghp_short",
            "hf_hub_download(repo_id, filename_of_the_model_weights)",
            "-----BEGIN PUBLIC KEY-----",
            "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
        ] {
            assert_eq!(plain(text), None, "{text}");
        }
    }

    #[test]
    fn keys_in_base_64_are_found() {
        // `token ghp_aB3d..` in base 64.
        let text = "dG9rZW4gZ2hwX2FCM2RFNWdIN2pLOW1OMXBRM3NUNXZXN3laOWJDMWRFM2ZHNQ==";
        assert!(encoded(text).is_some());
        assert_eq!(encoded("dGhlIHBhc3N3b3JkIGlzIGh1bnRlcjI="), None);
    }
}
