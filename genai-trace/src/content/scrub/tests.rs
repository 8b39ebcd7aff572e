//! Where credentials are found in texts, and where not.

use std::borrow::Cow;

use proptest::prelude::*;

use super::*;

/// A text and what becomes of it.
const FOUND: &[(&str, &str)] = &[
    // URLs
    ("https://ada:pw@host/x", "https://REDACTED:REDACTED@host/x"),
    ("https://ghp_123@host", "https://REDACTED@host"),
    (
        "redis://:pw@host:6379/0",
        "redis://REDACTED:REDACTED@host:6379/0",
    ),
    ("postgres://u:p/w@db/x", "postgres://REDACTED:REDACTED@db/x"),
    ("postgres://u:p@w@db/x", "postgres://REDACTED:REDACTED@db/x"),
    (
        "http://h/p?key=a&b=c#t=d",
        "http://h/p?key=REDACTED&b=REDACTED#t=REDACTED",
    ),
    (
        "(http://h/p?key=a): timed out",
        "(http://h/p?key=REDACTED): timed out",
    ),
    (
        "http://h?a=1&a=2;c=3",
        "http://h?a=REDACTED&a=REDACTED;c=REDACTED",
    ),
    (
        "{\"url\":\"http://h?a=1\",\"b\":2}",
        "{\"url\":\"http://h?a=REDACTED\",\"b\":2}",
    ),
    (
        "url: \"http://h/?sig=ab%2Fc%3D\", x",
        "url: \"http://h/?sig=REDACTED\", x",
    ),
    ("http://[::1]:80/?sig=ü", "http://[::1]:80/?sig=REDACTED"),
    (
        "http://a?k=1 http://b?k=2",
        "http://a?k=REDACTED http://b?k=REDACTED",
    ),
    // Without a scheme only what says that it is secret.
    (
        "GET /v1/models?key=abc&alt=sse HTTP",
        "GET /v1/models?key=REDACTED&alt=sse HTTP",
    ),
    (
        "/x?a=1&X-Amz-Signature=ff0",
        "/x?a=1&X-Amz-Signature=REDACTED",
    ),
    (
        "/cb#access_token=abc&state=1",
        "/cb#access_token=REDACTED&state=1",
    ),
    // Headers
    ("Authorization: Bearer abc.def", "Authorization: [REDACTED]"),
    (
        "authorization: Basic YTpi, host: h",
        "authorization: [REDACTED], host: h",
    ),
    ("authorization: abc", "authorization: [REDACTED]"),
    (
        "Proxy-Authorization: Basic YTpi",
        "Proxy-Authorization: [REDACTED]",
    ),
    (
        "{\"authorization\": \"Bearer abc def\"}",
        "{\"authorization\": \"[REDACTED]\"}",
    ),
    (
        "\"{\\\"authorization\\\":\\\"Bearer abc\\\"}\"",
        "\"{\\\"authorization\\\":\\\"[REDACTED]\\\"}\"",
    ),
    (
        "Authorization: AWS4-HMAC-SHA256 Credential=AK/1, Signature=ff\nHost: h",
        "Authorization: [REDACTED]\nHost: h",
    ),
    ("X-Api-Key:[abc]", "X-Api-Key:[[REDACTED]]"),
    ("x-api-key: abc", "x-api-key: [REDACTED]"),
    ("api-key=abc; next", "api-key=[REDACTED]; next"),
    ("invalid API key: abc123", "invalid API key: [REDACTED]"),
    (
        "OPENAI_API_KEY=abc cargo run",
        "OPENAI_API_KEY=[REDACTED] cargo run",
    ),
    ("Cookie: a=b; c=d\nX: y", "Cookie: [REDACTED]\nX: y"),
    ("'api_key' => 'abc'", "'api_key' => '[REDACTED]'"),
    ("api_key => abc", "api_key => [REDACTED]"),
    // Schemes
    ("used Bearer abc123 for it", "used Bearer [REDACTED] for it"),
    ("bearer xyz", "bearer [REDACTED]"),
    (
        "curl -H 'bearer: no' Bearer é",
        "curl -H 'bearer: no' Bearer é",
    ),
    ("sent Basic YWRhOnB3 to", "sent Basic [REDACTED] to"),
    // Names
    (
        "host=db password=hunter2 port=5",
        "host=db password=[REDACTED] port=5",
    ),
    (
        "{\"password\":\"hunter2\"}",
        "{\"password\":\"[REDACTED]\"}",
    ),
    ("token=abc", "token=[REDACTED]"),
    (
        "\"password\": \"hun\\\"ter2\", x",
        "\"password\": \"[REDACTED]\", x",
    ),
    (
        "\\\"password\\\": \\\"hun\\\\\\\"ter2\\\", x",
        "\\\"password\\\": \\\"[REDACTED]\\\", x",
    ),
    (
        "Config { password: \"hunter2\", port: 5 }",
        "Config { password: \"[REDACTED]\", port: 5 }",
    ),
    (
        "Config { password: Some(\"hunter2\"), api_key: Some(Key(\"abc\")) }",
        "Config { password: Some(\"[REDACTED]\"), api_key: Some(Key(\"[REDACTED]\")) }",
    ),
    (
        "{'client_secret': b'abc'}",
        "{'client_secret': b'[REDACTED]'}",
    ),
    ("clientSecret: 'abc'", "clientSecret: '[REDACTED]'"),
    (
        "db:\n  password: hunter2\n  port: 5",
        "db:\n  password: [REDACTED]\n  port: 5",
    ),
    ("X-Vault-Token: hvs.x1", "X-Vault-Token: [REDACTED]"),
    (
        "[(\"x-api-key\", \"abc\"), (\"a\", \"b\")]",
        "[(\"x-api-key\", \"[REDACTED]\"), (\"a\", \"b\")]",
    ),
    (
        "AccountName=x;AccountKey=abc==;Suffix=y",
        "AccountName=x;AccountKey=REDACTED;Suffix=y",
    ),
    ("DB_PASS=abc", "DB_PASS=[REDACTED]"),
    (
        "OUR_COMPANY_PRODUCTION_DATABASE_MASTER_USER_LOGIN_PASSWORD=abc",
        "OUR_COMPANY_PRODUCTION_DATABASE_MASTER_USER_LOGIN_PASSWORD=[REDACTED]",
    ),
    (
        "$env:GITHUB_TOKEN = 'abc'",
        "$env:GITHUB_TOKEN = '[REDACTED]'",
    ),
    (
        "jdbc:sqlserver://h;user=sa;password=abc;",
        "jdbc:sqlserver://h;user=sa;password=REDACTED;",
    ),
    (
        "Incorrect API key provided: sk-proj-1abc.",
        "Incorrect API key provided: [REDACTED]",
    ),
    // Schemes of `Authorization` that have no name here.
    (
        "Authorization: SharedKey account:c2ln0=",
        "Authorization: [REDACTED]",
    ),
    (
        "Authorization: Digest username=\"a\", response=\"ff\"\nHost: h",
        "Authorization: [REDACTED]\nHost: h",
    ),
    (
        "-H \"Authorization: Hawk id=1, mac=2\" https://h",
        "-H \"Authorization: [REDACTED]\" https://h",
    ),
    // Percent-encoded
    (
        "to=https%3A%2F%2Fh%3Ftoken%3Dabc%26x%3D1&y=2",
        "to=https%3A%2F%2Fh%3Ftoken%3DREDACTED%26x%3D1&y=2",
    ),
    ("auth=Bearer%20abc1", "auth=Bearer%20[REDACTED]"),
    ("authorization: [REDACTED]x", "authorization: [REDACTED]"),
    (
        "Authorization: Bearer [REDACTED]",
        "Authorization: [REDACTED]",
    ),
];

