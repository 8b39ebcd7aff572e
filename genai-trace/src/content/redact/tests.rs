//! What is found and what is not, rule by rule, and what becomes of JSON.

mod cases;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::json;

use self::cases::{FOUND, NOT_FOUND};
use super::*;

static STANDARD: LazyLock<Redactor> = LazyLock::new(|| Redactor::standard().unwrap());

fn redacted(root: &str, value: Value) -> Value {
    let mut value = value;
    STANDARD.redact_json(root, &mut value);
    value
}

#[test]
fn what_a_rule_is_for_is_found() {
    for (text, expected) in FOUND {
        assert_eq!(STANDARD.redact(text), *expected, "{text}");
    }
}

#[test]
fn what_only_looks_like_it_stays_and_is_borrowed() {
    for text in NOT_FOUND {
        let redacted = STANDARD.redact(text);
        assert_eq!(redacted, *text);
        assert!(matches!(redacted, Cow::Borrowed(_)), "{text}");
    }
}

#[test]
fn every_standard_rule_has_a_case() {
    let tested: BTreeSet<_> = standard::words()
        .filter(|word| {
            FOUND
                .iter()
                .any(|(_, redacted)| redacted.contains(&mark::of(word)))
        })
        .collect();
    assert_eq!(tested, standard::words().collect());
}

#[test]
fn a_value_goes_whose_key_is_secret_at_any_depth_in_any_spelling() {
    let key = "[REDACTED:key]";
    assert_eq!(
        redacted(
            "arguments",
            json!({
                "user": "ada", "Password": "x", "API-Key": {"v": 1}, "openaiApiKey": "y", "n": 5,
                "deep": [[{"client_secret": ["a", "b"], "token": 77, "max_tokens": 100}]],
                "authorization": "Basic x", "ssn": 123456789, "password_hint": "dog",
            })
        ),
        json!({
            "user": "ada", "Password": key, "API-Key": key, "openaiApiKey": key, "n": 5,
            "deep": [[{"client_secret": key, "token": key, "max_tokens": 100}]],
            "authorization": key, "ssn": key, "password_hint": "dog",
        })
    );
}

#[test]
fn a_key_that_is_secret_or_personal_itself_goes_and_no_value_with_it() {
    assert_eq!(
        redacted(
            "",
            json!({"ada@example.com": 1, "bob@example.com": 2, "role": "user", "x": {"AKIAIOSFODNN7EXAMPLE": 3}})
        ),
        json!({"[REDACTED:email]": 1, "[REDACTED:email] #2": 2, "role": "user", "x": {"[REDACTED:aws_key]": 3}})
    );
    let redactor = Redactor::builder()
        .rule("word", "role|Ada")
        .build()
        .unwrap();
    let mut value = json!({"role": "x", "Ada Lovelace": 36});
    redactor.redact_json("", &mut value);
    assert_eq!(value, json!({"role": "x", "[REDACTED:word] Lovelace": 36}));
}

#[test]
fn a_value_goes_beside_a_name_that_is_secret() {
    let key = "[REDACTED:key]";
    assert_eq!(
        redacted(
            "",
            json!({"env": [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "HOME", "value": "/root"}],
                "headers": [["x-api-key", "abc"], ["accept", "*/*"]], "allowed": ["authorization", "cookie"]})
        ),
        json!({"env": [{"name": "DB_PASSWORD", "value": key}, {"name": "HOME", "value": "/root"}],
            "headers": [["x-api-key", key], ["accept", "*/*"]], "allowed": ["authorization", "cookie"]})
    );
}

#[test]
fn what_holds_nothing_stays_under_a_secret_key() {
    let value = json!({"password": null, "secret": "", "token": false});
    assert_eq!(redacted("", value.clone()), value);
}

#[test]
fn the_definition_of_a_tool_keeps_what_it_says_of_its_parameters() {
    let tool = |default: &str| {
        json!([{"type": "function", "name": "login", "parameters": {"type": "object", "properties": {
            "password": {"type": "string", "description": "of the account", "default": default},
        }}}])
    };
    assert_eq!(redacted("tools", tool("hunter2")), tool("[REDACTED:key]"));
    let held = redacted(
        "",
        json!({"properties": {"password": "hunter2", "token": {"value": "x"}}}),
    );
    assert_eq!(
        held,
        json!({"properties": {"password": "[REDACTED:key]", "token": "[REDACTED:key]"}})
    );
}

