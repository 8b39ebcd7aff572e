//! Texts in which something is to be found, and texts that only look so. None of the keys was ever
//! valid.

/// A text and what becomes of it.
pub(super) const FOUND: &[(&str, &str)] = &[
    // email
    ("write to ada@example.com.", "write to [REDACTED:email]."),
    (
        "Ada <ada.l+news@mail.example.co.uk>, bob",
        "Ada <[REDACTED:email]>, bob",
    ),
    (
        "mailto:ada@example.com?subject=x",
        "mailto:[REDACTED:email]?subject=x",
    ),
    ("?to=ada%40example.com&x=1", "?to=[REDACTED:email]&x=1"),
    ("jürgen@müller.de schrieb", "[REDACTED:email] schrieb"),
    ("o'brien@example.org", "[REDACTED:email]"),
    ("(ada@163.com)", "([REDACTED:email])"),
    ("ADA@EXAMPLE.COM", "[REDACTED:email]"),
    // phone
    ("call +44 20 7946 0958 now", "call [REDACTED:phone] now"),
    ("+14155552671", "[REDACTED:phone]"),
    ("+1 (415) 555-2671", "[REDACTED:phone]"),
    ("tel:+49-30-123456", "tel:[REDACTED:phone]"),
    ("+33 1 23 45 67 89", "[REDACTED:phone]"),
    ("+33.1.23.45.67.89", "[REDACTED:phone]"),
    ("+91 98765 43210", "[REDACTED:phone]"),
    ("+86 138 0013 8000", "[REDACTED:phone]"),
    ("0044 20 7946 0958", "[REDACTED:phone]"),
    ("(415) 555-2671", "[REDACTED:phone]"),
    ("call 415-555-2671.", "call [REDACTED:phone]."),
    ("1-800-555-0199", "[REDACTED:phone]"),
    ("415.555.2671", "[REDACTED:phone]"),
    ("06 12 34 56 78", "[REDACTED:phone]"),
    ("020 7946 0958", "[REDACTED:phone]"),
    ("0800 123 4567", "[REDACTED:phone]"),
    // ssn
    ("SSN 123-45-6789", "[REDACTED:ssn]"),
    ("it is 123-45-6789, ok", "it is [REDACTED:ssn], ok"),
    ("ssn: 123456789", "[REDACTED:ssn]"),
    (
        "my social security number is 123 45 6789",
        "my [REDACTED:ssn]",
    ),
    // card
    ("4111111111111111", "[REDACTED:card]"),
    (
        "pay with 4111 1111 1111 1111 123",
        "pay with [REDACTED:card] 123",
    ),
    ("4111-1111-1111-1111, 12/27", "[REDACTED:card], 12/27"),
    ("amex 3782 822463 10005", "amex [REDACTED:card]"),
    ("mc 5555555555554444", "mc [REDACTED:card]"),
    ("2223003122003222", "[REDACTED:card]"),
    ("6011 1111 1111 1117", "[REDACTED:card]"),
    ("3056 930902 5904", "[REDACTED:card]"),
    ("3530111333300000", "[REDACTED:card]"),
    ("4111\u{a0}1111\u{a0}1111\u{a0}1111", "[REDACTED:card]"),
    ("card:4222222222222", "card:[REDACTED:card]"),
    // keys
    (
        "sk-proj-Ab3dEf6hIj9kLmN0pQrStUvWxYz012345",
        "[REDACTED:openai_key]",
    ),
    ("key sk-1234567890abcdefghij.", "key [REDACTED:openai_key]."),
    (
        "sk-or-v1-0123456789abcdef0123456789abcdef",
        "[REDACTED:openai_key]",
    ),
    (
        "sk-ant-api03-Ab3dEf6hIj9kLmN0pQrStUvWx-AA",
        "[REDACTED:anthropic_key]",
    ),
    ("id AKIAIOSFODNN7EXAMPLE", "id [REDACTED:aws_key]"),
    ("ASIAIOSFODNN7EXAMPLE", "[REDACTED:aws_key]"),
    (
        "AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "[REDACTED:aws_key] [REDACTED:aws_secret]",
    ),
    (
        "s: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\nid: AKIAIOSFODNN7EXAMPLE",
        "s: [REDACTED:aws_secret]\nid: [REDACTED:aws_key]",
    ),
    (
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "aws_secret_access_key = [REDACTED:authorization]",
    ),
    (
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "[REDACTED:github_token]",
    ),
    (
        "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz",
        "[REDACTED:github_token]",
    ),
    ("xoxb-123456789012-abcdefGHIJ", "[REDACTED:slack_token]"),
    (
        "https://hooks.slack.com/services/T000/B000/XXXX",
        "https://[REDACTED:slack_token]",
    ),
    (
        "AIzaSyA1234567890abcdefghijklmnopqrstuv",
        "[REDACTED:google_key]",
    ),
    ("ya29.a0AfH6SMBx1234567890abcdef", "[REDACTED:google_key]"),
    ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", "[REDACTED:stripe_key]"),
    ("whsec_abcdefghijklmnopqrstuvwx", "[REDACTED:stripe_key]"),
    ("gsk_0123456789abcdefghijABCDEFGHIJ", "[REDACTED:api_key]"),
    ("hf_abcdefghijklmnop0123456789", "[REDACTED:api_key]"),
    ("glpat-ab12cd34ef56gh78ij90", "[REDACTED:api_key]"),
    ("xai-0123456789abcdefghijklmnop", "[REDACTED:api_key]"),
    (
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmN",
        "[REDACTED:jwt]",
    ),
    (
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nx-y==\n-----END RSA PRIVATE KEY-----\nrest",
        "[REDACTED:private_key]\nrest",
    ),
    ("hvs.CAESIJ1234567890abcdefghijkl", "[REDACTED:api_key]"),
    ("dapi0123456789abcdef0123456789abcdef", "[REDACTED:api_key]"),
    (
        "https://api.telegram.org/bot123456789:AAH1234567890abcdefghijklmnopqrstuv/getMe",
        "https://api.telegram.org/[REDACTED:api_key]/getMe",
    ),
    (
        "discord.com/api/webhooks/123456789012345678/abcdefghijklmnopqrstuvwxyz0123456789",
        "[REDACTED:api_key]",
    ),
    (
        "text.contains(\"-----BEGIN PRIVATE KEY-----\") { return; }",
        "text.contains(\"[REDACTED:private_key]\") { return; }",
    ),
    (
        "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBg",
        "[REDACTED:private_key]",
    ),
    // authorization
    (
        "Authorization: Bearer sk-1234567890abcdefghij",
        "Authorization: [REDACTED:authorization]",
    ),
    (
        "login --password hunter2 -v",
        "login --password [REDACTED:argument] -v",
    ),
    (
        "curl -u ada:hunter2 -s 'https://host'",
        "curl -u ada:[REDACTED:argument] -s 'https://host'",
    ),
    (
        "run --api-key 'abc123def'",
        "run --api-key '[REDACTED:argument]'",
    ),
    ("Bearer abcdef", "Bearer [REDACTED:authorization]"),
    ("Basic YWRhOmxvdmVsYWNl", "Basic [REDACTED:authorization]"),
    (
        "OPENAI_API_KEY=abc",
        "OPENAI_API_KEY=[REDACTED:authorization]",
    ),
    (
        "https://ada:pw@host/?q=rust&token=x",
        "https://REDACTED:REDACTED@host/?q=rust&token=REDACTED",
    ),
    // key
    (
        "{\"n\":1,\"password\":\"hunter2\"}",
        "{\"n\":1,\"password\":\"[REDACTED:key]\"}",
    ),
    // One beside the other.
    (
        "ada@example.com,4111111111111111",
        "[REDACTED:email],[REDACTED:card]",
    ),
    (
        "[REDACTED:email]ada@example.com",
        "[REDACTED:email][REDACTED:email]",
    ),
    (
        "[REDACTED:sk-1234567890abcdefghij]",
        "[REDACTED:[REDACTED:openai_key]]",
    ),
];