/// Texts that stay as they are.
const NOT_FOUND: &[&str] = &[
    "",
    "no such file or directory (os error 2)",
    "https://host:8080/@scope/package",
    "https://host/path#section",
    "see https://docs.rs/serde?",
    "12:30:45.123 ERROR a::b: unexpected token: `}`",
    "Bearer authentication is required",
    "the bearer of bad news",
    "WWW-Authenticate: Bearer realm=\"api\", error=\"invalid_token\"",
    "Basic authentication failed",
    "basic usage: see below",
    "max_tokens=100 token_count=5 tokens: 12",
    "authorization::Error in module",
    "?keyword=shoes&author=bob",
    "x == y, a := b",
    "authorization: [REDACTED]",
    "authorization: [REDACTED:authorization], x",
    "{\"authorization\":\"[REDACTED]\"}",
    "x-api-key header is required",
    "ünïcode: ✓ = ☃",
    // Source code says where secrets come from, and stays.
    "pub struct Lexer { token: usize, tokens: Vec<Token> }",
    "    pub secret: Option<String>,\n    hash: sha256\n    token: uint256\n",
    "let token = lexer.next_token();",
    "if token == Token::Eof { self.token = token; }",
    "login(user=user, password=password, token=self.token)",
    "client = Client(api_key=os.environ[\"OPENAI_API_KEY\"])",
    "let api_key = env::var(\"OPENAI_API_KEY\")?;",
    "const token = await getToken(req); const secret = process.env.SECRET;",
    "token => handle(token)",
    "API_KEY=${API_KEY} OTHER_KEY=x OPENAI_API_KEY=$OPENAI_API_KEY cargo run",
    "api_key=<your-api-key>",
    "api_key: Option<String>, apikey: String,",
    // So do sentences that speak of them.
    "the password: is wrong",
    "unexpected token: \"}\"",
    "authorization: denied by policy",
    "The API key: where to find it",
    "Cookie: the new policy",
    "[\"authorization\", \"x-api-key\"]",
    "(\"password\", \"user\")",
    "100%3D, 5%",
];