#[test]
fn json_in_a_text_is_looked_into() {
    let arguments = json!({"password": "hunter2", "to": ["ada@example.com"], "n": 1}).to_string();
    let call = json!({"function": {"name": "login", "arguments": arguments}});
    let left = redacted("", call);
    let left: Value =
        serde_json::from_str(left["function"]["arguments"].as_str().unwrap()).unwrap();
    assert_eq!(
        left,
        json!({"password": "[REDACTED:key]", "to": ["[REDACTED:email]"], "n": 1})
    );
}

#[test]
fn json_in_a_text_hides_nothing_by_saying_a_key_twice() {
    let text = r#"{"note": "write to ada@example.com", "note": "none"}"#;
    assert!(!STANDARD.redact(text).contains("ada"));
}

#[test]
fn json_in_a_text_keeps_its_spaces_where_nothing_is_found() {
    let text = "{ \"a\": [ 1, 2 ],\n \"token\": null, \"properties\": {\"password\": {\"type\": \"string\"}} }";
    assert_eq!(STANDARD.redact(text), text);
}

#[test]
fn the_number_of_a_card_is_found_as_a_number() {
    let value = json!([
        4111111111111111_u64,
        4111111111111112_u64,
        1790000000000000000_u64,
        4111111111111111.0,
        0.5
    ]);
    let card = "[REDACTED:card]";
    assert_eq!(
        redacted("", value),
        json!([
            card,
            4111111111111112_u64,
            1790000000000000000_u64,
            card,
            0.5
        ])
    );
}

#[test]
fn a_path_of_a_users_own_takes_the_value_with_it() {
    let redactor = Redactor::builder()
        .key("arguments.customer.name")
        .key("*.notes")
        .build()
        .unwrap();
    let mut arguments =
        json!({"customer": {"name": {"first": "Ada"}, "age": 36}, "x": [{"Notes": "n"}]});
    redactor.redact_json("arguments", &mut arguments);
    let key = "[REDACTED:key]";
    assert_eq!(
        arguments,
        json!({"customer": {"name": key, "age": 36}, "x": [{"Notes": key}]})
    );
    let mut messages = json!([{"role": "assistant", "parts": [
        {"type": "tool_call", "name": "save", "arguments": {"customer": {"name": "Ada"}}},
    ]}]);
    redactor.redact_json("output", &mut messages);
    assert_eq!(
        messages[0]["parts"][0]["arguments"]["customer"]["name"],
        key
    );
}

#[test]
fn a_rule_of_a_users_own_has_its_word() {
    let redactor = Redactor::builder()
        .rule("name", r"\b(?:Ada|Grace) \w+")
        .rule("zip", r"\b\d{5}\b")
        .build()
        .unwrap();
    assert_eq!(
        redactor.redact("Ada Lovelace, 12345 London, ada@example.com"),
        "[REDACTED:name], [REDACTED:zip] London, [REDACTED:email]"
    );
    let mut value = json!({"zip": 12345});
    redactor.redact_json("", &mut value);
    assert_eq!(value, json!({"zip": "[REDACTED:zip]"}));
}

#[test]
fn a_rule_that_finds_nothing_but_gaps_or_marks_changes_nothing() {
    let redactor = Redactor::builder()
        .rule("gap", "q*")
        .rule("shout", "[A-Z]{5,}")
        .build()
        .unwrap();
    assert_eq!(redactor.redact("ada@example.com é"), "[REDACTED:email] é");
    assert_eq!(
        redactor.redact("qq LOUD LOUDER"),
        "[REDACTED:gap] LOUD [REDACTED:shout]"
    );
    assert_eq!(redactor.failures(), 0);
}

#[test]
fn a_hook_sees_the_text_first_and_the_rules_see_what_it_leaves() {
    let redactor = Redactor::builder()
        .hook(|path, text| {
            (path == "arguments.note").then(|| format!("{text}, call +44 20 7946 0958"))
        })
        .build()
        .unwrap();
    let mut value = json!({"note": "hello", "other": "hello"});
    redactor.redact_json("arguments", &mut value);
    assert_eq!(
        value,
        json!({"note": "hello, call [REDACTED:phone]", "other": "hello"})
    );
}

