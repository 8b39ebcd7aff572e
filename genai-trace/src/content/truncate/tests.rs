//! What is left of texts and of JSON.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::content::size::bytes_of;

fn truncated(value: Value, chars: usize, bytes: usize) -> Value {
    let mut value = value;
    truncate_json(&mut value, chars, bytes);
    value
}

#[test]
fn a_text_is_cut_at_a_character_and_says_how_long_it_was() {
    let text = "ä".repeat(501);
    let cut = truncate_text(&text, 500);
    assert_eq!(cut.chars().count(), 500);
    assert!(cut.ends_with("ä… [truncated, 501 characters]"));
    assert_eq!(truncate_text(&"ä".repeat(500), 500).len(), 1000);
}

#[test]
fn a_limit_without_room_for_the_note_is_kept_all_the_same() {
    for (most, left) in [
        (0, ""),
        (1, "…"),
        (3, "ab…"),
        (28, "abcdefghijabcdefghijabcdefg…"),
    ] {
        assert_eq!(truncate_text(&"abcdefghij".repeat(4), most), left);
    }
}

#[test]
fn data_goes_as_a_whole() {
    let data = "iVBORw0KGgo/".repeat(100);
    assert_eq!(truncate_text(&data, 500), "[base64, 1200 characters]");
    assert_eq!(truncate_text(&data, 1200), data);
}

#[test]
fn every_text_in_a_value_is_cut_and_the_rest_stays() {
    let long = "word ".repeat(30);
    let value = json!({"a": [long, 1, null], "b": {"c": true, "d": "short"}});
    let cut = "word word… [truncated, 150 characters]";
    assert_eq!(
        truncated(value, 38, 1000),
        json!({"a": [cut, 1, null], "b": {"c": true, "d": "short"}})
    );
}

#[test]
fn a_message_is_one_however_little_is_kept_of_its_texts() {
    let message = |text: &str| {
        json!([{"role": "assistant", "finish_reason": "stop", "parts": [{"type": "text", "content": text},
            {"type": "tool_call", "name": "", "arguments": {"role": ""}}]}])
    };
    let mut value = message("some words");
    value[0]["parts"][1]["name"] = json!("find");
    value[0]["parts"][1]["arguments"]["role"] = json!("secret");
    assert_eq!(truncated(value, 0, 1000), message(""));
}

#[test]
fn of_messages_the_first_and_the_newest_are_kept() {
    let message =
        |text: &str| json!({"role": "user", "parts": [{"type": "text", "content": text}]});
    let list: Value = (0..50).map(|n| message(&format!("message {n}"))).collect();
    let left = truncated(list, 500, 600);
    let left = left.as_array().unwrap();
    assert_eq!(left[0], message("message 0"));
    assert_eq!(left.last(), Some(&message("message 49")));
    let note = json!({"role": "system", "parts": [{"type": "truncated", "content": format!("… [{} left out]", 50 - (left.len() - 1))}]});
    assert_eq!(left[1], note);
}

#[test]
fn the_newest_message_is_shortened_where_it_alone_is_too_large() {
    let message =
        |text: String| json!({"role": "user", "parts": [{"type": "text", "content": text}]});
    let list = json!([
        message("first".into()),
        message("second".into()),
        message("x y".repeat(1000))
    ]);
    let left = truncated(list, 10_000, 600);
    assert_eq!(left[2]["role"], "user");
    let text = left[2]["parts"][0]["content"].as_str().unwrap();
    assert!(
        text.starts_with("x yx y") && text.ends_with("[truncated, 3000 characters]"),
        "{text}"
    );
}

#[test]
fn a_note_has_the_form_of_what_it_stands_for() {
    for (element, note) in [
        (
            json!({"type": "text", "content": "some words"}),
            json!({"type": "truncated", "content": ""}),
        ),
        (
            json!({"type": "function", "name": "some_tool"}),
            json!({"type": "truncated", "name": ""}),
        ),
        (
            json!({"content": "some words", "id": 1}),
            json!({"content": ""}),
        ),
        (json!("some words"), json!("")),
    ] {
        let list = Value::Array(vec![element; 100]);
        let mut found = truncated(list, 500, 500)[1].take();
        for key in ["content", "name"] {
            if let Some(text) = found.get_mut(key) {
                assert!(text.as_str().unwrap().ends_with(" left out]"));
                *text = json!("");
            }
        }
        if found.is_string() {
            found = json!("");
        }
        assert_eq!(found, note);
    }
}

#[test]
fn of_a_map_the_largest_values_are_shortened() {
    let left = truncated(
        json!({"id": 7, "name": "x", "body": "y z".repeat(1000)}),
        10_000,
        300,
    );
    assert_eq!((&left["id"], &left["name"]), (&json!(7), &json!("x")));
    assert!(left["body"].as_str().unwrap().len() > 200);
}

#[test]
fn of_a_map_with_too_many_keys_the_last_go() {
    let map: serde_json::Map<_, _> = (0..1000).map(|n| (format!("{n:04}"), json!(n))).collect();
    let left = truncated(Value::Object(map), 500, 400);
    assert_eq!(left["0000"], 0);
    let kept = left.as_object().unwrap().len() - 1;
    assert_eq!(left["…"], format!("[{} keys left out]", 1000 - kept));
}

#[test]
fn what_is_nested_too_deep_becomes_a_note() {
    let mut value = json!("bottom");
    for _ in 0..1000 {
        value = json!([value]);
    }
    let text = truncated(value, 500, 100_000).to_string();
    assert!(text.contains("[too deep]") && !text.contains("bottom"));
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,80}".prop_map(Value::from),
        "[a-z \"\\\\\n\u{1}]{0,400}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 200, 20, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..20).prop_map(Value::Array),
            prop::collection::btree_map("role|parts|type|name|content|.{0,20}", inner, 0..20)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_left_fits_and_is_not_cut_again(value in values(), chars in 0_usize..300, bytes in 4_usize..3000) {
        let once = truncated(value, chars, bytes);
        prop_assert!(bytes_of(&once) <= bytes);
        prop_assert_eq!(truncated(once.clone(), chars, bytes), once);
    }

    #[test]
    fn a_text_is_never_longer_than_its_limit(text in ".{0,200}", chars in 0_usize..100) {
        let once = truncate_text(&text, chars);
        prop_assert!(once.chars().count() <= chars);
        prop_assert_eq!(truncate_text(&once, chars), once.clone());
        if text.chars().count() <= chars {
            prop_assert_eq!(&once, &text);
        }
    }
}