#[test]
fn credentials_are_replaced_and_nothing_around_them() {
    for (text, expected) in FOUND {
        assert_eq!(scrub(text), *expected, "{text}");
        assert!(may_tell("app.note", text), "{text}");
    }
}

#[test]
fn what_is_no_credential_stays_and_is_borrowed() {
    for text in NOT_FOUND {
        let scrubbed = scrub(text);
        assert_eq!(scrubbed, *text);
        assert!(matches!(scrubbed, Cow::Borrowed(_)), "{text}");
    }
}

#[test]
fn content_keeps_the_values_of_a_query_that_are_no_secrets() {
    let text = "https://a:b@h/watch?v=abc&token=x, Bearer abc";
    assert_eq!(
        scrub_content(text, "[REDACTED:authorization]"),
        "https://REDACTED:REDACTED@h/watch?v=abc&token=REDACTED, Bearer [REDACTED:authorization]"
    );
}

#[test]
fn many_triggers_are_gone_through_once() {
    for trigger in [
        "authorization:",
        "b:=",
        "a://",
        "x://u:p/",
        "Bearer ",
        "\\\" :",
        "http://a@b?c=d ",
        "a://b",
        "\"x-api-key\",\"",
        "token%3D",
        "%3D",
        "password=\"\\",
        "token: Some(",
        "authorization: a ",
        "passwd:",
        "secret:=",
        "token==",
        "cookie:",
        "bearer=",
    ] {
        let text = trigger.repeat(200_000 / trigger.len());
        let scrubbed = scrub(&text);
        assert_eq!(scrub(&scrubbed), scrubbed);
        assert!(!scrub_content(&text, REDACTED).is_empty());
    }
}

#[test]
fn calls_within_each_other_take_no_stack() {
    let text = format!("password: {}\"x", "Aa(".repeat(1_000_000));
    assert!(!scrub(&text).is_empty());
    assert!(!scrub_content(&text, REDACTED).is_empty());
}

/// Texts made of what the code looks for.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "://",
            "http://",
            "?",
            "&",
            "=",
            ":",
            "@",
            "#",
            "/",
            "key",
            "authorization",
            "Bearer ",
            "basic ",
            "x-api-key",
            "[REDACTED]",
            "[REDACTED:x]",
            "[",
            "]",
            "\"",
            "'",
            "\\",
            " ",
            "\n",
            "é",
            "token",
            "YTpi",
            "password=",
            ";",
            ")",
            ".",
            "REDACTED",
            "cookie",
            "Cookie",
            "%3D",
            "%3A",
            ",",
            "(",
            "\t",
            "--",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
        "[a-z0-9]{1,6}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Such texts, with and without what most of them have.
fn signs_and_others() -> impl Strategy<Value = String> {
    prop_oneof![
        texts(),
        texts().prop_map(|text| text.replace([':', '='], "")),
        texts().prop_map(|text| text.replace([':', '=', ' '], "\t")),
        texts().prop_map(|text| text.replace(|c: char| " \"'%&#(),=:;?".contains(c), "")),
    ]
}

proptest! {
    #[test]
    fn any_text_is_scrubbed_once_for_all(text in texts()) {
        let once = scrub(&text);
        prop_assert_eq!(&scrub(&once), &once);
        let once = scrub_content(&text, "[REDACTED:x]");
        prop_assert_eq!(&scrub_content(&once, "[REDACTED:x]"), &once);
    }

    #[test]
    fn nothing_is_found_where_an_attribute_shows_no_sign_of_it(text in signs_and_others()) {
        prop_assert!(may_tell("app.note", &text) || matches!(scrub(&text), Cow::Borrowed(_)), "{text:?}");
    }

    #[test]
    fn only_the_secret_changes(before in "[a-z ,é]{0,20}", secret in "[A-Z0-9]{8,20}", after in "[a-z ,é]{0,20}") {
        let text = format!("{before} http://host/p?key={secret} {after}");
        prop_assert_eq!(scrub(&text), format!("{before} http://host/p?key=REDACTED {after}"));
        let text = format!("{before} x-api-key: {secret} {after}");
        prop_assert_eq!(scrub(&text), format!("{before} x-api-key: [REDACTED] {after}"));
    }
}