#[test]
fn a_hook_that_panics_drops_the_text_and_is_counted() {
    let redactor = Redactor::builder()
        .hook(|_, text| match text.contains("boom") {
            true => std::panic::panic_any(()),
            false => None,
        })
        .build()
        .unwrap();
    let mut value = json!(["boom ada@example.com", "fine"]);
    redactor.redact_json("", &mut value);
    assert_eq!(value, json!(["[REDACTED:failed]", "fine"]));
    assert_eq!(redactor.failures(), 1);
    assert_eq!(redactor.redact("boom"), "[REDACTED:failed]");
    assert_eq!(redactor.failures(), 2);
}

#[test]
fn a_standard_rule_can_be_left_out() {
    let redactor = Redactor::builder()
        .without("phone")
        .without("key")
        .build()
        .unwrap();
    let text = "call +44 20 7946 0958 or ada@example.com";
    assert_eq!(
        redactor.redact(text),
        "call +44 20 7946 0958 or [REDACTED:email]"
    );
    let mut value = json!({"pin": 1, "password": "hunter2"});
    redactor.redact_json("", &mut value);
    assert_eq!(value, json!({"pin": 1, "password": "hunter2"}));
}

#[test]
fn rules_that_mean_nothing_are_named() {
    let errors = [
        Redactor::builder().rule("Name", "x"),
        Redactor::builder().rule("name", "("),
        Redactor::builder().without("iban"),
        Redactor::builder().key("a..b"),
    ]
    .map(|builder| builder.build().unwrap_err().to_string());
    assert_eq!(
        errors[0],
        "the rule is called \"Name\": expected 1 to 24 of a-z and _"
    );
    assert!(
        errors[1].starts_with("the pattern of the rule \"name\" is none: "),
        "{}",
        errors[1]
    );
    assert!(
        errors[2].starts_with(
            "no standard rule is called \"iban\": expected one of key, authorization, "
        ),
        "{}",
        errors[2]
    );
    assert_eq!(
        errors[3],
        "the path of a key is \"a..b\": expected keys with dots in between, * for any"
    );
}

#[test]
fn data_is_not_searched() {
    let data = format!("{}AKIAIOSFODNN7EXAMPLE/", "iVBORw0KGgo/".repeat(30));
    assert_eq!(STANDARD.redact(&data), data);
}

#[test]
fn what_is_nested_too_deep_is_dropped() {
    let mut value = json!("ada@example.com");
    for _ in 0..1000 {
        value = json!([value]);
    }
    assert!(!redacted("", value).to_string().contains("ada"));
    let text = format!(
        "{}\"ada@example.com\"{}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    assert!(!STANDARD.redact(&text).contains("ada"));
}

/// Texts made of what the rules look for.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(
            FOUND
                .iter()
                .flat_map(|(text, redacted)| [*text, *redacted])
                .collect::<Vec<_>>()
        )
        .prop_map(str::to_owned),
        prop::sample::select(vec![
            "@",
            "+",
            "-",
            " ",
            ".",
            "4111",
            "1111 1111 1111",
            "sk-",
            "\"",
            ":",
            "{",
            "}",
            "[",
            "]",
            "password",
            "eyJ",
            "é",
            "\\",
            ",",
            "://",
            "00",
            "-----BEGIN PRIVATE KEY-----",
            "-----",
            "AKIA",
            "Bearer ",
        ])
        .prop_map(str::to_owned),
        "[a-zA-Z0-9]{1,20}",
        "[0-9]{1,9}",
    ];
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_redacted_once_for_all(text in texts()) {
        let once = STANDARD.redact(&text);
        prop_assert_eq!(&STANDARD.redact(&once), &once);
    }

    #[test]
    fn any_value_is_redacted_once_for_all(texts in prop::collection::vec(texts(), 1..5), key in "[a-z]{1,5}|token|properties") {
        let inner = json!({&key: &texts, "text": texts.concat()});
        let value = json!({"json": inner.to_string(), &key: inner});
        let once = redacted("", value);
        prop_assert_eq!(redacted("", once.clone()), once);
    }

    #[test]
    fn a_secret_does_not_survive_among_words(
        before in "[a-z ,.:é\n]{0,30}",
        secret in prop::sample::select(cases::PLANTED),
        after in "[a-z ,:é\n]{0,30}",
    ) {
        let text = format!("{before} {secret} {after}");
        prop_assert!(!STANDARD.redact(&text).contains(secret), "{}", text);
        let value = json!([{"content": text, "arguments": json!({"x": secret}).to_string()}]);
        prop_assert!(!redacted("", value).to_string().contains(secret));
    }
}
