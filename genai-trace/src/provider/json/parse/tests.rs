use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::super::limits::Limits;
use super::from_slice;

const FACTS: Limits = Limits::of(false);
const CONTENT: Limits = Limits::of(true);

fn read(text: &str) -> Option<Json> {
    from_slice(text.as_bytes(), &FACTS)
}

#[test]
fn a_value_that_is_small_is_read_as_it_is() {
    for text in [
        "null",
        "true",
        "-1",
        "18446744073709551615",
        "1e300",
        "1.0",
        "\"\\u00e9\\n\"",
        "[]",
        "[1, [2, {\"a\": [null, \"b\"]}], {}]",
        " {\"a\": 1, \"b\": {\"c\": []}, \"a\": 2} ",
    ] {
        assert_eq!(read(text), serde_json::from_str(text).ok(), "{text}");
    }
}

#[test]
fn what_is_no_json_is_none() {
    for text in [
        "",
        "{",
        "[1,]",
        "{\"a\"}",
        "{} {}",
        "nul",
        "\"a",
        "01",
        "{a: 1}",
        "\u{feff}{}",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
    assert_eq!(from_slice(b"\"\xff\"", &FACTS), None);
}

#[test]
fn a_million_levels_are_no_error_and_take_no_stack() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let levels = 1_000_000;
        let deep = format!("{}1{}", open.repeat(levels), close.repeat(levels));
        let text = format!("{{\"deep\": {deep}, \"usage\": {{\"total\": 1}}}}");
        let value = read(&text).expect("JSON");
        assert_eq!(value["usage"], json!({"total": 1}));
        let cut = &text[..text.len() - 1];
        assert_eq!(read(cut), None);
    }
}

#[test]
fn a_text_is_cut_between_characters() {
    let text = format!("x{}", "é".repeat(FACTS.text));
    let value = from_slice(json!({"a": text}).to_string().as_bytes(), &FACTS).expect("JSON");
    let cut = value["a"].as_str().expect("a text");
    assert_eq!(cut.len(), FACTS.text - 1);
    assert!(text.starts_with(cut));
    let whole = from_slice(json!({"a": text}).to_string().as_bytes(), &CONTENT).expect("JSON");
    assert_eq!(whole["a"], json!(text));
}

#[test]
fn a_list_of_numbers_is_cut_and_other_lists_are_not() {
    let numbers: Vec<f64> = (0..1000).map(f64::from).collect();
    let mixed: Vec<_> = (0..1000).map(|at| json!({"at": at})).collect();
    let text = json!({"numbers": numbers, "mixed": mixed, "after": 1}).to_string();
    let value = from_slice(text.as_bytes(), &FACTS).expect("JSON");
    assert_eq!(
        value["numbers"].as_array().map(Vec::len),
        Some(FACTS.numbers)
    );
    assert_eq!(value["mixed"].as_array().map(Vec::len), Some(1000));
    assert_eq!(value["after"], json!(1));
}

#[test]
fn what_comes_after_too_many_values_is_read_where_it_is_outermost() {
    let many = "[{}],".repeat(100_000);
    let text = format!("{{\"many\": [{many}1], \"usage\": {{\"total\": 1}}}}");
    let value = read(&text).expect("JSON");
    assert_eq!(value["usage"], json!({"total": 1}));
    let kept = value["many"].as_array().map(Vec::len).expect("a list");
    assert!(kept < FACTS.values);
}

#[test]
fn a_key_that_is_too_long_is_left_out() {
    let text = format!("{{\"{}\": 1, \"b\": 2}}", "k".repeat(FACTS.text + 1));
    assert_eq!(read(&text), Some(json!({"b": 2})));
}

/// Any value, small enough for every limit.
fn values() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        ".{0,20}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 40, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Json::from),
            prop::collection::btree_map(".{0,5}", inner, 0..8)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_is_read_as_serde_json_reads_it(value in values()) {
        let text = value.to_string();
        prop_assert_eq!(from_slice(text.as_bytes(), &FACTS), serde_json::from_str(&text).ok());
    }

    #[test]
    fn any_bytes_are_json_where_serde_json_says_so(text in "[\\[\\]{}\",:0-9a\\\\ ]{0,30}") {
        let theirs: Option<Json> = serde_json::from_str(&text).ok();
        prop_assert_eq!(read(&text), theirs);
    }
}

#[test]
fn a_text_that_was_cut_inside_a_character_costs_no_other() {
    let read = |text: &str| from_slice(text.as_bytes(), &FACTS);
    assert_eq!(
        read(r#"{"a": "x\ud83d", "b": 2}"#),
        Some(json!({"a": "x\u{fffd}", "b": 2}))
    );
    assert_eq!(read(r#"{"a": "x\ud83d", "b": }"#), None);
}