/// Texts in which nothing is to be found.
pub(super) const NOT_FOUND: &[&str] = &[
    "",
    "No such file or directory (os error 2)",
    "[REDACTED:email] and [REDACTED]",
    // no email
    "@app.route(\"/x\") and user@host",
    "icon@2x.png and photo@3x.JPG",
    "npm i tool@1.2.3 @scope/tool@1.0.0-beta.rc",
    "a @ b.com, 5 @ 3.50",
    // no phone: timestamps, ids, prices
    "2026-11-21T10:00:00+01:00",
    "1790000000 1790000000000 1790000000000000000",
    "550e8400-e29b-41d4-a716-446655440000",
    "4bf92f3577b34da6a3ce929d0e0e4736",
    "$1,234,567.89 or 1234567.89 or +1 234 567.89 EUR",
    "192.168.100.200:8080, 10.0.0.1",
    "@@ -120,7 +1204,8 @@",
    "build 415-555-26711, v415.555.2671-rc1x",
    "order 0012345678 of 2026/11/21",
    "200 300 4000 500",
    "trains at 0930 1000 1130",
    "ISBN 978-3-16-148410-0",
    "x+14155552671",
    // no ssn
    "000-12-3456 666-12-3456 900-12-3456 123-00-4567 123-45-0000",
    "1123-45-6789 123-45-67890 123-45-6789-1",
    "2026-11-21, 12-34-5678",
    // no card
    "4111111111111112",
    "1234567890123452",
    "0.4111111111111111 and 4111111111111111.5",
    "id_4111111111111111 a4111111111111111b",
    "41111111111111111111111111",
    "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    // no keys
    "sk-learn-contrib-extras-0.1 and task-1234567890abcdefghij",
    "pip install scikit-learn==1.5.0, risk-assessment-2026-01-01-final",
    "AKIA and AKIAIOSFODNN7EXAMPL and AKIAIOSFODNN7EXAMPLEX",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "eyJhbGciOiJIUzI1NiJ9",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
    "docker run -u 1000:1000 x; use --password to say it, --token <TOKEN>, --token $TOKEN",
    "Bearer authentication, Basic usage, token: expected",
    "https://example.com/watch?v=dQw4w9WgXcQ&t=42",
    "msg_01XFDUDYJgAACzvnptvVoYEL chatcmpl-ABC123 call_abc123 toolu_01A09q90qw90lq917835lq9",
    "max_tokens=100, total_tokens: 4096, keyword=shoes",
    "fn main() { println!(\"{}\", a.b@c); }",
];

/// Secrets of standard shapes that survive nowhere among words.
pub(super) const PLANTED: &[&str] = &[
    "ada@example.com",
    "+44 20 7946 0958",
    "(415) 555-2671",
    "123-45-6789",
    "4111111111111111",
    "5555 5555 5555 4444",
    "sk-proj-Ab3dEf6hIj9kLmN0pQrStUvWxYz012345",
    "sk-ant-api03-Ab3dEf6hIj9kLmN0pQrStUvWx-AA",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz",
    "xoxb-123456789012-abcdefGHIJ",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmN",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----",
    "Bearer Ab3dEf6hIj9k",
    "Basic YWRhOmxvdmVsYWNl",
];
