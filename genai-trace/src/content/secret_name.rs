//! Names that say that what goes by them is secret.

/// The ends of such names, without case and without what separates words: `OPENAI_API_KEY` and
/// `openaiApiKey` both end in `apikey`.
const SECRET_ENDS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "pwd",
    "passcode",
    "secret",
    "secrets",
    "secretkeybase",
    "token",
    "apikey",
    "apikeys",
    "secretkey",
    "accesskey",
    "privatekey",
    "accountkey",
    "applicationkey",
    "authkey",
    "encryptionkey",
    "licensekey",
    "masterkey",
    "servicerolekey",
    "signingkey",
    "subscriptionkey",
    "accesssignature",
    "dbpass",
    "mysqlpass",
    "redispass",
    "rootpass",
    "smtppass",
    "userpass",
    "authorization",
    "credential",
    "credentials",
    "sessionid",
    "cookie",
    "cookies",
    "jwt",
    "connectionstring",
];

/// Tokens that open nothing: they name a place in a list, or a sign of a tokenizer.
const NO_SECRETS: &[&str] = &[
    "pagetoken",
    "nexttoken",
    "continuationtoken",
    "synctoken",
    "eostoken",
    "bostoken",
    "padtoken",
    "unktoken",
    "septoken",
    "clstoken",
    "masktoken",
    "stoptoken",
    "firsttoken",
    "lasttoken",
    "pertoken",
    "outputtoken",
    "inputtoken",
    "cancellationtoken",
];

/// Names that are secret in the query of a URL only.
const SECRET_QUERIES: &[&str] = &[
    "key",
    "sig",
    "auth",
    "pass",
    "pat",
    "sid",
    "appid",
    "awsaccesskeyid",
];

/// Names of what says who a person is, in data.
#[cfg(feature = "redact")]
const PERSONAL: &[&str] = &[
    "ssn",
    "socialsecuritynumber",
    "cardnumber",
    "creditcard",
    "creditcardnumber",
    "cvv",
    "cvc",
];

/// A name without case and without what separates words.
pub(crate) fn plain(name: &str) -> String {
    name.chars()
        .filter(|char| !matches!(char, '-' | '_' | ' ' | '.'))
        .map(|char| char.to_ascii_lowercase())
        .collect()
}

/// Whether a [plain] name says that something is secret.
pub(crate) fn is_secret(plain: &str) -> bool {
    ends_in(plain, SECRET_ENDS) && !ends_in(plain, NO_SECRETS)
}

/// The same for a name in the query of a URL.
pub(super) fn is_secret_query(plain: &str) -> bool {
    is_secret(plain) || plain.ends_with("signature") || SECRET_QUERIES.contains(&plain)
}

/// The same for a name in data.
#[cfg(feature = "redact")]
pub(super) fn is_secret_key(plain: &str) -> bool {
    is_secret(plain) || PERSONAL.contains(&plain)
}

/// Whether a [plain] name is that of a header that carries a secret, and of nothing else.
pub(super) fn is_header(plain: &str) -> bool {
    ends_in(
        plain,
        &["authorization", "apikey", "subscriptionkey", "cookie"],
    ) || matches!(
        plain,
        "xauthtoken"
            | "xauthkey"
            | "xamzsecuritytoken"
            | "xsubscriptiontoken"
            | "xvaulttoken"
            | "xaccesstoken"
            | "xcsrftoken"
            | "xxsrftoken"
            | "privatetoken"
            | "jobtoken"
            | "ddapplicationkey"
    )
}

fn ends_in(plain: &str, ends: &[&str]) -> bool {
    ends.iter().any(|end| plain.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_in_any_spelling() {
        for name in [
            "password",
            "DB_PASSWORD",
            "apiKey",
            "X-Api-Key",
            "githubToken",
            "client_secret",
        ] {
            assert!(is_secret(&plain(name)), "{name}");
        }
        for name in [
            "max_tokens",
            "next_page_token",
            "time_to_first_token",
            "keyword",
            "author",
            "pass_rate",
        ] {
            assert!(!is_secret(&plain(name)), "{name}");
        }
    }

    #[test]
    fn a_query_has_names_of_its_own() {
        for name in [
            "key",
            "sig",
            "X-Amz-Signature",
            "X-Amz-Credential",
            "X-Amz-Security-Token",
            "AWSAccessKeyId",
        ] {
            assert!(is_secret_query(&plain(name)), "{name}");
        }
        for name in ["keyword", "q", "page", "author", "X-Amz-Date"] {
            assert!(!is_secret_query(&plain(name)), "{name}");
        }
    }
}
